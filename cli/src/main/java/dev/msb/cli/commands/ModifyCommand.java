package dev.msb.cli.commands;

import dev.msb.cli.output.Notices;
import dev.msb.cli.words.Arguments;
import dev.msb.cli.words.Command;
import dev.msb.cli.words.Option;
import dev.msb.cli.words.UsageException;
import dev.msb.cli.words.Values;
import dev.msb.sdk.Sandbox;
import dev.msb.sdk.SandboxChange;
import dev.msb.sdk.SandboxException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// `msb modify`: changes what sandboxes were created with.
public final class ModifyCommand implements Command {
  private static final List<Option> OPTIONS =
      List.of(
          Option.value("env", 'e', "NAME[=VALUE]", "a variable; without a value, ours; repeatable"),
          Option.value("env-rm", '\0', "NAME", "take a variable away; repeatable"),
          Option.value("label", 'l', "NAME[=VALUE]", "a label; repeatable"),
          Option.value("label-rm", '\0', "NAME", "take a label away; repeatable"),
          Option.value("workdir", 'w', "PATH", "the working directory; empty for /"),
          Option.value("user", 'u', "USER[:GROUP]", "the user; empty for root"),
          LogOption.OPTION,
          Option.value("idle-timeout", '\0', "DURATION", "0 for none"),
          Option.value("max-duration", '\0', "DURATION", "0 for none"),
          Option.flag("quiet", 'q', "no notices"));

  @Override
  public String name() {
    return "modify";
  }

  @Override
  public String synopsis() {
    return "NAME... OPTIONS";
  }

  @Override
  public String summary() {
    return "change labels at once, all else from the next start on";
  }

  @Override
  public List<Option> options() {
    return OPTIONS;
  }

  @Override
  public List<String> examples() {
    return List.of("msb modify box -e MODE=prod -l team=blue --idle-timeout 10m");
  }

  @Override
  public int run(Arguments arguments)
      throws UsageException, SandboxException, InterruptedException {
    List<Step> steps = steps(arguments);
    if (steps.isEmpty()) {
      throw new UsageException("modify changes nothing: see msb modify --help");
    }
    return ForEach.run(
        Names.some(arguments, "modify"),
        name -> {
          SandboxChange change = Sandbox.get(name).change();
          steps.forEach(step -> step.add(change));
          if (change.apply()) {
            Notices.of(arguments)
                .accept(
                    "sandbox \"" + name + "\" runs: all but labels changes with its next start");
          }
        });
  }

  private static List<Step> steps(Arguments arguments) throws UsageException {
    List<Step> steps = new ArrayList<>();
    arguments.all("env-rm").forEach(name -> steps.add(change -> change.removeEnv(name)));
    for (String variable : Values.environment(arguments.all("env"))) {
      int equals = variable.indexOf('=');
      steps.add(
          change -> change.env(variable.substring(0, equals), variable.substring(equals + 1)));
    }
    arguments.all("label-rm").forEach(name -> steps.add(change -> change.removeLabel(name)));
    for (String label : arguments.all("label")) {
      int equals = label.indexOf('=');
      String name = equals < 0 ? label : label.substring(0, equals);
      String value = equals < 0 ? "" : label.substring(equals + 1);
      steps.add(change -> change.label(name, value));
    }
    String workdir = arguments.value("workdir");
    if (workdir != null) {
      if (!workdir.isEmpty() && !workdir.startsWith("/")) {
        throw new UsageException("--workdir \"" + workdir + "\" does not start with /");
      }
      steps.add(change -> change.workingDirectory(workdir));
    }
    String user = arguments.value("user");
    if (user != null) {
      steps.add(change -> change.user(user));
    }
    if (arguments.has("log")) {
      boolean keep = LogOption.output(arguments);
      steps.add(change -> change.logOutput(keep));
    }
    String idle = arguments.value("idle-timeout");
    if (idle != null) {
      Duration timeout = Values.duration("idle-timeout", idle);
      steps.add(change -> change.idleTimeout(timeout));
    }
    String most = arguments.value("max-duration");
    if (most != null) {
      Duration duration = Values.duration("max-duration", most);
      steps.add(change -> change.maxDuration(duration));
    }
    return steps;
  }

  private interface Step {
    void add(SandboxChange change);
  }
}
