package dev.msb.cli.process;

import dev.msb.cli.output.Output;
import dev.msb.posix.Posix;
import dev.msb.sdk.ExitStatus;
import dev.msb.sdk.SandboxProcess;
import java.io.IOException;
import java.nio.ByteBuffer;

/// Sits at the terminal of a process until one of the two has enough.
public final class TerminalRunner {
  private static final int SIGNALED = 128;

  /// What is told to whom when it is over; `quiet` leaves the person out.
  private record Sitting(String exec, boolean quiet, StatusReport report) {}

  private TerminalRunner() {}

  /// A process that was just started, with our terminal's size.
  ///
  /// @return the status that msb ends with, or [ProcessRunner#LEFT]
  public static int run(String sandbox, SandboxProcess process, ProcessOptions options, int signals)
      throws IOException {
    Sitting sitting =
        new Sitting(sandbox + "/" + process.id(), options.isQuiet(), options.report());
    TerminalSeat seat = TerminalSeat.take(process, options.detachKeys(), true);
    return sit(sitting, process, seat, signals, options.watchdogMillis());
  }

  /// One that somebody else has left.
  public static int resume(
      String sandbox,
      SandboxProcess process,
      DetachKeys keys,
      boolean quiet,
      StatusReport report,
      int signals)
      throws IOException {
    Sitting sitting = new Sitting(sandbox + "/" + process.id(), quiet, report);
    return sit(sitting, process, TerminalSeat.take(process, keys, false), signals, 0);
  }

  private static int sit(
      Sitting sitting, SandboxProcess process, TerminalSeat seat, int signals, long watchdogMillis)
      throws IOException {
    ExitStatus status;
    try {
      status = StdioPump.run(process, seat, signals, watchdogMillis);
      if (seat.isLeft()) {
        process.detach();
      }
    } finally {
      seat.leave();
    }
    if (seat.isLeft()) {
      beginLine();
      sitting.report().detached(sitting.exec());
      if (!sitting.quiet()) {
        String exec = sitting.exec();
        Output.error("left " + exec + " running; msb attach " + exec + " comes back to it");
      }
      return ProcessRunner.LEFT;
    }
    if (seat.endedBy() != 0) {
      beginLine();
      return SIGNALED + seat.endedBy();
    }
    if (status instanceof ExitStatus.Lost) {
      beginLine();
    }
    sitting.report().ended(status, process);
    return ProcessRunner.statusOf(status);
  }

  /// The process did not expect its end, so the cursor is wherever it has left it.
  private static void beginLine() {
    ByteBuffer newLine = ByteBuffer.allocateDirect(1).put(0, (byte) '\n');
    Posix.write(LocalTerminal.isTerminal(1) ? 1 : 2, newLine, 0, 1);
  }
}
