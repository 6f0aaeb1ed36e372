package dev.msb.cli.commands;

import dev.msb.cli.output.ExitCodes;
import dev.msb.cli.words.Arguments;
import dev.msb.cli.words.Command;
import dev.msb.cli.words.Option;
import dev.msb.cli.words.UsageException;
import dev.msb.sdk.Sandbox;
import dev.msb.sdk.SandboxException;
import java.util.List;

/// `msb rename`: gives a stopped sandbox another name.
public final class RenameCommand implements Command {
  @Override
  public String name() {
    return "rename";
  }

  @Override
  public String synopsis() {
    return "NAME NEW-NAME";
  }

  @Override
  public String summary() {
    return "give a stopped sandbox another name";
  }

  @Override
  public List<Option> options() {
    return List.of();
  }

  @Override
  public List<String> examples() {
    return List.of("msb rename box old-box", "msb rename old-box box");
  }

  @Override
  public int run(Arguments arguments)
      throws UsageException, SandboxException, InterruptedException {
    List<String> names = arguments.positional();
    if (names.size() != 2) {
      throw new UsageException("rename needs a name and a new name");
    }
    Sandbox.get(names.get(0)).rename(names.get(1));
    return ExitCodes.OK;
  }
}
