package dev.msb.cli;

import java.io.IOException;
import java.net.URI;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// A run that loads what `msb` loads, for the build to make the cache of classes from. It starts
/// nothing and changes nothing.
final class Training {
  private static final List<String> MODULES =
      List.of(
          "dev.msb.cli", "dev.msb.sdk", "dev.msb.protocol", "dev.msb.posix", "dev.msb.supervisor");

  private Training() {}

  static void run() {
    for (String name : Commands.names()) {
      Msb.run(List.of(name, "--help"));
    }
    Path image = FileSystems.getFileSystem(URI.create("jrt:/")).getPath("modules");
    for (String module : MODULES) {
      loadAll(image.resolve(module));
    }
  }

  private static void loadAll(Path module) {
    try (Stream<Path> files = Files.walk(module)) {
      for (Path file : files.toList()) {
        String name = module.relativize(file).toString().replace('/', '.');
        if (name.endsWith(".class") && !name.equals("module-info.class")) {
          Class.forName(name.substring(0, name.length() - ".class".length()));
        }
      }
    } catch (IOException | ClassNotFoundException e) {
      throw new IllegalStateException("the image lacks " + module, e);
    }
  }
}
