package dev.msb.cli.commands;

import dev.msb.cli.output.ExitCodes;
import dev.msb.cli.words.Arguments;
import dev.msb.cli.words.Command;
import dev.msb.cli.words.Option;
import dev.msb.cli.words.UsageException;
import dev.msb.posix.Posix;
import dev.msb.sdk.Images;
import dev.msb.sdk.SandboxException;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// `msb save`: writes images for other programs.
public final class SaveCommand implements Command {
  private static final int STDOUT = 1;

  @Override
  public String name() {
    return "save";
  }

  @Override
  public String synopsis() {
    return "IMAGE... [-o FILE]";
  }

  @Override
  public String summary() {
    return "write images to a tar that is an OCI layout and that docker load reads";
  }

  @Override
  public List<Option> options() {
    return List.of(
        Option.value("output", 'o', "FILE", "where to; a directory if it ends with / (stdout)"));
  }

  @Override
  public List<String> examples() {
    return List.of("msb save python:3.12 -o image.tar");
  }

  @Override
  public int run(Arguments arguments)
      throws UsageException, SandboxException, InterruptedException {
    if (arguments.positional().isEmpty()) {
      throw new UsageException("save needs the name of an image");
    }
    String output = arguments.value("output");
    if (output == null && Posix.isatty(STDOUT) == 1) {
      throw new UsageException("an archive does not go to a terminal: write -o FILE");
    }
    List<String> names = Names.images(arguments.positional());
    try {
      if (output == null || output.equals("-")) {
        try (FileOutputStream out = new FileOutputStream(FileDescriptor.out)) {
          Images.save(names, out);
        }
      } else {
        Path path = Path.of(output);
        if (output.endsWith("/")) {
          Files.createDirectories(path);
        }
        Images.save(names, path);
      }
      return ExitCodes.OK;
    } catch (IOException e) {
      throw SandboxException.of("cannot write " + output, e);
    }
  }
}
