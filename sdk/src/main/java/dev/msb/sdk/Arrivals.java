package dev.msb.sdk;

import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/// In which order a process's output came, for who takes both streams in that order. The bytes
/// themselves are in the streams, so what is noted here is bounded by their windows.
final class Arrivals {
  private static final int STDERR = 2;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  /// Runs of bytes of one stream, their lengths negative for stderr. A run is as long as it can be.
  private final ArrayDeque<Integer> runs = new ArrayDeque<>(); // guarded by lock

  // The connection's reader.

  void came(int stream, int length) {
    int run = stream == STDERR ? -length : length;
    lock.lock();
    try {
      Integer last = runs.peekLast();
      if (last != null && last < 0 == run < 0) {
        runs.removeLast();
        run += last;
      }
      runs.addLast(run);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// Something else happened.
  void changed() {
    lock.lock();
    try {
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  // The consumer.

  /// Waits for output, and takes the first run or, if that is longer, `most` bytes of it.
  ///
  /// @param over whether there will be none; looked at again after each [#changed]
  /// @return the number of bytes, negative for stderr; 0 if there will be none
  int take(int most, BooleanSupplier over) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (runs.isEmpty()) {
        if (over.getAsBoolean()) {
          return 0;
        }
        changed.await();
      }
      int run = runs.removeFirst();
      int taken = Math.clamp(run, -most, most);
      if (taken != run) {
        runs.addFirst(run - taken);
      }
      return taken;
    } finally {
      lock.unlock();
    }
  }

  /// Waits until something holds, which is looked at again after each change.
  void await(BooleanSupplier condition) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (!condition.getAsBoolean()) {
        changed.await();
      }
    } finally {
      lock.unlock();
    }
  }
}
