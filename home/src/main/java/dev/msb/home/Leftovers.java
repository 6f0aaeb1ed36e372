package dev.msb.home;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;

/// What killed creators and removers left among the sandboxes, under names that start with a dot.
final class Leftovers {
  /// A younger one may be somebody's who has not come to locking it.
  private static final Duration OLD = Duration.ofMinutes(10);

  private Leftovers() {}

  static void remove(Path sandboxes) throws IOException {
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(sandboxes)) {
      for (Path entry : entries) {
        String name = entry.getFileName().toString();
        if (name.startsWith(".new-") || name.startsWith(".old-")) {
          removeIfLeft(entry);
        }
      }
    }
  }

  private static void removeIfLeft(Path entry) throws IOException {
    Path startLock = entry.resolve("start.lock");
    try {
      Instant changed = Files.getLastModifiedTime(entry).toInstant();
      if (changed.isAfter(Instant.now().minus(OLD))) {
        return;
      }
      if (!Files.exists(startLock)) {
        SandboxDirectory.deleteTree(entry);
        return;
      }
      try (StartLock lock = StartLock.tryTake(startLock)) {
        if (lock != null) {
          SandboxDirectory.deleteTree(entry);
        }
      }
    } catch (NoSuchFileException e) {
      // another one removes it, too
    }
  }
}
