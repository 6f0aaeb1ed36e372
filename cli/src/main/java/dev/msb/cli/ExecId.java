package dev.msb.cli;

import dev.msb.sdk.ProcessInfo;
import dev.msb.sdk.Sandbox;
import dev.msb.sdk.SandboxException;
import java.util.ArrayList;
import java.util.List;

/// An exec on the command line: `NAME/NUMBER`.
record ExecId(String sandbox, long number) {
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
    List<String> left = new ArrayList<>();
    long number = 0;
    for (ProcessInfo process : sandbox.processes()) {
      if (!process.attached() && process.exitStatus().isEmpty()) {
        number = process.id();
        left.add(sandbox.name() + "/" + number);
      }
    }
    if (left.isEmpty()) {
      throw new SandboxException(
          "no exec of sandbox \""
              + sandbox.name()
              + "\" waits for somebody: msb exec ls "
              + sandbox.name()
              + " shows them");
    }
    if (left.size() > 1) {
      throw new SandboxException("which one? " + String.join(", ", left) + " wait for somebody");
    }
    return new ExecId(sandbox.name(), number);
  }
}
