package dev.msb.image;

import dev.msb.protocol.OneLine;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;

/// A program that keeps credentials for Docker: `docker-credential-NAME get` reads a registry from
/// its standard input, and writes JSON with `Username` and `Secret`.
final class CredentialHelper {
  private static final int LONGEST_OUTPUT_BYTES = 64 * 1024;
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");

  private final String program;
  private final String searchPath;
  private final Duration longestRun;

  CredentialHelper(String name, String searchPath, Duration longestRun) throws ImageException {
    // it becomes part of a path
    if (!NAME.matcher(name).matches()) {
      throw new ImageException(
          "\"" + OneLine.of(name, 64) + "\" is no name of a helper that keeps credentials");
    }
    this.program = "docker-credential-" + name;
    this.searchPath = searchPath;
    this.longestRun = longestRun;
  }

  /// Asks the program.
  ///
  /// @param server the registry, as Docker calls it
  /// @param configured the file that names the program
  /// @return empty if it has none
  /// @throws ImageException if the program is not there, fails, or takes too long; nothing of what
  ///   it wrote is in the message
  Optional<Credentials> find(String server, Path configured)
      throws ImageException, InterruptedException {
    Process process = start(configured);
    try {
      FutureTask<byte[]> reading =
          new FutureTask<>(() -> {
            try (InputStream out = process.getInputStream()) {
              return out.readNBytes(LONGEST_OUTPUT_BYTES + 1);
            }
          });
      Thread.ofVirtual().name("msb-credential-helper").start(reading);
      try (OutputStream in = process.getOutputStream()) {
        in.write((server + "\n").getBytes(StandardCharsets.UTF_8));
      } catch (IOException e) {
        // it ended without reading; its exit status says why
      }
      return credentials(process, reading);
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly().onExit().join();
    }
  }

  private Process start(Path configured) throws ImageException {
    for (String directory : searchPath.split(":", -1)) {
      Path path = Path.of(directory, program);
      if (!directory.isEmpty() && Files.isRegularFile(path) && Files.isExecutable(path)) {
        try {
          return new ProcessBuilder(path.toString(), "get")
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
        } catch (IOException e) {
          throw new ImageException("cannot run " + path + ": " + AuthEntries.reason(e), e);
        }
      }
    }
    throw new ImageException(
        program + ", which " + configured + " names, is not in a directory of PATH");
  }

  private Optional<Credentials> credentials(Process process, FutureTask<byte[]> reading)
      throws ImageException, InterruptedException {
    long deadline = System.nanoTime() + longestRun.toNanos();
    byte[] output;
    try {
      output = reading.get(longestRun.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw new ImageException(
          program + " does not answer within " + longestRun.toMillis() + " ms", e);
    } catch (ExecutionException e) {
      throw new ImageException("cannot read from " + program, e);
    }
    if (output.length > LONGEST_OUTPUT_BYTES) {
      throw new ImageException(program + " writes more than " + LONGEST_OUTPUT_BYTES + " bytes");
    }
    if (!process.waitFor(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) {
      throw new ImageException(program + " does not end within " + longestRun.toMillis() + " ms");
    }
    if (process.exitValue() != 0) {
      if (new String(output, StandardCharsets.UTF_8).contains("credentials not found")) {
        return Optional.empty();
      }
      throw new ImageException(program + " failed with exit status " + process.exitValue());
    }
    JsonObject json = JsonObject.parse(output, "the answer of " + program);
    String user = json.string("Username").orElse("");
    String secret = json.string("Secret").orElse("");
    if (user.isEmpty() || secret.isEmpty()) {
      return Optional.empty();
    }
    if (user.equals("<token>")) {
      return Optional.of(new Credentials.IdentityToken(secret));
    }
    if (user.indexOf(':') >= 0) {
      throw new ImageException("the answer of " + program + " has a user name with a colon");
    }
    return Optional.of(new Credentials.Password(user, secret));
  }
}
