package dev.msb.image;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/// Runs the programs that tests compare with. One that is missing fails the test.
final class Programs {
  private Programs() {}

  /// Runs a program to its end.
  ///
  /// @return its standard output and error
  static String run(Path directory, String... argv) throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(List.of(argv));
    builder.directory(directory.toFile()).redirectErrorStream(true);
    builder.environment().put("LC_ALL", "C");
    Process process;
    try {
      process = builder.start();
    } catch (IOException e) {
      throw new AssertionError(
          "this test needs "
              + argv[0]
              + ": apt-get install squashfs-tools umoci tar attr libcap2-bin libarchive-tools",
          e);
    }
    process.getOutputStream().close();
    String output =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    int status = process.waitFor();
    if (status != 0) {
      throw new AssertionError(String.join(" ", argv) + " ended with " + status + ": " + output);
    }
    return output;
  }

  /// Unpacks a root disk into a new directory `name`.
  static Path unsquash(Path disk, Path parent, String name)
      throws IOException, InterruptedException {
    Path to = parent.resolve(name);
    run(parent, "unsquashfs", "-no-progress", "-quiet", "-d", to.toString(), disk.toString());
    return to;
  }
}
