package dev.msb.cli.commands;

import dev.msb.cli.output.JsonObject;
import dev.msb.cli.output.Output;
import dev.msb.cli.output.PullProgress;
import dev.msb.cli.output.SandboxJson;
import dev.msb.cli.output.Table;
import dev.msb.cli.words.Arguments;
import dev.msb.cli.words.Command;
import dev.msb.cli.words.Format;
import dev.msb.cli.words.Option;
import dev.msb.cli.words.UsageException;
import dev.msb.sdk.Sandbox;
import dev.msb.sdk.SandboxException;
import dev.msb.sdk.SandboxMetrics;
import java.util.ArrayList;
import java.util.List;

/// `msb metrics`: what running sandboxes cost; all of them if none is named.
public final class MetricsCommand implements Command {
  @Override
  public String name() {
    return "metrics";
  }

  @Override
  public String synopsis() {
    return "[NAME... | --label NAME[=VALUE]] [OPTIONS]";
  }

  @Override
  public String summary() {
    return "show what running sandboxes cost";
  }

  @Override
  public List<Option> options() {
    return List.of(Selection.LABEL, Format.OPTION);
  }

  @Override
  public List<String> examples() {
    return List.of("msb metrics");
  }

  @Override
  public int run(Arguments arguments)
      throws UsageException, SandboxException, InterruptedException {
    boolean json = Format.isJson(arguments);
    List<String> names = RunningSandboxes.named(arguments, "metrics");
    List<JsonObject> objects = new ArrayList<>();
    Table table = new Table("NAME", "UPTIME", "CPU", "MEMORY", "EXECS", "LIVE", "STDIN", "OUTPUT");
    int status =
        ForEach.run(
            names,
            name -> {
              SandboxMetrics metrics = Sandbox.get(name).metrics();
              objects.add(SandboxJson.of(name, metrics));
              table.row(
                  name,
                  metrics.uptime().toSeconds() + "s",
                  metrics.cpuTime().toMillis() + "ms",
                  PullProgress.size(metrics.memoryBytes()),
                  Long.toString(metrics.execs()),
                  Long.toString(metrics.liveExecs()),
                  PullProgress.size(metrics.stdinBytes()),
                  PullProgress.size(metrics.outputBytes()));
            });
    Output.print(json ? SandboxJson.array(objects) : table.text());
    return status;
  }
}
