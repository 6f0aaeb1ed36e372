package dev.msb.cli.commands;

import dev.msb.cli.words.Arguments;
import dev.msb.cli.words.Command;
import dev.msb.cli.words.Option;
import dev.msb.cli.words.UsageException;
import dev.msb.sdk.Sandbox;
import dev.msb.sdk.SandboxException;
import java.util.List;

/// `msb kill`: ends VMs at once.
public final class KillCommand implements Command {
  @Override
  public String name() {
    return "kill";
  }

  @Override
  public String synopsis() {
    return "NAME... | --label NAME[=VALUE]";
  }

  @Override
  public String summary() {
    return "end sandboxes at once, as if unplugged; their disks are kept";
  }

  @Override
  public List<Option> options() {
    return List.of(Selection.LABEL);
  }

  @Override
  public List<String> examples() {
    return List.of("msb kill web");
  }

  @Override
  public int run(Arguments arguments)
      throws UsageException, SandboxException, InterruptedException {
    return ForEach.run(Selection.some(arguments, "kill"), name -> Sandbox.get(name).kill());
  }
}
