package dev.msb.home;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// Lets one thread of this process at a time at a file. Locks on files belong to whole processes:
/// they do not hold threads apart, and a second thread that tries for one gets an exception.
final class Turns {
  private static final ReentrantLock GUARD = new ReentrantLock();
  private static final Condition ENDED = GUARD.newCondition();
  private static final Set<Path> TAKEN = new HashSet<>(); // guarded by GUARD

  private Turns() {}

  static void take(Path file) throws InterruptedException {
    GUARD.lockInterruptibly();
    try {
      while (!TAKEN.add(file)) {
        ENDED.await();
      }
    } finally {
      GUARD.unlock();
    }
  }

  /// Takes it if no other thread has it.
  static boolean tryTake(Path file) {
    GUARD.lock();
    try {
      return TAKEN.add(file);
    } finally {
      GUARD.unlock();
    }
  }

  static void end(Path file) {
    GUARD.lock();
    try {
      TAKEN.remove(file);
      ENDED.signalAll();
    } finally {
      GUARD.unlock();
    }
  }
}
