package dev.msb.supervisor;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Lets one starter at a time at a sandbox: one process by a lock on a file, and one thread of a
/// process by a table, as such locks belong to the whole process.
public final class StartLock implements AutoCloseable {
  private static final ReentrantLock GUARD = new ReentrantLock();
  private static final Condition RELEASED = GUARD.newCondition();
  private static final Set<Path> HELD = new HashSet<>(); // guarded by GUARD

  private final Path file;
  private final @Nullable FileLock lock;

  private StartLock(Path file, @Nullable FileLock lock) {
    this.file = file;
    this.lock = lock;
  }

  /// Waits for the lock.
  static StartLock take(Path file) throws IOException, InterruptedException {
    await(file);
    FileChannel channel = null;
    try {
      channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
      return new StartLock(file, channel.lock());
    } catch (IOException e) {
      if (channel != null) {
        channel.close();
      }
      release(file);
      throw SandboxDirectory.interruption(e);
    }
  }

  /// Waits for a thread's turn at a file among those of this process; other processes notice
  /// nothing.
  static StartLock turn(Path file) throws InterruptedException {
    await(file);
    return new StartLock(file, null);
  }

  private static void await(Path file) throws InterruptedException {
    GUARD.lockInterruptibly();
    try {
      while (!HELD.add(file)) {
        RELEASED.await();
      }
    } finally {
      GUARD.unlock();
    }
  }

  /// Says to the compiler that holding it is all that is wanted.
  public void hold() {}

  @Override
  public void close() throws IOException {
    try {
      if (lock != null) {
        lock.acquiredBy().close();
      }
    } finally {
      release(file);
    }
  }

  private static void release(Path file) {
    GUARD.lock();
    try {
      HELD.remove(file);
      RELEASED.signalAll();
    } finally {
      GUARD.unlock();
    }
  }
}
