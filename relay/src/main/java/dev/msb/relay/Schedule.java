package dev.msb.relay;

import java.util.function.LongSupplier;

/// What time it is for a relay, and when it must look at its deadlines next. Times are nanoseconds
/// since this object was made, by a clock that is passed in, less what was skipped.
final class Schedule {
  /// A time that does not come.
  static final long NEVER = Long.MAX_VALUE;

  static final long SECOND = 1_000_000_000;
  static final long MILLI = 1_000_000;

  private final LongSupplier nanoTime;
  private long origin;
  private long next = NEVER;

  Schedule(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.origin = nanoTime.getAsLong();
  }

  long now() {
    return nanoTime.getAsLong() - origin;
  }

  /// Has this much of the time that has gone by not count.
  void skip(long nanos) {
    origin += nanos;
  }

  /// So many milliseconds after a time; [#NEVER] if that is too far away to be told.
  static long after(long time, long millis) {
    long most = (NEVER - 1 - time) / MILLI;
    return time == NEVER || millis > most ? NEVER : time + millis * MILLI;
  }

  /// There is something to look at then.
  void at(long time) {
    next = Math.min(next, time);
  }

  /// Whether it is time to look. Whoever does says anew, with [#at], when to look again.
  boolean isDue() {
    if (next == NEVER || now() < next) {
      return false;
    }
    next = NEVER;
    return true;
  }

  /// Nanoseconds until it is time to look.
  long nanosLeft() {
    return next == NEVER ? NEVER : Math.max(0, next - now());
  }
}
