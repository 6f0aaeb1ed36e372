package dev.msb.supervisor;

import dev.msb.home.Ending;
import org.jspecify.annotations.Nullable;

/// When a sandbox ends by itself: after so long without use, or so long after its VM's start.
///
/// Times are of one monotonic clock, in nanoseconds; whoever owns the clock says what time it is.
final class Lifespan {
  /// Time left where there is no end.
  static final long NEVER = Long.MAX_VALUE;

  private static final long MILLI = 1_000_000;

  private final long start;
  private final long idleNanos; // 0 for any time
  private final long mostNanos; // 0 for any time
  private long idleSince;
  private boolean idle;

  /// The VM starts now. Of both limits 0 means none.
  Lifespan(long now, long idleMillis, long mostMillis) {
    this.start = now;
    this.idleNanos = idleMillis * MILLI;
    this.mostNanos = mostMillis * MILLI;
  }

  /// Says whether the sandbox is in use. What it is used for begins and ends between two calls only
  /// if [#touch] tells.
  void observe(boolean inUse, long now) {
    if (inUse) {
      idle = false;
    } else if (!idle) {
      idle = true;
      idleSince = now;
    }
  }

  /// It was used just now.
  void touch(long now) {
    idleSince = now;
  }

  /// Time until it ends if nobody uses it; 0 or less if that time has come.
  long nanosLeft(long now) {
    long left = mostNanos == 0 ? NEVER : mostNanos - (now - start);
    return idle && idleNanos != 0 ? Math.min(left, idleNanos - (now - idleSince)) : left;
  }

  /// Why it ends now; null if it goes on.
  Ending.@Nullable Cause due(long now) {
    if (nanosLeft(now) > 0) {
      return null;
    }
    return mostNanos != 0 && now - start >= mostNanos
        ? Ending.Cause.MAX_DURATION
        : Ending.Cause.IDLE;
  }

  /// Milliseconds since it was last used, 0 while it is in use.
  long idleMillis(long now) {
    return idle ? (now - idleSince) / MILLI : 0;
  }

  /// Milliseconds since the VM's start.
  long upMillis(long now) {
    return (now - start) / MILLI;
  }
}
