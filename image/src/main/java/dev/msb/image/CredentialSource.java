package dev.msb.image;

import java.nio.file.Path;
import java.util.Optional;

/// Where credentials come from. Asked only when a registry wants some; may be asked from several
/// threads at once, and may block.
@FunctionalInterface
public interface CredentialSource {
  /// Knows nobody.
  CredentialSource NONE = registry -> Optional.empty();

  /// The credentials for a registry, `HOST` or `HOST:PORT`; `docker.io` for Docker's.
  ///
  /// @throws ImageException if it cannot be told whether there are some; the message has no secret
  Optional<Credentials> find(String registry) throws ImageException, InterruptedException;

  /// What this user has: our own logins first, then Docker's.
  ///
  /// @param logins the file of a [LoginFile]
  static CredentialSource ofUser(Path logins) {
    return new LoginFile(logins).orElse(DockerConfig.of(System.getenv()));
  }

  /// This first, then the other.
  default CredentialSource orElse(CredentialSource other) {
    return registry -> {
      Optional<Credentials> found = find(registry);
      return found.isPresent() ? found : other.find(registry);
    };
  }
}
