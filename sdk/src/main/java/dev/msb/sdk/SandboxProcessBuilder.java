package dev.msb.sdk;

import dev.msb.protocol.Bytes;
import dev.msb.protocol.OneLine;
import dev.msb.protocol.Protocol;
import dev.msb.protocol.StartRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// What a process is to be, until [#start]. Not for use by several threads.
public final class SandboxProcessBuilder {
  /// Where to get a connection from.
  interface Connector {
    SupervisorConnection connect() throws SandboxException, InterruptedException;
  }

  /// The names of the limits that [#rlimit] knows. Linux's numbers are the indexes.
  public static final List<String> LIMITS =
      List.of(
          "cpu",
          "fsize",
          "data",
          "stack",
          "core",
          "rss",
          "nproc",
          "nofile",
          "memlock",
          "as",
          "locks",
          "sigpending",
          "msgqueue",
          "nice",
          "rtprio",
          "rttime");

  /// How much [#exec] keeps of each output if nothing else is said: 16 MiB.
  public static final int DEFAULT_OUTPUT_LIMIT_BYTES = 16 << 20;

  /// All but the other fields of START.
  private static final int MOST_WORDS_BYTES = Protocol.MAX_START_BYTES - 16 * 1024;

  private static final Duration KILL_AFTER = Duration.ofSeconds(5);

  private final List<String> argv;
  private final Connector connector;
  private final List<String> env = new ArrayList<>();
  private final List<StartRequest.Limit> limits = new ArrayList<>();
  private String workingDirectory = "";
  private String user = "";
  private Duration timeout = Duration.ZERO;
  private Duration killAfter = KILL_AFTER;
  private boolean keep;
  private boolean noStdin;
  private boolean mergeStderr;
  private byte @Nullable [] input;
  private int outputLimit = DEFAULT_OUTPUT_LIMIT_BYTES;
  private @Nullable TerminalSize terminal;
  private boolean pipedStdout;

  SandboxProcessBuilder(List<String> argv, Connector connector) {
    if (argv.isEmpty()) {
      throw new IllegalArgumentException("a process needs a command");
    }
    for (String word : argv) {
      if (word.indexOf('\0') >= 0) {
        throw new IllegalArgumentException("a word of the command has a NUL character");
      }
      check("a word of the command", word, Protocol.MAX_STRING_BYTES);
    }
    this.argv = List.copyOf(argv);
    this.connector = connector;
  }

  /// A variable of its environment, over those of the sandbox and over an earlier one of its name.
  ///
  /// @throws IllegalArgumentException if it is none, or is longer than Linux takes: 131,071 bytes
  public SandboxProcessBuilder env(String name, String value) {
    Objects.requireNonNull(value);
    if (name.isEmpty() || name.indexOf('=') >= 0 || (name + value).indexOf('\0') >= 0) {
      throw new IllegalArgumentException("\"" + name + "\" is no variable");
    }
    check("the variable " + name, name + "=" + value, Protocol.MAX_STRING_BYTES);
    for (int i = env.size() - 1; i >= 0; i--) {
      if (env.get(i).startsWith(name + "=")) {
        env.remove(i); // of two with one name some programs would see the first, some the last
      }
    }
    env.add(name + "=" + value);
    return this;
  }

  /// Its working directory, which must be there in the guest; the sandbox's if not called.
  public SandboxProcessBuilder workingDirectory(String guestPath) {
    check("the working directory", guestPath, Protocol.MAX_PATH_BYTES);
    workingDirectory = guestPath;
    return this;
  }

  /// Its user in the guest, `NAME|UID[:GROUP|GID]`; the sandbox's if not called.
  public SandboxProcessBuilder user(String guestUser) {
    check("the user", guestUser, Protocol.MAX_USER_BYTES);
    user = guestUser;
    return this;
  }

  /// Ends it after this time from its start: SIGTERM to its group, then SIGKILL. Enforced in the
  /// guest; if that does not do it, it is over 15 seconds later all the same, as
  /// [ExitStatus.TimedOut] with a [ExitStatus.Lost].
  public SandboxProcessBuilder timeout(Duration duration) {
    timeout = positive(duration);
    return this;
  }

  /// How long after a SIGTERM of ours SIGKILL follows; 5 seconds if not called.
  public SandboxProcessBuilder killAfter(Duration duration) {
    killAfter = Objects.requireNonNull(duration);
    return this;
  }

  /// It goes on when the connection to it ends, blocked when its output has filled a window; see
  /// [Sandbox#attach]. If not called, it ends with the connection: SIGHUP and SIGTERM to its group,
  /// then SIGKILL.
  public SandboxProcessBuilder keep() {
    keep = true;
    return this;
  }

  /// Its stdin is /dev/null.
  public SandboxProcessBuilder noStdin() {
    noStdin = true;
    return this;
  }

  /// Its stderr is the same pipe as its stdout.
  public SandboxProcessBuilder mergeStderr() {
    mergeStderr = true;
    return this;
  }

  /// A terminal of this size instead of three pipes: what is typed goes in by the output stream,
  /// what it shows comes out by the input stream, and the error stream is at its end from the
  /// start.
  public SandboxProcessBuilder terminal(TerminalSize size) {
    terminal = Objects.requireNonNull(size);
    return this;
  }

  /// With a [#terminal]: its stdout is a pipe all the same, as if its shell had redirected it, and
  /// what the terminal shows comes out by the error stream.
  public SandboxProcessBuilder pipedStdout() {
    pipedStdout = true;
    return this;
  }

  /// A resource limit, by its name in lower case, such as `nofile`, instead of an earlier one of
  /// that name; -1 is unlimited.
  ///
  /// @throws IllegalArgumentException if there is no such limit
  public SandboxProcessBuilder rlimit(String name, long soft, long hard) {
    int number = LIMITS.indexOf(name);
    if (number < 0) {
      throw new IllegalArgumentException("no such limit: " + name);
    }
    limits.removeIf(limit -> limit.resource() == number); // so that there are never too many
    limits.add(new StartRequest.Limit(number, soft, hard));
    return this;
  }

  /// What it reads from stdin, then end of file, with [#exec] and [#events]. The array is not
  /// copied.
  public SandboxProcessBuilder input(byte[] bytes) {
    input = Objects.requireNonNull(bytes);
    return this;
  }

  /// The same, as UTF-8.
  public SandboxProcessBuilder input(String text) {
    return input(text.getBytes(StandardCharsets.UTF_8));
  }

  /// How many bytes [#exec] keeps of each of stdout and stderr; [#DEFAULT_OUTPUT_LIMIT_BYTES] if
  /// not called. What is longer is read to its end, but not kept, and the result says so.
  ///
  /// @throws IllegalArgumentException if it is negative
  public SandboxProcessBuilder outputLimit(int bytes) {
    if (bytes < 0) {
      throw new IllegalArgumentException("an output limit of " + bytes + " bytes");
    }
    outputLimit = bytes;
    return this;
  }

  private static void check(String what, String text, int most) {
    int bytes = Bytes.excess(text, most);
    if (bytes > 0) {
      throw new IllegalArgumentException(
          OneLine.of(what, 100)
              + " takes "
              + bytes
              + " bytes, more than the "
              + most
              + " possible");
    }
  }

  private static Duration positive(Duration duration) {
    if (duration.isNegative() || duration.isZero()) {
      throw new IllegalArgumentException("a timeout of " + duration);
    }
    return duration;
  }

  /// Starts it, and the sandbox if that is stopped. Returns when it runs; when interrupted before,
  /// nothing of it is left.
  ///
  /// @throws StartFailedException if the guest cannot start it
  /// @throws NoAnswerException if the guest says nothing for 60 seconds, or its timeout runs out
  ///   before
  /// @throws SandboxException if the sandbox cannot be reached or started
  /// @throws IllegalStateException if it has an [#input], which is for [#exec] and [#events]
  public SandboxProcess start() throws SandboxException, InterruptedException {
    if (input != null) {
      throw new IllegalStateException("write to getOutputStream(): input is for exec and events");
    }
    SupervisorConnection connection = connector.connect();
    return new SandboxProcess(begin(connection, null), connection);
  }

  /// Runs it to its end and collects what it writes. Without [#input] its stdin is /dev/null.
  ///
  /// A process that fails is a result, not an exception; [ExecResult#orThrow] makes it one. When
  /// interrupted it kills the process, and leaves nothing behind.
  ///
  /// @throws StartFailedException if the guest cannot start it
  /// @throws SandboxLostException if the sandbox goes away in the middle
  /// @throws SandboxException if the sandbox cannot be reached or started
  public ExecResult exec() throws SandboxException, InterruptedException {
    boolean none = noStdin;
    noStdin = input == null;
    try (ExecEvents events = events()) {
      return ExecResult.collect(argv.getFirst(), events, outputLimit);
    } finally {
      noStdin = none;
    }
  }

  /// Starts it, and tells what happens to it as it happens, in one order for both outputs.
  ///
  /// @throws StartFailedException if the guest cannot start it
  /// @throws SandboxException if the sandbox cannot be reached or started
  public ExecEvents events() throws SandboxException, InterruptedException {
    SupervisorConnection connection = connector.connect();
    Arrivals arrivals = new Arrivals();
    ExecEvents events = new ExecEvents(begin(connection, arrivals), connection, arrivals);
    if (input != null) {
      events.feed(input);
    }
    return events;
  }

  private ClientExec begin(SupervisorConnection connection, @Nullable Arrivals arrivals)
      throws SandboxException, InterruptedException {
    ClientExec exec = null;
    try {
      checkSum();
      exec = connection.start(request(), arrivals);
      exec.awaitStarted();
      return exec;
    } catch (SandboxException e) {
      connection.close();
      throw e;
    } catch (InterruptedException e) {
      if (exec != null) {
        exec.abandon();
      }
      connection.close();
      throw e;
    }
  }

  /// What is far too much for the guest's execve(2) is not sent to it.
  private void checkSum() throws StartFailedException {
    long most = 0;
    for (String word : argv) {
      most += 3L * word.length() + 4;
    }
    for (String variable : env) {
      most += 3L * variable.length() + 4;
    }
    if (most <= MOST_WORDS_BYTES) {
      return;
    }
    long sum = 0;
    for (String word : argv) {
      sum += Bytes.of(word).length + 4;
    }
    for (String variable : env) {
      sum += Bytes.of(variable).length + 4;
    }
    if (sum > MOST_WORDS_BYTES) {
      StartFailedException.fail(
          argv.getFirst(),
          "they take " + sum + " bytes, more than the " + MOST_WORDS_BYTES + " possible");
    }
  }

  private StartRequest request() {
    StartRequest.Builder request =
        StartRequest.builder()
            .flag(StartRequest.Flag.NO_STDIN, noStdin)
            .flag(StartRequest.Flag.MERGE_STDERR, mergeStderr)
            .flag(StartRequest.Flag.KEEP, keep)
            .timeoutMillis(timeout.toMillis())
            .killAfterMillis(Math.min(killAfter.toMillis(), Integer.MAX_VALUE))
            .user(user)
            .workingDirectory(workingDirectory)
            .limits(List.copyOf(limits))
            .argv(argv)
            .env(List.copyOf(env));
    if (terminal != null) {
      request
          .flag(StartRequest.Flag.TERMINAL)
          .flag(StartRequest.Flag.PIPED_STDOUT, pipedStdout)
          .size(terminal.rows(), terminal.columns());
    }
    return request.build();
  }
}
