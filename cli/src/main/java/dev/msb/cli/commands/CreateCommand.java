package dev.msb.cli.commands;

import dev.msb.cli.output.ExitCodes;
import dev.msb.cli.output.Notices;
import dev.msb.cli.output.Output;
import dev.msb.cli.output.StartProgress;
import dev.msb.cli.words.Arguments;
import dev.msb.cli.words.Command;
import dev.msb.cli.words.Option;
import dev.msb.cli.words.UsageException;
import dev.msb.sdk.Sandbox;
import dev.msb.sdk.SandboxBuilder;
import dev.msb.sdk.SandboxException;
import java.util.ArrayList;
import java.util.List;

/// `msb create`: makes a sandbox and starts it.
public final class CreateCommand implements Command {
  @Override
  public String name() {
    return "create";
  }

  @Override
  public String synopsis() {
    return "[IMAGE] [OPTIONS]";
  }

  @Override
  public String summary() {
    return "make a sandbox and start it";
  }

  @Override
  public List<Option> options() {
    List<Option> options = new ArrayList<>(SandboxOptions.options());
    options.add(Option.flag("ephemeral", '\0', "remove it when it stops"));
    options.add(Option.flag("quiet", 'q', "no notices"));
    return options;
  }

  @Override
  public List<String> examples() {
    return List.of(
        "msb create --name box",
        "msb create --name web -l team=red --log output --tmpfs /scratch:64M");
  }

  @Override
  public boolean takesCommand() {
    return true;
  }

  @Override
  public int run(Arguments given) throws UsageException, SandboxException, InterruptedException {
    Arguments arguments = ConfFile.applyTo(given);
    if (arguments.command() != null) {
      throw new UsageException("create runs no command: use run, or exec afterwards");
    }
    SandboxOptions options = new SandboxOptions(arguments);
    String name = arguments.value("name");
    Sandbox sandbox;
    try {
      SandboxBuilder builder =
          options
              .builder(name)
              .detached()
              .notices(Notices.of(arguments))
              .progress(StartProgress.of(arguments));
      if (arguments.has("ephemeral")) {
        builder.ephemeral();
      }
      sandbox = builder.create();
      sandbox.close();
    } finally {
      options.endProgress();
    }
    if (name == null) {
      Output.print(sandbox.name() + "\n");
    }
    return ExitCodes.OK;
  }
}
