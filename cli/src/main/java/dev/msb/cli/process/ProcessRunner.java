package dev.msb.cli.process;

import dev.msb.cli.output.Output;
import dev.msb.posix.Posix;
import dev.msb.sdk.ExitStatus;
import dev.msb.sdk.SandboxException;
import dev.msb.sdk.SandboxProcess;
import dev.msb.sdk.SandboxProcessBuilder;
import java.io.IOException;

/// Starts a process, stands in for it, and turns its end into ours.
public final class ProcessRunner {
  /// What is returned in place of a status if the process goes on without us.
  public static final int LEFT = -1;

  private ProcessRunner() {}

  /// What msb ends with; says so if the end is not known.
  public static int statusOf(ExitStatus status) {
    // No patterns of records: see FrameCodec.
    ExitStatus how = status instanceof ExitStatus.TimedOut timedOut ? timedOut.how() : status;
    if (how instanceof ExitStatus.Lost lost) {
      Output.error(lost.reason());
    }
    return status.exitValue();
  }

  public static boolean stdinIsTerminal() {
    return Posix.isatty(0) == 1;
  }

  /// Runs it to its end, and returns the status that msb ends with, or [#LEFT].
  public static int run(String sandbox, SandboxProcessBuilder builder, ProcessOptions options)
      throws SandboxException, InterruptedException {
    try {
      long file = options.hasStdin() ? StdioPump.file() : StdioPump.NO_FILE;
      SandboxProcess process = builder.start(); // until here a signal ends us, as it should
      int signals = StdioPump.takeSignals();
      options.report().started(sandbox, process);
      if (options.hasTerminal()) {
        return TerminalRunner.run(sandbox, process, options, signals);
      }
      ExitStatus status =
          StdioPump.run(process, options.hasStdin(), file, signals, options.watchdogMillis());
      options.report().ended(status, process);
      return statusOf(status);
    } catch (SandboxException e) {
      options.report().failed(e.exitValue(), String.valueOf(e.getMessage()));
      throw e;
    } catch (IOException e) {
      throw SandboxException.of("cannot run the command", e);
    }
  }
}
