package dev.msb.cli.commands;

import dev.msb.cli.words.Arguments;
import dev.msb.cli.words.Command;
import dev.msb.cli.words.Option;
import dev.msb.cli.words.UsageException;
import dev.msb.cli.words.Values;
import dev.msb.sdk.Sandbox;
import dev.msb.sdk.SandboxException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// `msb stop`: stops sandboxes.
public final class StopCommand implements Command {
  static final List<Option> GRACE_OPTIONS =
      List.of(
          Option.value("timeout", 't', "DURATION", "SIGKILL this long after the SIGTERM (10s)"),
          Option.flag("force", 'f', "SIGKILL at once"));

  private static final Duration GRACE = Duration.ofSeconds(10);

  @Override
  public String name() {
    return "stop";
  }

  @Override
  public String synopsis() {
    return "NAME... | --label NAME[=VALUE] [OPTIONS]";
  }

  @Override
  public String summary() {
    return "stop sandboxes; their disks are kept";
  }

  @Override
  public List<Option> options() {
    List<Option> options = new ArrayList<>(GRACE_OPTIONS);
    options.add(Selection.LABEL);
    return options;
  }

  @Override
  public List<String> examples() {
    return List.of("msb stop -t 30s box", "msb stop --label team=red");
  }

  @Override
  public int run(Arguments arguments)
      throws UsageException, SandboxException, InterruptedException {
    Duration grace = grace(arguments);
    return ForEach.run(Selection.some(arguments, "stop"), name -> Sandbox.get(name).stop(grace));
  }

  /// How long processes have to end.
  static Duration grace(Arguments arguments) throws UsageException {
    arguments.conflict("timeout", "force");
    String timeout = arguments.value("timeout");
    return arguments.has("force")
        ? Duration.ZERO
        : timeout == null ? GRACE : Values.duration("timeout", timeout);
  }
}
