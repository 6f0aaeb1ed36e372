package dev.msb.cli.commands;

import dev.msb.cli.output.ExecTable;
import dev.msb.cli.output.JsonObject;
import dev.msb.cli.output.Output;
import dev.msb.cli.output.SandboxJson;
import dev.msb.cli.output.Table;
import dev.msb.cli.words.Arguments;
import dev.msb.cli.words.Command;
import dev.msb.cli.words.Format;
import dev.msb.cli.words.Option;
import dev.msb.cli.words.UsageException;
import dev.msb.sdk.ProcessInfo;
import dev.msb.sdk.Sandbox;
import dev.msb.sdk.SandboxException;
import java.util.ArrayList;
import java.util.List;

/// `msb ps`: the execs of running sandboxes that run; of all sandboxes if none is named.
public final class PsCommand implements Command {
  @Override
  public String name() {
    return "ps";
  }

  @Override
  public String synopsis() {
    return "[NAME... | --label NAME[=VALUE]] [OPTIONS]";
  }

  @Override
  public String summary() {
    return "list the commands that run in sandboxes";
  }

  @Override
  public List<Option> options() {
    return List.of(
        Selection.LABEL,
        Option.flag("all", 'a', "also those that have ended and can still be attached to"),
        Format.OPTION,
        Option.flag("quiet", 'q', "ids only"));
  }

  @Override
  public List<String> examples() {
    return List.of("msb ps", "msb ps --format json box");
  }

  @Override
  public int run(Arguments arguments)
      throws UsageException, SandboxException, InterruptedException {
    boolean json = Format.isJson(arguments);
    List<String> names = RunningSandboxes.named(arguments, "ps");
    List<JsonObject> objects = new ArrayList<>();
    Table table = ExecTable.empty();
    int status =
        ForEach.run(
            names,
            name -> {
              for (ProcessInfo process : Sandbox.get(name).processes()) {
                if (process.exitStatus().isPresent() && !arguments.has("all")) {
                  continue;
                }
                objects.add(SandboxJson.of(name, process));
                ExecTable.row(table, name, process);
                if (arguments.has("quiet")) {
                  Output.print(name + "/" + process.id() + "\n");
                }
              }
            });
    if (!arguments.has("quiet")) {
      Output.print(json ? SandboxJson.array(objects) : table.text());
    }
    return status;
  }
}
