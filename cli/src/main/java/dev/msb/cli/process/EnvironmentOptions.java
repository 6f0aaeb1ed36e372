package dev.msb.cli.process;

import dev.msb.cli.words.Arguments;
import dev.msb.cli.words.EnvironmentFile;
import dev.msb.cli.words.Option;
import dev.msb.cli.words.UsageException;
import dev.msb.cli.words.Values;
import dev.msb.sdk.SandboxBuilder;
import dev.msb.sdk.SandboxProcessBuilder;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Environment, working directory and user: of a process, or of all processes of a sandbox.
public final class EnvironmentOptions {
  public static final List<Option> OPTIONS =
      List.of(
          Option.value("env", 'e', "NAME[=VALUE]", "a variable; without a value, ours; repeatable"),
          Option.value(
              "env-file", '\0', "FILE", "variables, one NAME[=VALUE] a line; # starts a comment"),
          Option.value("workdir", 'w', "PATH", "the working directory in the guest"),
          Option.value("user", 'u', "USER[:GROUP]", "names or numbers in the guest"));

  private final List<String> env;
  private final @Nullable String workingDirectory;
  private final @Nullable String user;

  public EnvironmentOptions(Arguments arguments) throws UsageException {
    env = new ArrayList<>();
    for (String file : arguments.all("env-file")) {
      env.addAll(EnvironmentFile.read(file));
    }
    env.addAll(Values.environment(arguments.all("env")));
    workingDirectory = arguments.value("workdir");
    user = arguments.value("user");
    if (workingDirectory != null && !workingDirectory.startsWith("/")) {
      throw new UsageException("--workdir \"" + workingDirectory + "\" does not start with /");
    }
    if (user != null && user.isEmpty()) {
      throw new UsageException("--user is empty");
    }
  }

  public void applyTo(SandboxProcessBuilder process) {
    for (String variable : env) {
      int equals = variable.indexOf('=');
      process.env(variable.substring(0, equals), variable.substring(equals + 1));
    }
    if (workingDirectory != null) {
      process.workingDirectory(workingDirectory);
    }
    if (user != null) {
      process.user(user);
    }
  }

  public void applyTo(SandboxBuilder sandbox) {
    for (String variable : env) {
      int equals = variable.indexOf('=');
      sandbox.env(variable.substring(0, equals), variable.substring(equals + 1));
    }
    if (workingDirectory != null) {
      sandbox.workingDirectory(workingDirectory);
    }
    if (user != null) {
      sandbox.user(user);
    }
  }
}
