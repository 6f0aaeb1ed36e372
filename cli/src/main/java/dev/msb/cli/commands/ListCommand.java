package dev.msb.cli.commands;

import dev.msb.cli.output.ExitCodes;
import dev.msb.cli.output.Output;
import dev.msb.cli.output.SandboxJson;
import dev.msb.cli.output.Table;
import dev.msb.cli.words.Arguments;
import dev.msb.cli.words.Command;
import dev.msb.cli.words.Format;
import dev.msb.cli.words.Option;
import dev.msb.cli.words.UsageException;
import dev.msb.sdk.SandboxEnd;
import dev.msb.sdk.SandboxException;
import dev.msb.sdk.SandboxInfo;
import dev.msb.sdk.SandboxState;
import dev.msb.sdk.StopReason;
import java.time.temporal.ChronoUnit;
import java.util.List;

/// `msb ls`: lists the sandboxes.
public final class ListCommand implements Command {
  @Override
  public String name() {
    return "ls";
  }

  @Override
  public String synopsis() {
    return "[OPTIONS]";
  }

  @Override
  public String summary() {
    return "list the sandboxes";
  }

  @Override
  public List<Option> options() {
    return List.of(Selection.LABEL, Format.OPTION, Option.flag("quiet", 'q', "names only"));
  }

  @Override
  public List<String> examples() {
    return List.of("msb ls", "msb ls --label team=red --format json");
  }

  @Override
  public int run(Arguments arguments)
      throws UsageException, SandboxException, InterruptedException {
    if (!arguments.positional().isEmpty()) {
      throw new UsageException("unexpected \"" + arguments.positional().getFirst() + "\"");
    }
    boolean json = Format.isJson(arguments);
    List<SandboxInfo> infos = Selection.list(arguments);
    if (arguments.has("quiet")) {
      for (SandboxInfo info : infos) {
        Output.print(info.name() + "\n");
      }
      return ExitCodes.OK;
    }
    if (json) {
      Output.print(SandboxJson.array(infos.stream().map(SandboxJson::of).toList()));
      return ExitCodes.OK;
    }
    Table table = new Table("NAME", "STATE", "IMAGE", "CPUS", "MEMORY", "CREATED");
    for (SandboxInfo info : infos) {
      table.row(
          info.name(),
          state(info),
          info.image(),
          Integer.toString(info.cpus()),
          info.memory().mebibytes() + "M",
          info.created().truncatedTo(ChronoUnit.SECONDS).toString());
    }
    Output.print(table.text());
    return ExitCodes.OK;
  }

  /// The state, and why it stopped unless somebody asked for it.
  private static String state(SandboxInfo info) {
    String state = SandboxJson.state(info);
    return info.end()
        .map(SandboxEnd::reason)
        .filter(reason -> info.state() == SandboxState.STOPPED)
        .filter(reason -> reason != StopReason.REQUESTED && reason != StopReason.UNUSED)
        .map(reason -> state + " (" + reason.word() + ")")
        .orElse(state);
  }
}
