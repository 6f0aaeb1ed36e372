package dev.msb.cli.commands;

import dev.msb.cli.output.ExecTable;
import dev.msb.cli.words.UsageException;
import dev.msb.sdk.GuestText;
import dev.msb.sdk.ProcessInfo;
import dev.msb.sdk.Sandbox;
import dev.msb.sdk.SandboxException;
import java.util.ArrayList;
import java.util.List;

/// An exec on the command line: `NAME/NUMBER`.
record ExecId(String sandbox, long number) {
  private static final int LONGEST_COMMAND = 40;

  static ExecId parse(String text) throws UsageException {
    int slash = text.indexOf('/');
    if (slash > 0) {
      try {
        long number = Long.parseLong(text.substring(slash + 1));
        if (number > 0) {
          return new ExecId(text.substring(0, slash), number);
        }
      } catch (NumberFormatException e) {
        // said below
      }
    }
    throw new UsageException(
        "\"" + text + "\" is no exec: write NAME/NUMBER, as msb exec ls shows it");
  }

  /// The only exec of a sandbox that goes on without anybody who drives it.
  static ExecId left(Sandbox sandbox) throws SandboxException, InterruptedException {
    List<ProcessInfo> left = new ArrayList<>();
    for (ProcessInfo process : sandbox.processes()) {
      if (!process.attached() && process.exitStatus().isEmpty()) {
        left.add(process);
      }
    }
    return only(sandbox.name(), left);
  }

  static ExecId only(String sandbox, List<ProcessInfo> left) throws SandboxException {
    if (left.isEmpty()) {
      throw new SandboxException(
          "no exec of sandbox \""
              + sandbox
              + "\" waits for somebody: msb exec ls "
              + sandbox
              + " shows them");
    }
    if (left.size() > 1) {
      throw new SandboxException(
          "which one? "
              + String.join(", ", left.reversed().stream().map(e -> shown(sandbox, e)).toList())
              + " wait for somebody");
    }
    return new ExecId(sandbox, left.getFirst().id());
  }

  private static String shown(String sandbox, ProcessInfo process) {
    String command = GuestText.line(String.join(" ", process.argv()), LONGEST_COMMAND);
    return sandbox + "/" + process.id() + " (" + command + ", " + ExecTable.age(process) + ")";
  }
}
