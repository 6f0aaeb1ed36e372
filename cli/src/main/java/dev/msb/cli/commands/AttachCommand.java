package dev.msb.cli.commands;

import dev.msb.cli.output.ExitCodes;
import dev.msb.cli.process.DetachKeys;
import dev.msb.cli.process.ProcessRunner;
import dev.msb.cli.process.StatusReport;
import dev.msb.cli.process.StdioPump;
import dev.msb.cli.process.TerminalRunner;
import dev.msb.cli.words.Arguments;
import dev.msb.cli.words.Command;
import dev.msb.cli.words.Option;
import dev.msb.cli.words.UsageException;
import dev.msb.sdk.ExitStatus;
import dev.msb.sdk.Sandbox;
import dev.msb.sdk.SandboxException;
import dev.msb.sdk.SandboxProcess;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// `msb attach`: goes on with an exec that was kept, or watches it.
public final class AttachCommand implements Command {
  private static final long NO_WATCHDOG = 0;

  @Override
  public String name() {
    return "attach";
  }

  @Override
  public String synopsis() {
    return "NAME[/NUMBER] [OPTIONS]";
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
        Option.value(
            "detach-keys", '\0', "KEYS", "leave a terminal by these (ctrl-p,ctrl-q); empty: none"),
        Option.flag("quiet", 'q', "no notices"),
        Option.value("status-fd", '\0', "FD", "tell of its end there, as JSON lines"));
  }

  @Override
  public List<String> examples() {
    return List.of("msb attach box/6; echo $?", "msb attach --watch box/6; echo $?");
  }

  @Override
  public boolean endsAsItsProcess() {
    return true;
  }

  @Override
  public int run(Arguments arguments)
      throws UsageException, SandboxException, InterruptedException {
    arguments.conflict("watch", "stdin");
    arguments.conflict("watch", "stdout-offset");
    arguments.conflict("watch", "stderr-offset");
    DetachKeys keys = DetachKeys.of(arguments);
    long stdout = offset("stdout-offset", arguments.value("stdout-offset"));
    long stderr = offset("stderr-offset", arguments.value("stderr-offset"));
    StatusReport report = StatusReport.of(arguments.value("status-fd"));
    boolean watch = arguments.has("watch");
    String stdin = arguments.value("stdin");
    boolean drives = !watch && !"none".equals(stdin);
    boolean pump = drives && !ProcessRunner.stdinIsTerminal();
    ExecId id = exec(arguments);
    Sandbox sandbox = Sandbox.get(id.sandbox());
    try {
      SandboxProcess process =
          watch ? sandbox.watch(id.number()) : sandbox.attach(id.number(), stdout, stderr);
      int signals = watch ? StdioPump.NO_SIGNALS : StdioPump.takeSignals();
      report.started(sandbox.name(), process);
      if (drives && !pump && process.hasTerminal()) {
        int status =
            TerminalRunner.resume(
                sandbox.name(), process, keys, arguments.has("quiet"), report, signals);
        return status == ProcessRunner.LEFT ? ExitCodes.OK : status;
      }
      ExitStatus status = StdioPump.run(process, pump, StdioPump.NO_FILE, signals, NO_WATCHDOG);
      report.ended(status, process);
      return ProcessRunner.statusOf(status);
    } catch (SandboxException e) {
      throw e;
    } catch (IOException e) {
      throw SandboxException.of("cannot attach", e);
    }
  }

  /// The exec that is meant: `NAME/NUMBER`, or the only one of a sandbox that nobody drives.
  private static ExecId exec(Arguments arguments)
      throws UsageException, SandboxException, InterruptedException {
    List<String> words = arguments.positional();
    if (words.size() == 2 && words.getFirst().indexOf('/') < 0) {
      return ExecId.parse(words.getFirst() + "/" + words.getLast());
    }
    String word = Names.one(arguments, "attach");
    return word.indexOf('/') < 0 ? ExecId.left(Sandbox.get(word)) : ExecId.parse(word);
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
