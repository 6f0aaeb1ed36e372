package dev.msb.cli;

import dev.msb.sdk.Sandbox;
import dev.msb.sdk.SandboxException;
import dev.msb.sdk.SandboxInfo;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;

/// `msb ls`: lists the sandboxes.
final class ListCommand implements Command {
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
    return List.of(Option.flag("quiet", 'q', "names only"));
  }

  @Override
  public int run(Arguments arguments)
      throws UsageException, SandboxException, InterruptedException {
    if (!arguments.positional().isEmpty()) {
      throw new UsageException("unexpected \"" + arguments.positional().getFirst() + "\"");
    }
    List<SandboxInfo> infos = Sandbox.list();
    if (arguments.has("quiet")) {
      for (SandboxInfo info : infos) {
        Msb.print(info.name() + "\n");
      }
      return ExitCodes.OK;
    }
    Table table = new Table("NAME", "STATE", "IMAGE", "CPUS", "MEMORY", "CREATED");
    for (SandboxInfo info : infos) {
      table.row(
          info.name(),
          info.state().name().toLowerCase(Locale.ROOT),
          info.image(),
          Integer.toString(info.cpus()),
          info.memory().mebibytes() + "M",
          info.created().truncatedTo(ChronoUnit.SECONDS).toString());
    }
    Msb.print(table.text());
    return ExitCodes.OK;
  }
}
