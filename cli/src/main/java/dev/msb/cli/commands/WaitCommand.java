package dev.msb.cli.commands;

import dev.msb.cli.output.Output;
import dev.msb.cli.output.SandboxJson;
import dev.msb.cli.words.Arguments;
import dev.msb.cli.words.Command;
import dev.msb.cli.words.Format;
import dev.msb.cli.words.Option;
import dev.msb.cli.words.UsageException;
import dev.msb.sdk.Sandbox;
import dev.msb.sdk.SandboxEnd;
import dev.msb.sdk.SandboxException;
import java.util.List;

/// `msb wait`: waits for the end of sandboxes. With JSON, one object a line.
public final class WaitCommand implements Command {
  @Override
  public String name() {
    return "wait";
  }

  @Override
  public String synopsis() {
    return "NAME... | --label NAME[=VALUE] [OPTIONS]";
  }

  @Override
  public String summary() {
    return "wait until sandboxes have stopped, and tell why";
  }

  @Override
  public List<Option> options() {
    return List.of(Selection.LABEL, Format.OPTION);
  }

  @Override
  public List<String> examples() {
    return List.of("msb wait web");
  }

  @Override
  public int run(Arguments arguments)
      throws UsageException, SandboxException, InterruptedException {
    boolean json = Format.isJson(arguments);
    return ForEach.run(
        Selection.some(arguments, "wait"),
        name -> {
          SandboxEnd end = Sandbox.get(name).awaitEnd();
          if (json) {
            Output.print(SandboxJson.of(name, end) + "\n");
          } else {
            Output.printLine(name + " " + end);
          }
        });
  }
}
