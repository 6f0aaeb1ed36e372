package dev.msb.cli.commands;

import dev.msb.cli.output.JsonObject;
import dev.msb.cli.output.Output;
import dev.msb.cli.output.SandboxJson;
import dev.msb.cli.words.Arguments;
import dev.msb.cli.words.Command;
import dev.msb.cli.words.Format;
import dev.msb.cli.words.Option;
import dev.msb.cli.words.UsageException;
import dev.msb.cli.words.Values;
import dev.msb.sdk.Sandbox;
import dev.msb.sdk.SandboxException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// `msb ping`: asks agents for a sign of life. That is no use of a sandbox.
public final class PingCommand implements Command {
  private static final Duration WAIT = Duration.ofSeconds(10);

  @Override
  public String name() {
    return "ping";
  }

  @Override
  public String synopsis() {
    return "NAME... | --label NAME[=VALUE] [OPTIONS]";
  }

  @Override
  public String summary() {
    return "measure how long the agent takes to answer";
  }

  @Override
  public List<Option> options() {
    return List.of(
        Selection.LABEL,
        Format.OPTION,
        Option.value("timeout", 't', "DURATION", "wait this long for the answer (10s)"),
        Option.flag("touch", '\0', "count it as a use"));
  }

  @Override
  public List<String> examples() {
    return List.of("msb ping box");
  }

  @Override
  public int run(Arguments arguments)
      throws UsageException, SandboxException, InterruptedException {
    boolean json = Format.isJson(arguments);
    String timeout = arguments.value("timeout");
    Duration wait = timeout == null ? WAIT : Values.duration("timeout", timeout);
    List<JsonObject> answers = new ArrayList<>();
    int status =
        ForEach.run(
            Selection.some(arguments, "ping"),
            name -> {
              Sandbox sandbox = Sandbox.get(name);
              Duration answer = sandbox.ping(wait);
              if (arguments.has("touch")) {
                sandbox.touch();
              }
              if (json) {
                answers.add(SandboxJson.of(name, answer));
              } else {
                long micros = answer.toNanos() / 1000;
                Output.print(name + " " + micros / 1000 + "." + tenths(micros) + " ms\n");
              }
            });
    if (json) {
      Output.print(SandboxJson.array(answers));
    }
    return status;
  }

  private static long tenths(long micros) {
    return micros % 1000 / 100;
  }
}
