package dev.msb.cli;

import dev.msb.posix.Posix;
import dev.msb.protocol.OneLine;
import dev.msb.sdk.SandboxException;
import dev.msb.supervisor.SupervisorLauncher;
import dev.msb.supervisor.SupervisorMain;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// The program `msb`: finds the command, runs it, and ends with its status.
public final class Msb {
  private Msb() {}

  /// Runs a command, or, for the SDK, a supervisor.
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
      case SupervisorLauncher.COMMAND -> status = SupervisorMain.run(all.subList(1, all.size()));
      case Training.COMMAND_LINE -> {
        Training.commandLine();
        return;
      }
      case Training.SUPERVISOR -> {
        Training.supervisor(all.subList(1, all.size()));
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
        print(Help.all());
        return ExitCodes.USAGE;
      }
      String first = words.getFirst();
      if (first.equals("--help") || first.equals("-h") || first.equals("help")) {
        return help(words.subList(1, words.size()));
      }
      if (first.equals("--version") || first.equals("-V") || first.equals("version")) {
        print("msb " + Version.TEXT + "\n");
        return ExitCodes.OK;
      }
      Command command = Commands.named(first);
      List<String> rest = words.subList(1, words.size());
      if (asksForHelp(rest)) {
        print(Help.of(command));
        return ExitCodes.OK;
      }
      return command.run(Arguments.parse(rest, command.options(), command.takesCommand()));
    } catch (UsageException e) {
      error(e);
      return ExitCodes.USAGE;
    } catch (IllegalArgumentException e) {
      error(e);
      return ExitCodes.USAGE;
    } catch (SandboxException e) {
      error(e);
      return e.exitValue();
    } catch (InterruptedException e) {
      error("interrupted");
      return ExitCodes.FAILED;
    }
  }

  private static int help(List<String> words) throws UsageException {
    print(words.isEmpty() ? Help.all() : Help.of(Commands.named(words.getFirst())));
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

  /// Writes data to standard output.
  static void print(String text) {
    write(FileDescriptor.out, text);
  }

  /// Writes a line for people to standard output.
  static void printLine(String line) {
    print(OneLine.of(line, OneLine.LONGEST_MESSAGE) + "\n");
  }

  /// Writes bytes to standard output.
  static void print(byte[] bytes) {
    write(FileDescriptor.out, bytes);
  }

  /// Writes bytes to standard error that are not ours.
  static void printError(byte[] bytes) {
    write(FileDescriptor.err, bytes);
  }

  /// What an exception has to say.
  static void error(Exception failure) {
    String message = failure.getMessage();
    error(message == null ? failure.toString() : message);
  }

  /// One line for people. It may have words of a guest, or names of files.
  static void error(String line) {
    write(FileDescriptor.err, "msb: " + OneLine.of(line, OneLine.LONGEST_MESSAGE) + "\n");
  }

  /// Text for people that is no line.
  static void errorText(String text) {
    write(FileDescriptor.err, text);
  }

  private static void write(FileDescriptor descriptor, String text) {
    write(descriptor, text.getBytes(StandardCharsets.UTF_8));
  }

  /// Who does not read to the end, as `head`, ends us as it would any command.
  private static void write(FileDescriptor descriptor, byte[] bytes) {
    // Not System.out: it is one more class to load, and swallows a broken pipe.
    try {
      new FileOutputStream(descriptor).write(bytes);
    } catch (IOException e) {
      if ("Broken pipe".equals(e.getMessage())) {
        Posix.exit(ExitCodes.BROKEN_PIPE);
      }
      if (descriptor == FileDescriptor.err && "Bad file descriptor".equals(e.getMessage())) {
        return; // it is closed, and what we have to say is for nobody
      }
      if (descriptor == FileDescriptor.out) {
        error("cannot write to stdout: " + e.getMessage());
      }
      Posix.exit(ExitCodes.FAILED);
    }
  }

  static List<String> names(List<Command> commands) {
    List<String> names = new ArrayList<>();
    for (Command command : commands) {
      names.add(command.name());
    }
    return names;
  }
}
