package dev.msb.image;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A directory for the time of one piece of work, removed with all that is in it when it is closed.
/// What a killed process left of its own is removed by the next one that works.
final class WorkDirectory implements AutoCloseable {
  private static final String LOCK = "lock";

  private final Path path;
  private final FileChannel inUse;

  WorkDirectory(Path parent) throws IOException {
    // A directory that is not locked yet must not look like one that is left.
    FileLocks.Held held = FileLocks.exclusive(parent.resolve("making.lock"));
    try (held) {
      removeLeft(parent);
      path = Files.createTempDirectory(parent, "work-");
      inUse =
          FileChannel.open(
              path.resolve(LOCK), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
      inUse.lock();
    }
  }

  Path path() {
    return path;
  }

  @Override
  public void close() throws IOException {
    try (inUse) {
      remove(path);
    }
  }

  private static void removeLeft(Path parent) throws IOException {
    try (DirectoryStream<Path> left = Files.newDirectoryStream(parent, "work-*")) {
      for (Path directory : left) {
        if (isLeft(directory.resolve(LOCK))) {
          remove(directory);
        }
      }
    }
  }

  private static boolean isLeft(Path lock) throws IOException {
    try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.WRITE)) {
      return channel.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      return false; // a thread of ours has it
    } catch (NoSuchFileException e) {
      return true;
    }
  }

  /// Removes what killed processes left. Nobody else may work meanwhile.
  ///
  /// @return how many bytes that were
  static long removeAll(Path parent) throws IOException {
    long bytes = 0;
    try (Stream<Path> entries = Files.list(parent)) {
      for (Path entry : entries.toList()) {
        bytes += remove(entry);
      }
    }
    return bytes;
  }

  private static long remove(Path root) throws IOException {
    long[] bytes = {0};
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            bytes[0] += attributes.size();
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
              throws IOException {
            Files.delete(directory);
            return FileVisitResult.CONTINUE;
          }
        });
    return bytes[0];
  }
}
