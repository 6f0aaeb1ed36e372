package dev.msb.relay;

import dev.msb.protocol.ErrorCode;
import dev.msb.protocol.Frame;
import dev.msb.protocol.StartRequest;
import org.jspecify.annotations.Nullable;

/// Until when the guest must have done what an exec needs of it. The agent keeps the exec's own
/// timeout; here is what holds when it does not.
final class ExecDeadlines {
  /// What the guest has beyond the times of which it knows.
  private static final long GRACE_MILLIS = 15_000;

  private static final long GRACE = GRACE_MILLIS * Schedule.MILLI;

  /// For START, also if the agent speaks of other things: it may have many to start.
  private static final long START_MILLIS = 600_000;

  private final Schedule schedule;
  private final long begun;
  private final long timeoutMillis;
  private final long killAfterMillis;
  private long timeoutDue = Schedule.NEVER;
  private long killDue = Schedule.NEVER;
  private long outputMoved; // when something of it came last, or could come again

  /// START is passed on now.
  ExecDeadlines(Schedule schedule, StartRequest request) {
    this.schedule = schedule;
    this.begun = schedule.now();
    this.timeoutMillis = request.timeoutMillis();
    this.killAfterMillis = request.killAfterMillis();
    timeoutFrom(begun);
    schedule.at(begun + AgentWatch.PAUSE);
  }

  private void timeoutFrom(long time) {
    if (timeoutMillis > 0) {
      long killed = Schedule.after(Schedule.after(time, timeoutMillis), killAfterMillis);
      timeoutDue = Schedule.after(killed, GRACE_MILLIS);
      schedule.at(timeoutDue);
    }
  }

  /// It runs from now on.
  void started() {
    timeoutFrom(schedule.now());
  }

  /// KILL is passed on now.
  void killed(long graceMillis) {
    long due = Schedule.after(Schedule.after(schedule.now(), graceMillis), GRACE_MILLIS);
    killDue = Math.min(killDue, due);
    schedule.at(killDue);
  }

  /// After its EXIT, some of its output came, or may come as there is new credit.
  void outputMoved() {
    outputMoved = schedule.now();
    schedule.at(outputMoved + AgentWatch.SILENCE);
  }

  /// Milliseconds since START.
  long ageMillis() {
    return Math.max(0, schedule.now() - begun) / Schedule.MILLI; // some may have been skipped
  }

  /// Looks at an exec in this state.
  ///
  /// @param owesOutput whether the guest could send more of its output, and must
  /// @return what is overdue, for its client; null if nothing is, and then the schedule has the
  ///   time to look again
  Frame.@Nullable Error overdue(long id, Exec.State state, boolean owesOutput, AgentWatch watch) {
    long now = schedule.now();
    long due =
        switch (state) {
          case STARTING -> Math.min(watch.overdueAt(begun), begun + START_MILLIS * Schedule.MILLI);
          case EXITED -> owesOutput ? outputMoved + AgentWatch.SILENCE : Schedule.NEVER;
          case RUNNING, OVER -> Schedule.NEVER;
        };
    boolean ends = state == Exec.State.STARTING || state == Exec.State.RUNNING;
    long ranOut = timeoutDue == Schedule.NEVER ? timeoutDue : timeoutDue - GRACE;
    if (ends && (now >= timeoutDue || (now >= due && now >= ranOut))) {
      String why = watch.why(ranOut, now);
      return new Frame.Error(id, ErrorCode.TIMED_OUT, "its timeout ran out: " + why);
    }
    if (now >= due) {
      boolean starting = state == Exec.State.STARTING;
      String what = starting ? "it did not start: " : "output is missing: ";
      String why = watch.why(starting ? begun : outputMoved, now);
      return new Frame.Error(id, ErrorCode.NO_ANSWER, what + why);
    }
    if (ends && now >= killDue) {
      String why = watch.why(killDue - GRACE, now);
      return new Frame.Error(id, ErrorCode.NO_ANSWER, "it did not end when it was killed: " + why);
    }
    schedule.at(ends ? Math.min(due, Math.min(timeoutDue, killDue)) : due);
    return null;
  }
}
