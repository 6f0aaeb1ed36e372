package dev.msb.cli.words;

import dev.msb.sdk.SandboxException;
import java.util.List;

/// One command of msb.
public interface Command {
  /// The word that calls it.
  String name();

  /// What follows the word, for the help.
  String synopsis();

  /// One line for the list of commands.
  String summary();

  /// Its options.
  List<Option> options();

  /// An example or two, for the help: among those of `docs/cli.md`, which a test runs.
  List<String> examples();

  /// Whether it ends with the status of the process that it drives.
  default boolean endsAsItsProcess() {
    return false;
  }

  /// Whether what follows `--` is a command to run. Else `--` only ends the options.
  default boolean takesCommand() {
    return false;
  }

  /// Runs it.
  ///
  /// @return the exit status
  /// @throws UsageException if its words are off; nothing was started then
  /// @throws SandboxException if it fails
  /// @throws InterruptedException never, as nobody interrupts the main thread
  int run(Arguments arguments) throws UsageException, SandboxException, InterruptedException;
}
