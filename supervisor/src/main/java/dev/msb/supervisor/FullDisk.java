package dev.msb.supervisor;

/// A VM that is paused as the host's disk is full: when to look whether it may go on. A disk may
/// have room and refuse to be written all the same; so the longer that lasts, the less often it is
/// tried. Times are those of [System#nanoTime].
final class FullDisk {
  private static final long SECOND = 1_000_000_000;
  private static final long FIRST = SECOND;
  private static final long LONGEST = 60 * SECOND;

  /// A VM that ran this long has written what it could not write before.
  private static final long RECOVERED = 10 * SECOND;

  private boolean foundNoRoom; // QEMU, for what the guest writes
  private boolean pausesVm;
  private long wait = FIRST;
  private long due;
  private long wentOn; // meaningless before the first pause

  /// QEMU found no room. It pauses the VM next.
  void found() {
    foundNoRoom = true;
  }

  /// The VM is paused.
  ///
  /// @return whether for this
  boolean paused(long now) {
    pausesVm = foundNoRoom;
    if (pausesVm) {
      wait = now - wentOn >= RECOVERED ? FIRST : Math.min(2 * wait, LONGEST);
      due = now + wait;
    }
    return pausesVm;
  }

  /// The VM goes on.
  void resumed(long now) {
    foundNoRoom = false;
    pausesVm = false;
    wentOn = now;
  }

  /// It was looked for room, or the VM was told to go on.
  void looked(long now) {
    due = now + wait;
  }

  boolean pausesVm() {
    return pausesVm;
  }

  /// Nanoseconds until it is time to look.
  long nanosLeft(long now) {
    return pausesVm ? Math.max(0, due - now) : Long.MAX_VALUE;
  }
}
