package dev.msb.cli.commands;

import dev.msb.cli.output.ExitCodes;
import dev.msb.cli.output.Notices;
import dev.msb.cli.output.StartProgress;
import dev.msb.cli.process.ProcessOptions;
import dev.msb.cli.process.ProcessRunner;
import dev.msb.cli.words.Arguments;
import dev.msb.cli.words.Command;
import dev.msb.cli.words.Option;
import dev.msb.cli.words.UsageException;
import dev.msb.sdk.NoSuchSandboxException;
import dev.msb.sdk.Sandbox;
import dev.msb.sdk.SandboxBuilder;
import dev.msb.sdk.SandboxException;
import dev.msb.sdk.SandboxProcessBuilder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// `msb run`: runs a command in a sandbox made for it. Unnamed, the sandbox is removed with the
/// command's end; named, it stays, stopped, and is used again the next time.
public final class RunCommand implements Command {
  private static final Duration STOP_GRACE = Duration.ofSeconds(10);

  @Override
  public String name() {
    return "run";
  }

  @Override
  public String synopsis() {
    return "[IMAGE] [OPTIONS] [-- COMMAND [ARGUMENT...]]";
  }

  @Override
  public String summary() {
    return "run a command in a new sandbox";
  }

  @Override
  public List<Option> options() {
    List<Option> options = new ArrayList<>(SandboxOptions.options());
    options.add(
        Option.value("entrypoint", '\0', "WORD", "in the place of the image's; empty for none"));
    options.addAll(ProcessOptions.TIMES_AND_LIMITS);
    return options;
  }

  @Override
  public List<String> examples() {
    return List.of("msb run -- echo 'hello from a microVM'", "msb run -m 1G -e MODE=test -- env");
  }

  @Override
  public boolean endsAsItsProcess() {
    return true;
  }

  @Override
  public boolean takesCommand() {
    return true;
  }

  @Override
  public int run(Arguments given) throws UsageException, SandboxException, InterruptedException {
    Arguments arguments = ConfFile.applyTo(given);
    List<String> words = arguments.command() == null ? List.of() : arguments.command();
    if (words.isEmpty() && arguments.positional().isEmpty()) {
      ProcessOptions.command(arguments, "run"); // says that one is missing
    }
    SandboxOptions shape = new SandboxOptions(arguments);
    ProcessOptions options = new ProcessOptions(arguments, ProcessRunner.stdinIsTerminal());
    String name = arguments.value("name");
    SandboxBuilder builder =
        shape.builder(name).notices(Notices.of(arguments)).progress(StartProgress.of(arguments));
    Sandbox sandbox = name == null ? null : existing(name, arguments);
    if (sandbox == null) {
      try {
        sandbox = name == null ? builder.ephemeral().create() : builder.create();
      } finally {
        shape.endProgress();
      }
    }
    boolean left = false;
    try {
      SandboxProcessBuilder process = sandbox.process(command(sandbox, words, arguments));
      options.applyTo(process);
      shape.environment().applyTo(process);
      int status = ProcessRunner.run(sandbox.name(), process, options);
      left = status == ProcessRunner.LEFT;
      return left ? ExitCodes.OK : status;
    } finally {
      if (left) {
        sandbox.detach(); // it ends with what was left running there
      } else {
        sandbox.stop(STOP_GRACE);
        sandbox.close();
      }
    }
  }

  /// The image's entrypoint stays in front of the words, unless another one is given.
  private static List<String> command(Sandbox sandbox, List<String> words, Arguments arguments)
      throws SandboxException {
    String entrypoint = arguments.value("entrypoint");
    if (entrypoint == null) {
      return sandbox.imageCommand(words);
    }
    List<String> command = new ArrayList<>();
    if (!entrypoint.isEmpty()) {
      command.add(entrypoint);
    }
    command.addAll(words);
    if (command.isEmpty()) {
      throw new SandboxException("an empty --entrypoint leaves no command: give one");
    }
    return command;
  }

  private static @Nullable Sandbox existing(String name, Arguments arguments)
      throws SandboxException {
    if (arguments.has("replace")) {
      return null;
    }
    try {
      return Sandbox.get(name).notices(Notices.of(arguments)).progress(StartProgress.of(arguments));
    } catch (NoSuchSandboxException e) {
      return null;
    }
  }
}
