package dev.msb.home;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Lets one starter at a time at a sandbox: one process by a lock on a file, one thread of it by
/// [Turns].
public final class StartLock implements AutoCloseable {
  private final List<Path> names = new ArrayList<>();
  private final FileLock lock;

  private StartLock(Path name, FileLock lock) {
    this.names.add(name);
    this.lock = lock;
  }

  /// Waits for the lock.
  ///
  /// @throws java.nio.file.NoSuchFileException if the file is not there, or goes meanwhile
  static StartLock take(Path file) throws IOException, InterruptedException {
    return take(file, file);
  }

  /// The same for a file that is about to be renamed to `name`, whose lock it will be.
  static StartLock take(Path file, Path name) throws IOException, InterruptedException {
    Turns.take(name);
    boolean taken = false;
    try {
      StartLock lock = new StartLock(name, lock(file));
      taken = true;
      return lock;
    } catch (IOException e) {
      throw SandboxDirectory.interruption(e);
    } finally {
      if (!taken) {
        Turns.end(name);
      }
    }
  }

  /// Takes the lock if nobody has it.
  ///
  /// @return null if somebody does, or a thread of this process waits for it
  static @Nullable StartLock tryTake(Path file) throws IOException {
    if (!Turns.tryTake(file)) {
      return null;
    }
    FileLock lock = null;
    try {
      lock = SandboxDirectory.tryLock(file, false);
      return lock == null ? null : new StartLock(file, lock);
    } finally {
      if (lock == null) {
        Turns.end(file);
      }
    }
  }

  /// Makes this the lock of another name, too, to which the file is about to be renamed.
  ///
  /// @return false if a thread of this process has that lock
  boolean extendTo(Path name) {
    return Turns.tryTake(name) && names.add(name);
  }

  /// Locks the file that has this name when the lock is there: the sandbox may have been renamed or
  /// removed, and another made, while we waited.
  private static FileLock lock(Path file) throws IOException {
    while (true) {
      Object before = identity(file);
      FileChannel channel =
          FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
      boolean locked = false;
      try {
        FileLock lock = channel.lock();
        locked = identity(file).equals(before);
        if (locked) {
          return lock;
        }
      } finally {
        if (!locked) {
          channel.close();
        }
      }
    }
  }

  private static Object identity(Path file) throws IOException {
    return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
  }

  /// Says to the compiler that holding it is all that is wanted.
  public void hold() {}

  @Override
  public void close() throws IOException {
    try {
      lock.acquiredBy().close();
    } finally {
      names.forEach(Turns::end);
    }
  }
}
