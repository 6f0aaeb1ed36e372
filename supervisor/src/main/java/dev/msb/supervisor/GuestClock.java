package dev.msb.supervisor;

import dev.msb.relay.Relay;

/// Keeps the guest's clock at the host's time.
final class GuestClock {
  private static final long MILLI = 1_000_000;
  private static final long PERIOD = 60_000 * MILLI;
  private static final long JUMP = 50 * MILLI;

  private final Relay relay;
  private long due = System.nanoTime() + PERIOD; // when it is set next, whatever happens
  private long offset; // of the host's, from its monotonic one, when the guest's was set

  GuestClock(Relay relay) {
    this.relay = relay;
  }

  /// Sets it.
  void set() {
    long realtime = HostClock.realtimeNanos();
    long now = System.nanoTime();
    offset = realtime - now;
    due = now + PERIOD;
    relay.setClock(realtime);
  }

  /// Sets it if the host has slept or its clock was set: then the guest goes by another time. To be
  /// called before a client's START is passed on, for that may be what woke us.
  void follow() {
    if (Math.abs(HostClock.realtimeNanos() - System.nanoTime() - offset) > JUMP) {
      set();
    }
  }

  /// It may be late: sets it at the next look.
  void suspect() {
    due = System.nanoTime();
  }

  /// When to look at it next.
  long due() {
    return due;
  }

  void checkDeadline(long now) {
    if (now - due >= 0) {
      set();
    }
  }
}
