package dev.msb.cli.process;

import dev.msb.cli.words.Arguments;
import dev.msb.cli.words.Option;
import dev.msb.cli.words.UsageException;
import dev.msb.cli.words.Values;
import dev.msb.sdk.SandboxProcessBuilder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The options of a process, shared by `exec` and `run`, checked before anything is started.
public final class ProcessOptions {
  public static final List<Option> TIMES_AND_LIMITS =
      List.of(
          Option.value(
              "timeout", '\0', "DURATION", "end it after this time: 500ms, 2s, 1m; status 124"),
          Option.value("kill-after", '\0', "DURATION", "SIGKILL this long after the SIGTERM (5s)"),
          Option.value(
              "rlimit", '\0', "NAME=SOFT[:HARD]", "a resource limit, e.g. nofile=1024; repeatable"),
          Option.value(
              "stdin",
              '\0',
              "pipe|none",
              "pipe: ours (default unless a terminal); none: /dev/null"),
          Option.flag("merge-stderr", '\0', "one pipe for both outputs, in true order"),
          Option.value(
              "on-disconnect", '\0', "kill|keep", "what becomes of it when msb is killed (kill)"),
          Option.value("status-fd", '\0', "FD", "tell of its start and end there, as JSON lines"),
          Option.flag("tty", 't', "a terminal instead of pipes; ours must be one"),
          Option.flag("interactive", 'i', "as --stdin pipe, which -t has anyhow"),
          Option.value(
              "detach-keys",
              '\0',
              "KEYS",
              "leave a terminal by these (ctrl-p,ctrl-q); empty: none"),
          Option.flag("stream", '\0', "drive it turn by turn; refuses a terminal as stdin"),
          Option.flag("quiet", 'q', "no notices"));

  /// It has 15 s for the guest, and some for itself.
  private static final long SUPERVISOR_MILLIS = 45_000;

  private final Arguments arguments;
  private final @Nullable Long timeoutMillis;
  private final @Nullable Long killAfterMillis;
  private final List<Rlimit> limits = new ArrayList<>();
  private final boolean keep;
  private final StatusReport report;
  private final boolean noStdin;
  private final boolean terminal;
  private final @Nullable DetachKeys detachKeys;

  public ProcessOptions(Arguments arguments, boolean terminalStdin) throws UsageException {
    this.arguments = arguments;
    String timeout = arguments.value("timeout");
    timeoutMillis = timeout == null ? null : Values.duration("timeout", timeout).toMillis();
    if (timeoutMillis != null && timeoutMillis == 0) {
      throw new UsageException("--timeout 0 leaves no time to run");
    }
    String killAfter = arguments.value("kill-after");
    killAfterMillis =
        killAfter == null ? null : Values.duration("kill-after", killAfter).toMillis();
    for (String limit : arguments.all("rlimit")) {
      limits.add(Rlimit.parse(limit));
    }
    arguments.conflict("stream", "tty");
    arguments.conflict("merge-stderr", "tty");
    arguments.conflict("stdin", "tty");
    boolean detach = arguments.has("detach"); // then the terminal has nothing to do with ours
    if (arguments.has("tty") && !terminalStdin && !detach) {
      throw new UsageException("-t needs a terminal as stdin: leave it out, or use --stream");
    }
    String onDisconnect = arguments.value("on-disconnect");
    keep = keep(onDisconnect == null ? "kill" : onDisconnect);
    report = StatusReport.of(arguments.value("status-fd"));
    noStdin = noStdin(arguments.value("stdin"), terminalStdin);
    terminal = arguments.has("tty") && (detach || hasScreen());
    detachKeys =
        terminal || arguments.has("detach-keys") ? DetachKeys.of(arguments) : null; // checks them
  }

  /// Whether there is something here that can show what a terminal does.
  private static boolean hasScreen() {
    return LocalTerminal.isTerminal(1) || LocalTerminal.isTerminal(2);
  }

  private static boolean keep(String choice) throws UsageException {
    return switch (choice) {
      case "keep" -> true;
      case "kill" -> false;
      default ->
          throw new UsageException("--on-disconnect \"" + choice + "\" is neither kill nor keep");
    };
  }

  private boolean noStdin(@Nullable String choice, boolean terminalStdin) throws UsageException {
    if (arguments.has("stream") && terminalStdin) {
      throw new UsageException(
          "--stream drives a process over pipes, but stdin is a terminal: use -t for one");
    }
    if (arguments.has("no-stdin")) {
      arguments.conflict("no-stdin", "stdin");
      arguments.conflict("no-stdin", "interactive");
      arguments.conflict("no-stdin", "tty");
      return true;
    }
    if (choice == null) {
      return terminalStdin && !arguments.has("tty") && !arguments.has("interactive");
    }
    if (choice.equals("none") && arguments.has("interactive")) {
      throw new UsageException("--stdin none and --interactive exclude each other");
    }
    return switch (choice) {
      case "none" -> true;
      case "pipe" -> false;
      default -> throw new UsageException("--stdin \"" + choice + "\" is neither pipe nor none");
    };
  }

  /// The words after `--`, of which there must be some.
  public static List<String> command(Arguments arguments, String before) throws UsageException {
    List<String> command = arguments.command();
    if (command == null || command.isEmpty()) {
      throw new UsageException("no command: write msb " + before + " -- COMMAND");
    }
    return command;
  }

  public boolean hasTerminal() {
    return terminal;
  }

  /// With a terminal: the keys by which one leaves it.
  DetachKeys detachKeys() {
    return Objects.requireNonNull(detachKeys);
  }

  boolean isQuiet() {
    return arguments.has("quiet");
  }

  boolean hasStdin() {
    return !noStdin;
  }

  /// Where the start and the end are told of.
  public StatusReport report() {
    return report;
  }

  /// Milliseconds after which the supervisor should have told the end, whatever the guest does; 0
  /// if there is no such time.
  long watchdogMillis() {
    if (timeoutMillis == null) {
      return 0;
    }
    return timeoutMillis + (killAfterMillis == null ? 5_000 : killAfterMillis) + SUPERVISOR_MILLIS;
  }

  private void applyTerminalTo(SandboxProcessBuilder process) {
    process.terminal(LocalTerminal.size());
    if (!arguments.has("detach") && !LocalTerminal.isTerminal(1)) {
      process.pipedStdout(); // a file gets what a program writes, without carriage returns
    }
    String term = System.getenv("TERM");
    boolean known = term != null && !term.isEmpty() && !term.equals("unknown");
    process.env("TERM", known ? term : "xterm");
    String colors = System.getenv("COLORTERM");
    if (colors != null) {
      process.env("COLORTERM", colors);
    }
  }

  /// To be called before variables that were asked for are added: TERM is a guess only.
  public void applyTo(SandboxProcessBuilder process) {
    if (timeoutMillis != null) {
      process.timeout(Duration.ofMillis(timeoutMillis));
    }
    if (killAfterMillis != null) {
      process.killAfter(Duration.ofMillis(killAfterMillis));
    }
    for (Rlimit limit : limits) {
      process.rlimit(limit.name(), limit.soft(), limit.hard());
    }
    if (terminal) {
      applyTerminalTo(process);
    }
    if (noStdin) {
      process.noStdin();
    }
    if (keep) {
      process.keep();
    }
    if (arguments.has("merge-stderr")) {
      process.mergeStderr();
    }
  }
}
