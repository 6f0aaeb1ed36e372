package dev.msb.cli;

import dev.msb.cli.output.ExitCodes;
import dev.msb.cli.output.Output;
import dev.msb.cli.words.Arguments;
import dev.msb.cli.words.Command;
import dev.msb.cli.words.CommandLineBytes;
import dev.msb.cli.words.Help;
import dev.msb.cli.words.UsageException;
import dev.msb.posix.Posix;
import dev.msb.sdk.Machine;
import dev.msb.sdk.SandboxException;
import java.util.List;

/// The program `msb`: finds the command, runs it, and ends with its status.
public final class Msb {
  private Msb() {}

  /// Runs a command.
  public static void main(String[] words) {
    List<String> all = List.of(words);
    for (String word : words) {
      if (word.indexOf('\ufffd') >= 0) {
        all = CommandLineBytes.restored(all);
        break;
      }
    }
    int status;
    switch (all.isEmpty() ? "" : all.getFirst()) {
      case Training.COMMAND -> {
        Training.run();
        return;
      }
      default -> status = run(all);
    }
    // Not System.exit: a thread that is blocked in a read would hold it up by 300 ms.
    Posix.exit(status);
  }

  static int run(List<String> words) {
    try {
      if (words.isEmpty()) {
        Output.print(Help.all(Commands.groups()));
        return ExitCodes.USAGE;
      }
      String first = words.getFirst();
      if (first.equals("--help") || first.equals("-h") || first.equals("help")) {
        return help(words.subList(1, words.size()));
      }
      if (first.equals("--version") || first.equals("-V") || first.equals("version")) {
        Output.print("msb " + Machine.version() + "\n");
        return ExitCodes.OK;
      }
      Command command = Commands.named(first);
      List<String> rest = words.subList(1, words.size());
      if (asksForHelp(rest)) {
        Output.print(Help.of(command));
        return ExitCodes.OK;
      }
      return command.run(Arguments.parse(rest, command.options(), command.takesCommand()));
    } catch (UsageException e) {
      Output.error(e);
      return ExitCodes.USAGE;
    } catch (IllegalArgumentException e) {
      Output.error(e);
      return ExitCodes.USAGE;
    } catch (SandboxException e) {
      Output.error(e);
      return e.exitValue();
    } catch (InterruptedException e) {
      Output.error("interrupted");
      return ExitCodes.FAILED;
    }
  }

  private static int help(List<String> words) throws UsageException {
    Output.print(
        words.isEmpty() ? Help.all(Commands.groups()) : Help.of(Commands.named(words.getFirst())));
    return ExitCodes.OK;
  }

  private static boolean asksForHelp(List<String> words) {
    for (String word : words) {
      if (word.equals("--")) {
        return false;
      }
      if (word.equals("--help") || word.equals("-h")) {
        return true;
      }
    }
    return false;
  }
}
