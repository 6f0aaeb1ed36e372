package dev.msb.cli.commands;

import dev.msb.cli.words.Arguments;
import dev.msb.cli.words.Command;
import dev.msb.cli.words.Option;
import dev.msb.cli.words.UsageException;
import dev.msb.sdk.Sandbox;
import dev.msb.sdk.SandboxException;
import java.util.List;

/// `msb touch`: uses sandboxes without doing anything.
public final class TouchCommand implements Command {
  @Override
  public String name() {
    return "touch";
  }

  @Override
  public String synopsis() {
    return "NAME... | --label NAME[=VALUE]";
  }

  @Override
  public String summary() {
    return "begin the idle timeout of sandboxes anew";
  }

  @Override
  public List<Option> options() {
    return List.of(Selection.LABEL);
  }

  @Override
  public List<String> examples() {
    return List.of("msb touch box");
  }

  @Override
  public int run(Arguments arguments)
      throws UsageException, SandboxException, InterruptedException {
    return ForEach.run(Selection.some(arguments, "touch"), name -> Sandbox.get(name).touch());
  }
}
