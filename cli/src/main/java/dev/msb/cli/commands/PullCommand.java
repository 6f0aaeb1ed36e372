package dev.msb.cli.commands;

import dev.msb.cli.output.Output;
import dev.msb.cli.output.PullProgress;
import dev.msb.cli.words.Arguments;
import dev.msb.cli.words.Command;
import dev.msb.cli.words.Option;
import dev.msb.cli.words.UsageException;
import dev.msb.sdk.ImageProgress;
import dev.msb.sdk.Images;
import dev.msb.sdk.RegistryAccess;
import dev.msb.sdk.SandboxException;
import java.util.ArrayList;
import java.util.List;

/// `msb pull`: gets images from their registries.
public final class PullCommand implements Command {
  @Override
  public String name() {
    return "pull";
  }

  @Override
  public String synopsis() {
    return "IMAGE... [OPTIONS]";
  }

  @Override
  public String summary() {
    return "get images from their registries";
  }

  @Override
  public List<Option> options() {
    List<Option> options = new ArrayList<>(RegistryOptions.OPTIONS);
    options.add(Option.flag("quiet", 'q', "no progress"));
    return options;
  }

  @Override
  public List<String> examples() {
    return List.of("msb pull python:3.12");
  }

  @Override
  public int run(Arguments arguments)
      throws UsageException, SandboxException, InterruptedException {
    if (arguments.positional().isEmpty()) {
      throw new UsageException("pull needs the name of an image");
    }
    RegistryAccess registries = RegistryOptions.access(arguments);
    return ForEach.each(
        Names.images(arguments.positional()),
        name -> {
          ImageProgress progress = PullProgress.of(arguments);
          try {
            Output.printLine(name + " " + Images.pull(name, registries, progress).digest());
          } finally {
            PullProgress.end(progress);
          }
        });
  }
}
