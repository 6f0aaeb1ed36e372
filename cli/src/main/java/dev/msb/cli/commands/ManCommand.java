package dev.msb.cli.commands;

import dev.msb.cli.output.ExitCodes;
import dev.msb.cli.output.Output;
import dev.msb.cli.words.Arguments;
import dev.msb.cli.words.Command;
import dev.msb.cli.words.CommandGroup;
import dev.msb.cli.words.ManPage;
import dev.msb.cli.words.Option;
import dev.msb.cli.words.UsageException;
import dev.msb.sdk.SandboxException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;

/// `msb man`: the manual pages, one or all of them. The build puts them into the distribution.
public final class ManCommand implements Command {
  /// Finds a command by its name, or by another word that calls it.
  @FunctionalInterface
  public interface Finder {
    Command named(String name) throws UsageException;
  }

  private final Supplier<List<CommandGroup>> groups;
  private final Finder finder;

  /// The command that describes these.
  ///
  /// @param groups all commands, made when they are asked for
  public ManCommand(Supplier<List<CommandGroup>> groups, Finder finder) {
    this.groups = groups;
    this.finder = finder;
  }

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
  public List<String> examples() {
    return List.of("msb man exec | man -l -", "msb man -o ~/.local/share/man/man1");
  }

  @Override
  public int run(Arguments arguments) throws UsageException, SandboxException {
    List<String> words = arguments.positional();
    String directory = arguments.value("output");
    if (words.size() > (directory == null ? 1 : 0)) {
      throw new UsageException("unexpected \"" + words.getLast() + "\"");
    }
    if (directory == null) {
      Output.print(
          words.isEmpty() ? ManPage.all(groups.get()) : ManPage.of(finder.named(words.getFirst())));
      return ExitCodes.OK;
    }
    try {
      writeAll(Path.of(directory));
    } catch (IOException e) {
      throw SandboxException.of("cannot write to " + directory, e);
    }
    return ExitCodes.OK;
  }

  private void writeAll(Path directory) throws IOException {
    List<CommandGroup> all = groups.get();
    Files.createDirectories(directory);
    Files.writeString(directory.resolve(ManPage.name("") + ".1"), ManPage.all(all));
    for (Command command : CommandGroup.all(all)) {
      Files.writeString(
          directory.resolve(ManPage.name(command.name()) + ".1"), ManPage.of(command));
    }
  }
}
