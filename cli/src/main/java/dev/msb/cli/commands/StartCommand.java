package dev.msb.cli.commands;

import dev.msb.cli.output.Notices;
import dev.msb.cli.output.StartProgress;
import dev.msb.cli.words.Arguments;
import dev.msb.cli.words.Command;
import dev.msb.cli.words.Option;
import dev.msb.cli.words.UsageException;
import dev.msb.sdk.Sandbox;
import dev.msb.sdk.SandboxException;
import java.util.List;

/// `msb start`: starts stopped sandboxes.
public final class StartCommand implements Command {
  @Override
  public String name() {
    return "start";
  }

  @Override
  public String synopsis() {
    return "NAME... | --label NAME[=VALUE]";
  }

  @Override
  public String summary() {
    return "start stopped sandboxes";
  }

  @Override
  public List<Option> options() {
    return List.of(Selection.LABEL, Option.flag("quiet", 'q', "no notices"));
  }

  @Override
  public List<String> examples() {
    return List.of("msb start box");
  }

  @Override
  public int run(Arguments arguments)
      throws UsageException, SandboxException, InterruptedException {
    return ForEach.run(
        Selection.some(arguments, "start"),
        name ->
            Sandbox.get(name)
                .notices(Notices.of(arguments))
                .progress(StartProgress.of(arguments))
                .start());
  }
}
