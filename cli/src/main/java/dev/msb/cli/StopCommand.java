package dev.msb.cli;

import dev.msb.sdk.Sandbox;
import dev.msb.sdk.SandboxException;
import java.time.Duration;
import java.util.List;

/// `msb stop`: stops sandboxes.
final class StopCommand implements Command {
  private static final Duration GRACE = Duration.ofSeconds(10);

  @Override
  public String name() {
    return "stop";
  }

  @Override
  public String synopsis() {
    return "NAME... [OPTIONS]";
  }

  @Override
  public String summary() {
    return "stop sandboxes; their disks are kept";
  }

  @Override
  public List<Option> options() {
    return List.of(
        Option.value("timeout", 't', "DURATION", "SIGKILL this long after the SIGTERM (10s)"),
        Option.flag("force", 'f', "SIGKILL at once"));
  }

  @Override
  public int run(Arguments arguments)
      throws UsageException, SandboxException, InterruptedException {
    arguments.conflict("timeout", "force");
    String timeout = arguments.value("timeout");
    Duration grace =
        arguments.has("force")
            ? Duration.ZERO
            : timeout == null ? GRACE : Values.duration("timeout", timeout);
    return ForEach.run(Names.some(arguments, "stop"), name -> Sandbox.get(name).stop(grace));
  }
}
