package dev.msb.cli.commands;

import dev.msb.cli.words.Arguments;
import dev.msb.cli.words.Command;
import dev.msb.cli.words.Option;
import dev.msb.cli.words.UsageException;
import dev.msb.sdk.Sandbox;
import dev.msb.sdk.SandboxException;
import java.util.List;

/// `msb rm`: removes sandboxes and their disks.
public final class RemoveCommand implements Command {
  @Override
  public String name() {
    return "rm";
  }

  @Override
  public String synopsis() {
    return "NAME... | --label NAME[=VALUE] [OPTIONS]";
  }

  @Override
  public String summary() {
    return "remove stopped sandboxes and their disks";
  }

  @Override
  public List<Option> options() {
    return List.of(
        Selection.LABEL, Option.flag("force", 'f', "also running ones, which are killed first"));
  }

  @Override
  public List<String> examples() {
    return List.of("msb rm -f web");
  }

  @Override
  public int run(Arguments arguments)
      throws UsageException, SandboxException, InterruptedException {
    return ForEach.run(
        Selection.some(arguments, "rm"),
        name -> {
          Sandbox sandbox = Sandbox.get(name);
          if (arguments.has("force")) {
            sandbox.removeForcibly();
          } else {
            sandbox.remove();
          }
        });
  }
}
