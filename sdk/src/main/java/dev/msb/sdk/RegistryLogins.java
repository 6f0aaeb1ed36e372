package dev.msb.sdk;

import dev.msb.image.Credentials;
import dev.msb.image.ImageSettings;
import dev.msb.image.LoginFile;
import dev.msb.image.Reference;
import dev.msb.image.Registry;
import java.io.IOException;
import java.util.List;

/// The user's logins to registries. They are in the file `logins.json` in msb's home, which only
/// its owner can read (0600); it is not encrypted, as Docker's is not. A registry that has no login
/// here gets that of Docker's `config.json`.
///
/// A registry is named `HOST` or `HOST:PORT`, Docker's `docker.io`. All methods block, and may be
/// called from any thread, in several programs at once.
public final class RegistryLogins {
  /// Docker's registry, which images have that name none.
  public static final String DEFAULT_REGISTRY = Reference.DEFAULT_REGISTRY;

  private RegistryLogins() {}

  /// The registry that a user means: without `https://` and a trailing slash or version of the API,
  /// and `docker.io` under all its names.
  ///
  /// @throws IllegalArgumentException if it is no `HOST` or `HOST:PORT`
  public static String registryOf(String text) {
    return Reference.registryOf(text);
  }

  /// The registries that there are logins for, by name.
  ///
  /// @throws SandboxException if they cannot be read
  public static List<String> list() throws SandboxException {
    ImageAccess access = ImageAccess.ofUser();
    try {
      return new LoginFile(access.home().logins()).registries();
    } catch (IOException e) {
      throw SandboxException.of("cannot read the logins", e);
    }
  }

  /// Asks a registry whether it takes these credentials, and keeps them if it does, in place of an
  /// earlier login.
  ///
  /// @param registry as the user wrote it
  /// @param user without colons
  /// @param password or an access token that is used like one
  /// @throws IllegalArgumentException if that is no registry, or the user has a colon
  /// @throws SandboxException if the registry refuses them or does not answer, or they cannot be
  ///   kept; an earlier login stays
  /// @throws InterruptedException when interrupted; an earlier login stays
  public static void login(String registry, String user, String password, RegistryAccess registries)
      throws SandboxException, InterruptedException {
    String name = registryOf(registry);
    Credentials given = new Credentials.Password(user, password);
    ImageAccess access = ImageAccess.ofUser();
    try {
      ImageSettings settings = access.settings();
      try (Registry asked = access.registry(settings, registries, name)) {
        asked.verify(name, given);
      }
      new LoginFile(access.home().logins()).login(name, given);
    } catch (IOException e) {
      throw SandboxException.of("cannot log in to " + name, e);
    }
  }

  /// Forgets a login.
  ///
  /// @param registry as the user wrote it
  /// @return whether there was one
  /// @throws IllegalArgumentException if that is no registry
  /// @throws SandboxException if the logins cannot be read or written
  public static boolean logout(String registry) throws SandboxException {
    String name = registryOf(registry);
    ImageAccess access = ImageAccess.ofUser();
    try {
      return new LoginFile(access.home().logins()).logout(name);
    } catch (IOException e) {
      throw SandboxException.of("cannot log out", e);
    }
  }
}
