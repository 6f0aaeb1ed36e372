package dev.msb.image;

import dev.msb.protocol.Bytes;
import dev.msb.protocol.OneLine;
import dev.msb.protocol.Protocol;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// How an image wants to be run, and what its layers are once they are unpacked.
///
/// No string in it holds a NUL, so each can be an argument of a process.
///
/// @param platform what it runs on; empty if the image does not say
/// @param entrypoint first words of the command; may be empty, as it is where the image has one
///   empty word there
/// @param cmd further words, which a user's own replace; may be empty
/// @param env `NAME=value`, each with a name; others are left out
/// @param workingDirectory absolute path in the guest, which need not be in any layer; empty for /
/// @param user `[NAME|UID][:[GROUP|GID]]`; empty for root
/// @param stopSignal `SIGTERM` or `15`; empty for the usual one
/// @param exposedPorts `8080/tcp`, not checked
/// @param volumes absolute paths of directories for data, which need not be in any layer
/// @param labels notes of who made it
/// @param diffIds digests of the layers' uncompressed tar archives, the lowest first
/// @param created when it was made
public record ImageConfig(
    Optional<Platform> platform,
    List<String> entrypoint,
    List<String> cmd,
    List<String> env,
    String workingDirectory,
    String user,
    String stopSignal,
    Set<String> exposedPorts,
    Set<String> volumes,
    Map<String, String> labels,
    List<Digest> diffIds,
    Optional<Instant> created) {
  /// Largest configuration, in bytes.
  public static final int LARGEST_BYTES = 4 * 1024 * 1024;

  private static final int MOST_VOLUMES_BYTES = 16 * 1024;

  private static final String WHAT = "the image's configuration";

  /// Copies the collections.
  public ImageConfig {
    entrypoint = List.copyOf(entrypoint);
    cmd = List.copyOf(cmd);
    env = List.copyOf(env);
    exposedPorts = Set.copyOf(exposedPorts);
    volumes = Set.copyOf(volumes);
    labels = Map.copyOf(labels);
    diffIds = List.copyOf(diffIds);
  }

  /// Reads a configuration in the format of the OCI or of Docker.
  ///
  /// @throws ImageException if it is neither, or larger than [#LARGEST_BYTES]
  public static ImageConfig parse(byte[] bytes) throws ImageException {
    if (bytes.length > LARGEST_BYTES) {
      throw new ImageException(
          WHAT + " has " + bytes.length + " bytes, more than " + LARGEST_BYTES);
    }
    JsonObject json = JsonObject.parse(bytes, WHAT);
    JsonObject run = json.object("config").orElse(JsonObject.parse(new byte[] {'{', '}'}, WHAT));
    Optional<JsonObject> ports = run.object("ExposedPorts");
    return new ImageConfig(
        Platform.from(json),
        entrypoint(run),
        words(run, "Cmd"),
        env(run),
        absolute(word(run, "WorkingDir")),
        word(run, "User"),
        word(run, "StopSignal"),
        ports.isEmpty() ? Set.of() : ports.get().names(),
        volumes(run),
        run.stringMap("Labels"),
        diffIds(json),
        created(json));
  }

  /// Looks whether Linux could run a process so, by execve(2)'s limits.
  ///
  /// @throws ImageException if it could not; the message names what is too long
  void check() throws ImageException {
    long sum = 0;
    for (String variable : env) {
      int bytes = bytes(variable);
      sum += bytes + 9; // the end, and the address that leads to it
      String name = variable.substring(0, variable.indexOf('='));
      check("the variable " + OneLine.of(name, 80), bytes, Protocol.MAX_STRING_BYTES);
    }
    check("the environment", sum, Protocol.MAX_ENVIRONMENT_BYTES);
    for (String word : entrypoint) {
      check("a word of the entrypoint", bytes(word), Protocol.MAX_STRING_BYTES);
    }
    for (String word : cmd) {
      check("a word of the command", bytes(word), Protocol.MAX_STRING_BYTES);
    }
    check("the working directory", bytes(workingDirectory), Protocol.MAX_PATH_BYTES);
    check("the user", bytes(user), Protocol.MAX_USER_BYTES);
    long all = 0;
    for (String volume : volumes) {
      check("a volume", bytes(volume), Protocol.MAX_PATH_BYTES);
      all += bytes(volume) + 4;
    }
    check("all volumes", all, MOST_VOLUMES_BYTES);
  }

  private static int bytes(String text) {
    return Bytes.of(text).length;
  }

  private static void check(String what, long bytes, int most) throws ImageException {
    if (bytes > most) {
      throw new ImageException(
          WHAT + ": " + what + " takes " + bytes + " bytes, more than the " + most + " possible");
    }
  }

  private static List<Digest> diffIds(JsonObject json) throws ImageException {
    JsonObject rootfs = json.object("rootfs").orElseThrow(() -> json.lacks("rootfs"));
    String type = rootfs.string("type").orElse("layers");
    if (!type.equals("layers")) {
      throw new ImageException(WHAT + " has a root of an unknown type: " + OneLine.of(type, 40));
    }
    List<String> texts = rootfs.strings("diff_ids");
    if (texts.size() > Manifest.MOST_LAYERS) {
      throw new ImageException(
          WHAT + " names " + texts.size() + " layers, more than " + Manifest.MOST_LAYERS);
    }
    List<Digest> digests = new ArrayList<>();
    for (String text : texts) {
      digests.add(json.digest(text));
    }
    return digests;
  }

  /// Builders write one empty word to take away the entrypoint of the image that theirs is made of.
  private static List<String> entrypoint(JsonObject run) throws ImageException {
    List<String> words = words(run, "Entrypoint");
    return words.equals(List.of("")) ? List.of() : words;
  }

  private static Set<String> volumes(JsonObject run) throws ImageException {
    Set<String> volumes = new TreeSet<>();
    Optional<JsonObject> named = run.object("Volumes");
    for (String path : named.isEmpty() ? Set.<String>of() : named.get().names()) {
      checkWord("Volumes", path);
      if (!path.isEmpty()) {
        volumes.add(absolute(path));
      }
    }
    return volumes;
  }

  private static String absolute(String path) {
    return path.isEmpty() || path.startsWith("/") ? path : "/" + path;
  }

  private static List<String> env(JsonObject run) throws ImageException {
    List<String> env = new ArrayList<>();
    for (String variable : words(run, "Env")) {
      // images have been seen that name a variable without a value; there is nothing to set then
      if (variable.indexOf('=') > 0) {
        env.add(variable);
      }
    }
    return env;
  }

  private static List<String> words(JsonObject run, String name) throws ImageException {
    List<String> words = run.strings(name);
    for (String word : words) {
      checkWord(name, word);
    }
    return words;
  }

  private static String word(JsonObject run, String name) throws ImageException {
    String word = run.string(name).orElse("");
    checkWord(name, word);
    return word;
  }

  private static void checkWord(String name, String word) throws ImageException {
    if (word.indexOf('\0') >= 0) {
      throw new ImageException(WHAT + " has a NUL in \"" + name + "\"");
    }
  }

  private static Optional<Instant> created(JsonObject json) throws ImageException {
    Optional<String> text = json.string("created").filter(created -> !created.isEmpty());
    if (text.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(OffsetDateTime.parse(text.get()).toInstant());
    } catch (DateTimeException e) {
      throw new ImageException(WHAT + ": \"created\" is no time: " + OneLine.of(text.get(), 60), e);
    }
  }
}
