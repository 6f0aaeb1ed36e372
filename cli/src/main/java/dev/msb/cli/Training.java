package dev.msb.cli;

import dev.msb.supervisor.SupervisorMain;
import java.util.List;

/// Runs that do what `msb` does most, for the build to make the caches of classes from: one for the
/// command line, one for supervisors. All of a cache is loaded at each start, so it holds what is
/// wanted at once and no more.
///
/// They work in the home that the build gives them, and end as a JVM ends by itself, which is when
/// the cache is written.
final class Training {
  /// The word for the command line's: makes a sandbox, drives a process in it, stops it.
  static final String COMMAND_LINE = "__train";

  /// The word for a supervisor's, with its arguments. Somebody else drives a process.
  static final String SUPERVISOR = "__train-supervisor";

  private static final String BOX = "rehearsal";

  private Training() {}

  static void commandLine() {
    msb("--version");
    msb("create", "--name", BOX);
    msb("exec", "--stream", BOX, "--", "sh", "-c", "cat; echo hello; echo hello >&2");
    msb("stop", BOX);
  }

  static void supervisor(List<String> words) {
    SupervisorMain.run(words);
  }

  private static void msb(String... words) {
    int status = Msb.run(List.of(words));
    if (status != 0) {
      throw new IllegalStateException("msb " + String.join(" ", words) + ": status " + status);
    }
  }
}
