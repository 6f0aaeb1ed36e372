package dev.msb.cli.commands;

import dev.msb.cli.output.ExecTable;
import dev.msb.cli.output.ExitCodes;
import dev.msb.cli.output.Notices;
import dev.msb.cli.output.Output;
import dev.msb.cli.output.Table;
import dev.msb.cli.process.EnvironmentOptions;
import dev.msb.cli.process.ProcessOptions;
import dev.msb.cli.process.ProcessRunner;
import dev.msb.cli.words.Arguments;
import dev.msb.cli.words.Command;
import dev.msb.cli.words.Option;
import dev.msb.cli.words.UsageException;
import dev.msb.sdk.ProcessInfo;
import dev.msb.sdk.Sandbox;
import dev.msb.sdk.SandboxException;
import dev.msb.sdk.SandboxProcess;
import dev.msb.sdk.SandboxProcessBuilder;
import dev.msb.sdk.Signal;
import java.util.ArrayList;
import java.util.List;

/// `msb exec`: runs a command in a sandbox, as if it ran here.
public final class ExecCommand implements Command {
  @Override
  public String name() {
    return "exec";
  }

  @Override
  public String synopsis() {
    return "NAME [OPTIONS] -- COMMAND [ARGUMENT...]\n       msb exec ls NAME\n       msb exec kill NAME/NUMBER [-s SIGNAL]";
  }

  @Override
  public String summary() {
    return "run a command in a sandbox";
  }

  @Override
  public List<Option> options() {
    List<Option> options = new ArrayList<>(EnvironmentOptions.OPTIONS);
    options.add(Option.flag("detach", 'd', "leave it running, with no stdin, and print its id"));
    options.add(
        Option.flag("no-stdin", 'n', "as --stdin none: what our stdin holds is for others"));
    options.add(Option.value("signal", 's', "SIGNAL", "with exec kill: which (TERM)"));
    options.addAll(ProcessOptions.TIMES_AND_LIMITS);
    return options;
  }

  @Override
  public List<String> examples() {
    return List.of(
        "msb exec box -- uname -sr",
        "echo turn1 | msb exec --stream box -- awk '{ print \"ack:\" $0; fflush() }'",
        "msb exec -it box -- tty",
        "msb exec -d box -- sleep 1000");
  }

  @Override
  public boolean endsAsItsProcess() {
    return true;
  }

  @Override
  public boolean takesCommand() {
    return true;
  }

  @Override
  public int run(Arguments arguments)
      throws UsageException, SandboxException, InterruptedException {
    if (arguments.command() == null && !arguments.positional().isEmpty()) {
      switch (arguments.positional().getFirst()) {
        case "ls" -> {
          return list(arguments);
        }
        case "kill" -> {
          return kill(arguments);
        }
        default -> {}
      }
    }
    String name = Names.one(arguments, "exec");
    List<String> command = ProcessOptions.command(arguments, "exec " + name);
    EnvironmentOptions environment = new EnvironmentOptions(arguments);
    ProcessOptions options = new ProcessOptions(arguments, ProcessRunner.stdinIsTerminal());
    Sandbox sandbox = Sandbox.get(name).notices(Notices.of(arguments));
    SandboxProcessBuilder process = sandbox.process(command);
    options.applyTo(process);
    environment.applyTo(process);
    if (arguments.has("detach")) {
      if (!"pipe".equals(arguments.value("stdin"))
          && !arguments.has("interactive")
          && !options.hasTerminal()) {
        process.noStdin();
      }
      return detach(name, process, options);
    }
    int status = ProcessRunner.run(name, process, options);
    return status == ProcessRunner.LEFT ? ExitCodes.OK : status;
  }

  private static int detach(String name, SandboxProcessBuilder builder, ProcessOptions options)
      throws SandboxException, InterruptedException {
    SandboxProcess process = builder.keep().start();
    options.report().started(name, process);
    Output.print(name + "/" + process.id() + "\n");
    process.detach();
    return ExitCodes.OK;
  }

  private static int list(Arguments arguments)
      throws UsageException, SandboxException, InterruptedException {
    if (arguments.positional().size() != 2) {
      throw new UsageException("write msb exec ls NAME");
    }
    String name = arguments.positional().get(1);
    Table table = ExecTable.empty();
    for (ProcessInfo process : Sandbox.get(name).processes()) {
      ExecTable.row(table, name, process);
    }
    Output.print(table.text());
    return ExitCodes.OK;
  }

  private static int kill(Arguments arguments)
      throws UsageException, SandboxException, InterruptedException {
    List<String> words = arguments.positional();
    if (words.size() != 2) {
      throw new UsageException("write msb exec kill NAME/NUMBER, as msb exec ls shows it");
    }
    ExecId id = ExecId.parse(words.get(1));
    String named = arguments.value("signal");
    Signal signal = Signals.parse(named == null ? "TERM" : named);
    Sandbox.get(id.sandbox()).signal(id.number(), signal);
    return ExitCodes.OK;
  }
}
