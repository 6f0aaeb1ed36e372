package dev.msb.cli.commands;

import dev.msb.cli.output.ExitCodes;
import dev.msb.cli.output.Output;
import dev.msb.cli.output.PullProgress;
import dev.msb.cli.words.Arguments;
import dev.msb.cli.words.Command;
import dev.msb.cli.words.Option;
import dev.msb.cli.words.UsageException;
import dev.msb.sdk.ImageInfo;
import dev.msb.sdk.ImageProgress;
import dev.msb.sdk.Images;
import dev.msb.sdk.SandboxException;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// `msb load`: takes images out of an archive.
public final class LoadCommand implements Command {
  @Override
  public String name() {
    return "load";
  }

  @Override
  public String synopsis() {
    return "-i FILE [OPTIONS]";
  }

  @Override
  public String summary() {
    return "take images out of an archive: an OCI layout, or what docker save makes";
  }

  @Override
  public List<Option> options() {
    return List.of(
        Option.value("input", 'i', "FILE", "a tar, compressed or not, or a directory; - for stdin"),
        Option.value("tag", 't', "NAME", "call the image so, instead of what the archive says"),
        Option.flag("quiet", 'q', "no progress"));
  }

  @Override
  public List<String> examples() {
    return List.of("msb load -i image.tar");
  }

  @Override
  public int run(Arguments arguments)
      throws UsageException, SandboxException, InterruptedException {
    String input = arguments.value("input");
    if (input == null || !arguments.positional().isEmpty()) {
      throw new UsageException("load takes the archive as -i FILE");
    }
    String tag = arguments.value("tag");
    for (ImageInfo image : load(arguments, input, tag)) {
      Output.printLine(image.name() + " " + image.digest());
    }
    return ExitCodes.OK;
  }

  private static List<ImageInfo> load(Arguments arguments, String input, @Nullable String name)
      throws SandboxException, InterruptedException {
    ImageProgress progress = PullProgress.of(arguments);
    try {
      return input.equals("-")
          ? Images.load(new FileInputStream(FileDescriptor.in), name, progress)
          : Images.load(Path.of(input), name, progress);
    } finally {
      PullProgress.end(progress);
    }
  }
}
