package dev.msb.cli;

import dev.msb.sdk.Sandbox;
import dev.msb.sdk.SandboxException;
import dev.msb.sdk.SandboxProcessBuilder;
import java.util.ArrayList;
import java.util.List;

/// `msb exec`: runs a command in a sandbox, as if it ran here.
final class ExecCommand implements Command {
  @Override
  public String name() {
    return "exec";
  }

  @Override
  public String synopsis() {
    return "NAME [OPTIONS] -- COMMAND [ARGUMENT...]";
  }

  @Override
  public String summary() {
    return "run a command in a sandbox";
  }

  @Override
  public List<Option> options() {
    List<Option> options = new ArrayList<>(EnvironmentOptions.OPTIONS);
    options.addAll(ProcessOptions.TIMES_AND_LIMITS);
    return options;
  }

  @Override
  public int run(Arguments arguments) throws UsageException, SandboxException {
    String name = Names.one(arguments, "exec");
    List<String> command = ProcessOptions.command(arguments, "exec " + name);
    EnvironmentOptions environment = new EnvironmentOptions(arguments);
    ProcessOptions options = new ProcessOptions(arguments, ProcessRunner.stdinIsTerminal());
    Sandbox sandbox = Sandbox.get(name).notices(Notices.of(arguments));
    SandboxProcessBuilder process = sandbox.process(command);
    environment.applyTo(process);
    options.applyTo(process);
    return ProcessRunner.run(process, options);
  }
}
