package dev.msb.cli.output;

import dev.msb.sdk.ExitStatus;
import dev.msb.sdk.ProcessInfo;

/// Execs as a table.
public final class ExecTable {
  private ExecTable() {}

  public static Table empty() {
    return new Table("ID", "PID", "STATE", "AGE", "COMMAND");
  }

  public static void row(Table table, String name, ProcessInfo process) {
    table.row(
        name + "/" + process.id(),
        Long.toString(process.pid()),
        state(process),
        age(process),
        String.join(" ", process.argv()));
  }

  /// How long ago it was started.
  public static String age(ProcessInfo process) {
    return process.age().toSeconds() + "s";
  }

  static String state(ProcessInfo process) {
    if (process.exitStatus().isEmpty()) {
      return process.attached() ? "attached" : "detached";
    }
    return switch (process.exitStatus().get()) {
      case ExitStatus.Exited(int code) -> "exited " + code;
      case ExitStatus.Signaled(int signal, boolean core) -> "killed by " + signal;
      case ExitStatus.TimedOut timedOut -> "timed out";
      case ExitStatus.Lost lost -> "lost";
    };
  }
}
