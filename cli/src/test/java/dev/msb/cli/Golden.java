package dev.msb.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// What users and their programs read, in `src/test/resources/golden`, so that no change of it goes
/// unnoticed. `./build golden` writes it anew, after a change on purpose.
final class Golden {
  private static final Path ROOT = Path.of(System.getProperty("msb.root", ".."));
  private static final Path FILES = ROOT.resolve("cli/src/test/resources/golden");

  private Golden() {}

  static Path file(String name) {
    return FILES.resolve(name);
  }

  /// Compares a text with a file.
  static void check(String name, String text) throws IOException {
    if (Boolean.getBoolean("msb.golden")) {
      Files.createDirectories(file(name).getParent());
      Files.writeString(file(name), text);
    }
    assertThat(text).as(name).isEqualTo(Files.readString(file(name)));
  }

  /// The names of the files of a directory.
  static List<String> names(String directory) throws IOException {
    try (Stream<Path> files = Files.list(file(directory))) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  static String documentation() throws IOException {
    return Files.readString(ROOT.resolve("docs/cli.md"));
  }
}
