package dev.msb.image;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The registry of Debian's package docker-registry, on a port of its own, with a store of its own.
final class DebianRegistry implements AutoCloseable {
  private static final Pattern LISTENING = Pattern.compile("listening on 127\\.0\\.0\\.1:(\\d+)");

  private final Process process;
  private final Thread draining;
  private final String host;

  /// @param directory for its files; must be empty
  /// @param more lines of its configuration; its `http:` is open
  DebianRegistry(Path directory, String more) throws IOException {
    Path config = directory.resolve("config.yml");
    Files.writeString(
        config,
        """
        version: 0.1
        log:
          level: info
          formatter: text
        storage:
          filesystem:
            rootdirectory: %s
        http:
          addr: 127.0.0.1:0
        %s
        """
            .formatted(directory.resolve("store"), more));
    process =
        new ProcessBuilder(program("docker-registry"), "serve", config.toString())
            .redirectErrorStream(true)
            .start();
    BufferedReader log = process.inputReader();
    List<String> lines = new ArrayList<>();
    String port = "";
    for (String line = log.readLine(); line != null; line = log.readLine()) {
      lines.add(line);
      Matcher matcher = LISTENING.matcher(line);
      if (matcher.find()) {
        port = matcher.group(1);
        break;
      }
    }
    // a full pipe would stop it
    draining =
        Thread.ofVirtual()
            .start(() -> {
              try (log) {
                while (log.readLine() != null) {}
              } catch (IOException e) {
                // it has ended
              }
            });
    if (port.isEmpty()) {
      close();
      throw new IOException("docker-registry does not start: " + lines);
    }
    host = "127.0.0.1:" + port;
  }

  /// `HOST:PORT`.
  String host() {
    return host;
  }

  /// The path of a program that these tests need.
  static String program(String name) {
    Path path = Path.of("/usr/bin", name);
    if (!Files.isExecutable(path)) {
      throw new IllegalStateException(
          path + " is missing: install Debian's packages docker-registry, skopeo and openssl");
    }
    return path.toString();
  }

  /// Runs a program to its end.
  static void run(String... words) throws IOException, InterruptedException {
    List<String> argv = new ArrayList<>(List.of(words));
    argv.set(0, program(words[0]));
    Process process = new ProcessBuilder(argv).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output;
    try (BufferedReader reader = process.inputReader()) {
      output = String.join("\n", reader.lines().toList());
    }
    if (process.waitFor() != 0) {
      throw new IOException(words[0] + " failed: " + output);
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
    boolean interrupted = false;
    while (true) {
      try {
        process.waitFor();
        draining.join();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
