package dev.msb.cli;

import dev.msb.sdk.ExitStatus;
import dev.msb.sdk.Sandbox;
import dev.msb.sdk.SandboxException;
import dev.msb.sdk.SandboxProcess;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// `msb attach`: goes on with an exec that was kept, or watches it.
final class AttachCommand implements Command {
  private static final long NO_WATCHDOG = 0;

  @Override
  public String name() {
    return "attach";
  }

  @Override
  public String synopsis() {
    return "NAME/NUMBER [OPTIONS]";
  }

  @Override
  public String summary() {
    return "go on with an exec that was kept";
  }

  @Override
  public List<Option> options() {
    return List.of(
        Option.flag("watch", '\0', "only watch, while another drives it"),
        Option.value("stdout-offset", '\0', "BYTES", "go on after so many bytes of stdout"),
        Option.value("stderr-offset", '\0', "BYTES", "go on after so many bytes of stderr"),
        Option.value("stdin", '\0', "pipe|none", "none: leave its stdin alone"),
        Option.value("status-fd", '\0', "FD", "tell of its end there, as JSON lines"));
  }

  @Override
  public int run(Arguments arguments)
      throws UsageException, SandboxException, InterruptedException {
    arguments.conflict("watch", "stdin");
    arguments.conflict("watch", "stdout-offset");
    arguments.conflict("watch", "stderr-offset");
    ExecId id = ExecId.parse(Names.one(arguments, "attach"));
    long stdout = offset("stdout-offset", arguments.value("stdout-offset"));
    long stderr = offset("stderr-offset", arguments.value("stderr-offset"));
    StatusReport report = StatusReport.of(arguments.value("status-fd"));
    boolean watch = arguments.has("watch");
    String stdin = arguments.value("stdin");
    boolean pump = !watch && !"none".equals(stdin) && !ProcessRunner.stdinIsTerminal();
    Sandbox sandbox = Sandbox.get(id.sandbox());
    try {
      SandboxProcess process =
          watch ? sandbox.watch(id.number()) : sandbox.attach(id.number(), stdout, stderr);
      int signals = StdioPump.takeSignals();
      report.started(sandbox.name(), process);
      ExitStatus status = StdioPump.run(process, pump, signals, NO_WATCHDOG);
      report.ended(status, process);
      return ProcessRunner.statusOf(status);
    } catch (SandboxException e) {
      throw e;
    } catch (IOException e) {
      throw SandboxException.of("cannot attach", e);
    }
  }

  private static long offset(String option, @Nullable String text) throws UsageException {
    if (text == null) {
      return Sandbox.LAST_GRANTED;
    }
    try {
      long offset = Long.parseLong(text);
      if (offset >= 0) {
        return offset;
      }
    } catch (NumberFormatException e) {
      // said below
    }
    throw new UsageException("--" + option + " \"" + text + "\" is no number of bytes");
  }
}
