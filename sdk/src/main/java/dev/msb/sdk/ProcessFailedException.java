package dev.msb.sdk;

import dev.msb.protocol.OneLine;

/// A process was run by [Sandbox#exec] and did not end well, and [ExecResult#orThrow] was asked
/// for.
public final class ProcessFailedException extends SandboxException {
  private static final long serialVersionUID = 1L;
  private static final int LONGEST_LINE = 200;

  private final transient ExecResult result;

  ProcessFailedException(String command, ExecResult result) {
    super(message(command, result));
    this.result = result;
  }

  private static String message(String command, ExecResult result) {
    String what = "\"" + OneLine.of(command) + "\" ";
    if (result.success()) {
      return what
          + "wrote more than was kept, "
          + result.details().stdoutTotal()
          + " bytes to stdout and "
          + result.details().stderrTotal()
          + " to stderr; raise the outputLimit, or read its streams as it runs";
    }
    String line = lastLine(result.stderr());
    return what + ending(result.status()) + (line.isEmpty() ? "" : ": " + line);
  }

  private static String ending(ExitStatus status) {
    return switch (status) {
      case ExitStatus.Exited(int code) -> "ended with code " + code;
      case ExitStatus.Signaled(int signal, boolean dumped) -> "was killed by signal " + signal;
      case ExitStatus.TimedOut timedOut -> "timed out";
      case ExitStatus.Lost(String reason) -> "was lost: " + reason;
    };
  }

  private static String lastLine(String text) {
    String whole = text.strip();
    return OneLine.of(whole.substring(whole.lastIndexOf('\n') + 1), LONGEST_LINE);
  }

  /// How it ended and what it wrote.
  public ExecResult result() {
    return result;
  }

  /// That of the process.
  @Override
  public int exitValue() {
    return result.exitValue();
  }
}
