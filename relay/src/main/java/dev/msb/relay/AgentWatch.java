package dev.msb.relay;

/// Whether the guest is there to answer: when its agent was last heard, and whether its VM is
/// paused. Times are those of a [Schedule].
final class AgentWatch {
  /// How long the agent may say nothing while it owes an answer. Long, as a guest may be slow
  /// without being stuck, and what is given up is not taken back.
  static final long SILENCE = 60 * Schedule.SECOND;

  /// The same while the VM is known to be paused.
  static final long PAUSE = 10 * Schedule.SECOND;

  private static final long DISTRACTED = 5 * Schedule.SECOND;

  private long heard;
  private String paused = "";

  void heard(long now) {
    heard = now;
  }

  long lastHeard() {
    return heard;
  }

  /// The VM is paused, and why.
  void paused(String why) {
    paused = why;
  }

  /// It goes on, and has all its time again.
  void resumed(long now) {
    paused = "";
    heard = now;
  }

  boolean isPaused() {
    return !paused.isEmpty();
  }

  /// When an answer that is owed since a time is overdue.
  long overdueAt(long since) {
    return isPaused() ? since + PAUSE : Math.max(since, heard) + SILENCE;
  }

  /// Why there is no answer, for people.
  ///
  /// @param since when it should have begun to come
  String why(long since, long now) {
    if (isPaused()) {
      return "the VM is paused: " + paused;
    }
    if (heard <= since) {
      return "the guest has not answered for " + time(now - since);
    }
    return now - heard < DISTRACTED
        ? "the guest answers, but not to this"
        : "nothing was heard from the guest for " + time(now - heard);
  }

  private static String time(long nanos) {
    long millis = nanos / Schedule.MILLI;
    return millis < 1000 ? millis + " ms" : millis / 1000 + " s";
  }
}
