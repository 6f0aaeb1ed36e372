package dev.msb.cli.commands;

import dev.msb.cli.output.JsonObject;
import dev.msb.cli.output.Output;
import dev.msb.cli.output.SandboxJson;
import dev.msb.cli.words.Arguments;
import dev.msb.cli.words.Command;
import dev.msb.cli.words.Format;
import dev.msb.cli.words.Option;
import dev.msb.cli.words.UsageException;
import dev.msb.sdk.Sandbox;
import dev.msb.sdk.SandboxException;
import java.util.ArrayList;
import java.util.List;

/// `msb inspect`: all that is known of sandboxes.
public final class InspectCommand implements Command {
  @Override
  public String name() {
    return "inspect";
  }

  @Override
  public String synopsis() {
    return "NAME... | --label NAME[=VALUE]";
  }

  @Override
  public String summary() {
    return "show all that is known of sandboxes, as JSON";
  }

  @Override
  public List<Option> options() {
    return List.of(Selection.LABEL, Format.OPTION);
  }

  @Override
  public List<String> examples() {
    return List.of("msb inspect box");
  }

  @Override
  public int run(Arguments arguments)
      throws UsageException, SandboxException, InterruptedException {
    Format.isJson(arguments); // always
    List<JsonObject> objects = new ArrayList<>();
    int status =
        ForEach.run(
            Selection.some(arguments, "inspect"),
            name -> objects.add(SandboxJson.inspected(Sandbox.get(name))));
    Output.print(SandboxJson.array(objects));
    return status;
  }
}
