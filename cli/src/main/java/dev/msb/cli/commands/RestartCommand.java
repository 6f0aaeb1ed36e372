package dev.msb.cli.commands;

import dev.msb.cli.output.Notices;
import dev.msb.cli.output.StartProgress;
import dev.msb.cli.words.Arguments;
import dev.msb.cli.words.Command;
import dev.msb.cli.words.Option;
import dev.msb.cli.words.UsageException;
import dev.msb.sdk.Sandbox;
import dev.msb.sdk.SandboxException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// `msb restart`: stops sandboxes and starts them again.
public final class RestartCommand implements Command {
  @Override
  public String name() {
    return "restart";
  }

  @Override
  public String synopsis() {
    return "NAME... | --label NAME[=VALUE] [OPTIONS]";
  }

  @Override
  public String summary() {
    return "stop sandboxes and start them again";
  }

  @Override
  public List<Option> options() {
    List<Option> options = new ArrayList<>(StopCommand.GRACE_OPTIONS);
    options.add(Selection.LABEL);
    options.add(Option.flag("quiet", 'q', "no notices"));
    return options;
  }

  @Override
  public List<String> examples() {
    return List.of("msb restart box");
  }

  @Override
  public int run(Arguments arguments)
      throws UsageException, SandboxException, InterruptedException {
    Duration grace = StopCommand.grace(arguments);
    return ForEach.run(
        Selection.some(arguments, "restart"),
        name ->
            Sandbox.get(name)
                .notices(Notices.of(arguments))
                .progress(StartProgress.of(arguments))
                .restart(grace));
  }
}
