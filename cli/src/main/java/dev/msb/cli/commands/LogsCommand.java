package dev.msb.cli.commands;

import dev.msb.cli.output.ExitCodes;
import dev.msb.cli.output.Output;
import dev.msb.cli.words.Arguments;
import dev.msb.cli.words.Command;
import dev.msb.cli.words.Format;
import dev.msb.cli.words.Option;
import dev.msb.cli.words.UsageException;
import dev.msb.cli.words.Values;
import dev.msb.posix.Posix;
import dev.msb.sdk.GuestText;
import dev.msb.sdk.LoggedOutput;
import dev.msb.sdk.Sandbox;
import dev.msb.sdk.SandboxException;
import dev.msb.sdk.SandboxLog;
import java.util.List;
import java.util.function.Consumer;

/// `msb logs`: what commands in a sandbox wrote, or what its kernel printed.
///
/// Without an option that speaks of lines the bytes are passed on as they are. What was written to
/// stderr goes to stderr.
public final class LogsCommand implements Command {
  private static final int STDOUT = 1;
  private static final int MOST_LINES = 1_000_000;

  private static final List<Option> OPTIONS =
      List.of(
          Option.flag("follow", 'f', "wait for more, as long as the sandbox runs"),
          Option.value("tail", 'n', "NUMBER", "only the last lines"),
          Option.value("since", '\0', "TIME", "what came since then: 10m (ago), or RFC 3339"),
          Option.value("until", '\0', "TIME", "what came before then"),
          Option.value("grep", '\0', "REGEX", "lines in which it is found"),
          Option.value("stream", '\0', "stdout|stderr", "only this stream"),
          Option.value("exec", '\0', "ID", "only what this exec wrote"),
          Option.flag("timestamps", 't', "the time before each line"),
          Option.flag("console", '\0', "the last of what the guest's kernel printed"),
          Format.OPTION);

  @Override
  public String name() {
    return "logs";
  }

  @Override
  public String synopsis() {
    return "NAME [OPTIONS]";
  }

  @Override
  public String summary() {
    return "show what commands wrote, if that is kept, or the guest's console";
  }

  @Override
  public List<Option> options() {
    return OPTIONS;
  }

  @Override
  public List<String> examples() {
    return List.of("msb logs web -n 10 --since 10m", "msb logs web --console");
  }

  @Override
  public int run(Arguments arguments)
      throws UsageException, SandboxException, InterruptedException {
    arguments.conflict("until", "follow");
    String name = Names.one(arguments, "logs");
    LogFilter filter = LogFilter.of(arguments);
    String tail = arguments.value("tail");
    int most = tail == null ? -1 : Values.integer("tail", tail, 0, MOST_LINES);
    boolean json = Format.isJson(arguments);
    boolean timestamps = arguments.has("timestamps");
    Sandbox sandbox = Sandbox.get(name);
    if (arguments.has("console")) {
      console(sandbox.console());
      return ExitCodes.OK;
    }
    boolean follow = arguments.has("follow");
    try (SandboxLog log = sandbox.log(follow)) {
      if (json || timestamps || tail != null || arguments.has("grep")) {
        showLines(log, follow, filter, most, line -> print(line, json, timestamps));
      } else {
        showBytes(log, filter);
      }
    }
    return ExitCodes.OK;
  }

  /// What commands wrote is their own, and may be meant for a terminal; this is not.
  private static void console(byte[] bytes) {
    if (Posix.isatty(STDOUT) != 1) {
      Output.print(bytes);
      return;
    }
    for (String line : GuestText.of(bytes).stripTrailing().split("\\r*\n", -1)) {
      Output.print(GuestText.escaped(line) + "\n");
    }
  }

  private static void showBytes(SandboxLog log, LogFilter filter)
      throws SandboxException, InterruptedException {
    for (var output = log.next(); output.isPresent(); output = log.next()) {
      if (filter.takes(output.get())) {
        print(output.get().source(), bytes(output.get()));
      }
    }
  }

  private static byte[] bytes(LoggedOutput output) {
    byte[] bytes = new byte[output.bytes().remaining()];
    output.bytes().get(bytes);
    return bytes;
  }

  /// @param most how many of the lines that are there already; -1 for all
  private static void showLines(
      SandboxLog log, boolean follow, LogFilter filter, int most, Consumer<LogLine> printer)
      throws SandboxException, InterruptedException {
    LogTail tail = new LogTail(most, printer);
    LogLines lines = new LogLines(filter, tail);
    if (most >= 0) {
      for (var output = log.poll(); output.isPresent(); output = log.poll()) {
        lines.add(output.get());
      }
      if (!follow) {
        lines.end();
      }
      tail.release();
    }
    for (var output = log.next(); output.isPresent(); output = log.next()) {
      lines.add(output.get());
    }
    lines.end();
  }

  private static void print(LogLine line, boolean json, boolean timestamps) {
    if (json) {
      Output.print(line.json() + "\n");
      return;
    }
    print(line.source(), timestamps ? line.stamped() : line.bytes());
  }

  private static void print(LoggedOutput.Source source, byte[] bytes) {
    if (source == LoggedOutput.Source.STDOUT) {
      Output.print(bytes);
    } else {
      Output.printError(bytes);
    }
  }
}
