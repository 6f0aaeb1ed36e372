package dev.msb.image;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/// The credentials of Docker's own `config.json`, so that a user who has logged in there need not
/// do it again. Never written.
///
/// Knows `auths`, `credHelpers` and `credsStore`; the latter two name programs that are asked, each
/// for at most 30 seconds. The file is read at each question, as it is when another program has
/// changed it. For use by any thread.
public final class DockerConfig implements CredentialSource {
  private static final Duration LONGEST_HELPER_RUN = Duration.ofSeconds(30);

  private final Path file;
  private final String searchPath;
  private final Duration longestRun;

  /// Over a file that need not exist.
  ///
  /// @param file `config.json`
  /// @param searchPath directories of the helpers, as in `PATH`
  public DockerConfig(Path file, String searchPath) {
    this(file, searchPath, LONGEST_HELPER_RUN);
  }

  DockerConfig(Path file, String searchPath, Duration longestRun) {
    this.file = file;
    this.searchPath = searchPath;
    this.longestRun = longestRun;
  }

  /// The file that Docker would use: `$DOCKER_CONFIG/config.json`, or `~/.docker/config.json`.
  ///
  /// @param environment the variables of this process
  public static DockerConfig of(Map<String, String> environment) {
    String named = environment.getOrDefault("DOCKER_CONFIG", "");
    Path directory =
        named.isEmpty() ? Path.of(System.getProperty("user.home"), ".docker") : Path.of(named);
    return new DockerConfig(directory.resolve("config.json"), environment.getOrDefault("PATH", ""));
  }

  @Override
  public Optional<Credentials> find(String registry) throws ImageException, InterruptedException {
    Optional<JsonObject> json = AuthEntries.readFile(file);
    if (json.isEmpty()) {
      return Optional.empty();
    }
    Map<String, String> helpers = json.get().stringMap("credHelpers");
    String key = AuthEntries.key(registry);
    String helper =
        helpers.getOrDefault(
            registry, helpers.getOrDefault(key, json.get().string("credsStore").orElse("")));
    if (!helper.isEmpty()) {
      Optional<Credentials> found =
          new CredentialHelper(helper, searchPath, longestRun).find(key, file);
      if (found.isPresent()) {
        return found;
      }
    }
    return Optional.ofNullable(AuthEntries.read(json.get()).get(registry));
  }
}
