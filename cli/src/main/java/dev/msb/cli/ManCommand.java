package dev.msb.cli;

import dev.msb.sdk.SandboxException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// `msb man`: the manual pages, one or all of them. The build puts them into the distribution.
final class ManCommand implements Command {
  @Override
  public String name() {
    return "man";
  }

  @Override
  public String synopsis() {
    return "[COMMAND]\n       msb man -o DIRECTORY";
  }

  @Override
  public String summary() {
    return "print a manual page, or write all of them";
  }

  @Override
  public List<Option> options() {
    return List.of(
        Option.value("output", 'o', "DIRECTORY", "write msb.1 and msb-COMMAND.1 of each there"));
  }

  @Override
  public int run(Arguments arguments) throws UsageException, SandboxException {
    List<String> words = arguments.positional();
    String directory = arguments.value("output");
    if (words.size() > (directory == null ? 1 : 0)) {
      throw new UsageException("unexpected \"" + words.getLast() + "\"");
    }
    if (directory == null) {
      Msb.print(words.isEmpty() ? ManPage.all() : ManPage.of(Commands.named(words.getFirst())));
      return ExitCodes.OK;
    }
    try {
      writeAll(Path.of(directory));
    } catch (IOException e) {
      throw SandboxException.of("cannot write to " + directory, e);
    }
    return ExitCodes.OK;
  }

  private static void writeAll(Path directory) throws IOException, UsageException {
    Files.createDirectories(directory);
    Files.writeString(directory.resolve(ManPage.name("") + ".1"), ManPage.all());
    for (String name : Commands.names()) {
      Files.writeString(
          directory.resolve(ManPage.name(name) + ".1"), ManPage.of(Commands.named(name)));
    }
  }
}
