package dev.msb.image;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.FileLockInterruptionException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;

/// Locks between processes, and between the threads of this one, on files that stay. A process that
/// ends, however it does, lets go of its own.
final class FileLocks {
  // POSIX locks belong to the process: its threads need locks of their own.
  private static final Map<Path, Shared> HELD = new ConcurrentHashMap<>();

  private FileLocks() {}

  /// A lock that is held until it is closed, by the thread that took it.
  interface Held extends AutoCloseable {
    @Override
    void close();
  }

  /// The lock of one file as this process has it. The process's shared lock is that of all its
  /// threads: the first takes it, the last lets go of it.
  private static final class Shared {
    final ReadWriteLock threads = new ReentrantReadWriteLock(true);
    int readers;
    FileLock lock = NONE;
  }

  @SuppressWarnings("NullAway") // only looked at while it is held
  private static final FileLock NONE = null;

  /// Waits until nobody else has the lock.
  static Held exclusive(Path file) throws IOException {
    Shared shared = of(file);
    lock(shared.threads.writeLock());
    try {
      FileLock lock = lock(file, false);
      return () -> {
        release(lock);
        shared.threads.writeLock().unlock();
      };
    } catch (IOException | RuntimeException e) {
      shared.threads.writeLock().unlock();
      throw e;
    }
  }

  /// Takes the lock if nobody has it; else returns null.
  static @Nullable Held tryExclusive(Path file) throws IOException {
    Shared shared = of(file);
    if (!shared.threads.writeLock().tryLock()) {
      return null;
    }
    FileChannel channel = null;
    FileLock lock = null;
    try {
      channel = FileChannel.open(file, StandardOpenOption.WRITE);
      lock = channel.tryLock();
    } finally {
      if (lock == null) {
        if (channel != null) {
          channel.close();
        }
        shared.threads.writeLock().unlock();
      }
    }
    if (lock == null) {
      return null;
    }
    FileLock taken = lock;
    return () -> {
      release(taken);
      shared.threads.writeLock().unlock();
    };
  }

  /// Waits until nobody has the exclusive lock.
  static Held shared(Path file) throws IOException {
    Shared shared = of(file);
    lock(shared.threads.readLock());
    try {
      synchronized (shared) {
        if (shared.readers == 0) {
          shared.lock = lock(file, true);
        }
        shared.readers++;
      }
    } catch (IOException | RuntimeException e) {
      shared.threads.readLock().unlock();
      throw e;
    }
    return () -> {
      synchronized (shared) {
        shared.readers--;
        if (shared.readers == 0) {
          release(shared.lock);
        }
      }
      shared.threads.readLock().unlock();
    };
  }

  private static Shared of(Path file) {
    return HELD.computeIfAbsent(file.toAbsolutePath().normalize(), path -> new Shared());
  }

  private static void lock(java.util.concurrent.locks.Lock lock) throws InterruptedIOException {
    try {
      lock.lockInterruptibly();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while waiting for another use of the image");
    }
  }

  private static FileLock lock(Path file, boolean isShared) throws IOException {
    FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      return channel.lock(0, Long.MAX_VALUE, isShared);
    } catch (FileLockInterruptionException e) {
      channel.close();
      throw new InterruptedIOException("interrupted while waiting for another use of the image");
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private static void release(FileLock lock) {
    try {
      lock.acquiredBy().close();
    } catch (IOException e) {
      // the descriptor is gone all the same, and the lock with it
    }
  }
}
