package dev.msb.sdk;

import dev.msb.protocol.EndReason;
import dev.msb.protocol.ErrorCode;
import dev.msb.protocol.ExitRecord;
import dev.msb.protocol.Frame;
import dev.msb.protocol.FrameParser;
import dev.msb.protocol.ProtocolException;
import dev.msb.protocol.StdStream;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// One process, seen from the host: turns frames into its streams and its end.
///
/// The connection's reader calls what is under "from the guest", users' threads all else.
final class ClientExec {
  private final SupervisorConnection connection;
  private final long id;
  private final String command;
  private final InboundStream stdout;
  private final InboundStream stderr;
  private final OutboundStream stdin = new OutboundStream(this, 0);
  private final @Nullable Arrivals arrivals;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private boolean terminal; // all fields from here on: guarded by lock
  private boolean started;
  private long pid;
  private @Nullable SandboxException startFailure;
  private @Nullable ExitStatus status;
  private @Nullable ExitRecord record;
  private String noAnswer = ""; // why the supervisor gave it up

  ClientExec(
      SupervisorConnection connection,
      long id,
      String command,
      int stdoutWindow,
      int stderrWindow,
      @Nullable Arrivals arrivals) {
    this.connection = connection;
    this.id = id;
    this.command = command;
    this.arrivals = arrivals;
    this.stdout = new InboundStream(this, StdStream.STDOUT, stdoutWindow);
    this.stderr = new InboundStream(this, StdStream.STDERR, stderrWindow);
  }

  InboundStream stdout() {
    return stdout;
  }

  InboundStream stderr() {
    return stderr;
  }

  OutboundStream stdin() {
    return stdin;
  }

  long id() {
    return id;
  }

  /// It has a terminal.
  void onTerminal() {
    lock.lock();
    try {
      terminal = true;
    } finally {
      lock.unlock();
    }
  }

  // From the guest.

  void data(FrameParser frame) throws ProtocolException {
    InboundStream stream = output(frame.stream());
    long offset = frame.offset();
    int length = frame.dataLength();
    if (offset != stream.received() || offset + length > stream.granted()) {
      throw new ProtocolException("data at offset " + offset + " that was not granted");
    }
    stream.deliver(frame.payload(), 8, length);
    if (arrivals != null) {
      arrivals.came(frame.stream(), length);
    }
  }

  void credit(FrameParser frame) throws ProtocolException {
    if (frame.stream() != 0) {
      throw new ProtocolException("credit for an output stream");
    }
    stdin.credit(frame.offset());
  }

  void closed(FrameParser frame) throws ProtocolException {
    long offset = frame.offset();
    if (frame.stream() == 0) {
      stdin.broken("Broken pipe: the process closed its stdin");
      return;
    }
    InboundStream stream = output(frame.stream());
    if (isCutShort(frame.stream(), offset)) {
      stream.lost(noAnswer());
      changed();
      return;
    }
    if (offset != stream.received() && !stream.closed()) {
      throw new ProtocolException(
          "the output is truncated: " + stream.received() + " of " + offset + " bytes came");
    }
    stream.end();
    changed();
  }

  void handle(Frame frame) throws ProtocolException {
    // The kinds are told apart one by one, see FrameCodec.
    if (frame instanceof Frame.Started begun) {
      stdin.credit(begun.stdinCredit());
      started(begun.pid());
    } else if (frame instanceof Frame.Exit(long exec, ExitRecord exit)) {
      ended(statusOf(exit), exit);
    } else if (frame instanceof Frame.Failed failed) {
      stdout.end();
      stderr.end();
      fail(StartFailedException.of(command, failed));
    } else if (frame instanceof Frame.Attached attached) {
      attached(attached);
    } else if (frame instanceof Frame.Error(long exec, ErrorCode code, String text)
        && (code == ErrorCode.NO_ANSWER || code == ErrorCode.TIMED_OUT)) {
      givenUp(text, code == ErrorCode.TIMED_OUT);
    } else if (frame instanceof Frame.Error error) {
      if (!isStarted()) {
        stdout.end();
        stderr.end();
        fail(new SandboxException(error.text()));
      } // else the connection ends, and says the same
    } else {
      throw new ProtocolException("an unexpected frame from the supervisor");
    }
  }

  /// The guest did not do in time what was asked of it. Of a process that runs, the end follows.
  private void givenUp(String why, boolean timedOut) {
    lock.lock();
    try {
      noAnswer = why;
      if (started) {
        return;
      }
    } finally {
      lock.unlock();
    }
    stdout.end();
    stderr.end();
    fail(NoAnswerException.of("cannot run \"" + command + "\": " + why, timedOut));
  }

  private String noAnswer() {
    lock.lock();
    try {
      return noAnswer;
    } finally {
      lock.unlock();
    }
  }

  /// Whether an output ends before what the guest said that it had of it.
  private boolean isCutShort(int stream, long offset) {
    lock.lock();
    try {
      return !noAnswer.isEmpty()
          && record != null
          && offset < (stream == 1 ? record.stdoutTotal() : record.stderrTotal());
    } finally {
      lock.unlock();
    }
  }

  private void attached(Frame.Attached attached) {
    stdout.startAt(attached.stdoutOffset());
    stderr.startAt(attached.stderrOffset());
    stdin.startAt(attached.stdinReceived(), attached.stdinCredit());
    if (attached.stdinClosed()) {
      stdin.broken("Broken pipe: stdin is closed");
    }
    if (attached.terminal()) {
      onTerminal();
    }
    started(attached.pid());
  }

  private void started(long number) {
    lock.lock();
    try {
      started = true;
      pid = number;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private boolean isStarted() {
    lock.lock();
    try {
      return started;
    } finally {
      lock.unlock();
    }
  }

  private ExitStatus statusOf(ExitRecord exit) {
    if (exit.reason() == EndReason.SANDBOX_STOPPING) {
      return new ExitStatus.Lost(connection.endReason());
    }
    String unknown = noAnswer();
    ExitStatus how =
        !unknown.isEmpty()
            ? new ExitStatus.Lost(unknown)
            : exit.signaled()
                ? new ExitStatus.Signaled(exit.code(), exit.coreDumped())
                : new ExitStatus.Exited(exit.code());
    return exit.reason() == EndReason.TIMEOUT ? new ExitStatus.TimedOut(how) : how;
  }

  /// The connection is gone: what is not over will never be.
  void lost(String reason) {
    stdout.lost(reason);
    stderr.lost(reason);
    ended(new ExitStatus.Lost(reason), null);
    fail(new SandboxLostException(reason));
  }

  private void ended(ExitStatus how, @Nullable ExitRecord exit) {
    stdin.broken("Broken pipe: the process has ended");
    lock.lock();
    try {
      if (status == null) {
        status = how;
        record = exit;
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    changed();
  }

  private void changed() {
    if (arrivals != null) {
      arrivals.changed();
    }
  }

  private void fail(SandboxException failure) {
    stdin.broken("Broken pipe: the process was not started");
    lock.lock();
    try {
      if (!started && startFailure == null) {
        startFailure = failure;
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// Whether nothing more comes from the guest.
  boolean isOver() {
    lock.lock();
    try {
      if (status == null && startFailure == null) {
        return false;
      }
    } finally {
      lock.unlock();
    }
    return over(stdout) && over(stderr);
  }

  private static boolean over(InboundStream output) {
    return output.ended() || !output.lost().isEmpty();
  }

  /// What is to be said when all that came of the output was taken; null as long as more may come.
  @Nullable ExecEvent lastEvent() {
    ExitStatus how = status();
    if (how == null) {
      return null;
    }
    for (InboundStream stream : List.of(stdout, stderr)) {
      String reason = stream.lost();
      if (!reason.isEmpty()) {
        return new ExecEvent.Lost(reason);
      }
      if (!stream.ended()) {
        return null;
      }
    }
    ExitRecord exit = record();
    return exit == null
        ? new ExecEvent.Lost("the exit status is missing")
        : new ExecEvent.Exited(how, ExitDetails.of(exit));
  }

  private InboundStream output(int stream) throws ProtocolException {
    return switch (StdStream.of(stream)) {
      case STDOUT -> stdout;
      case STDERR -> stderr;
      case STDIN -> throw new ProtocolException("stdin data from the guest");
    };
  }

  // Users.

  /// Waits until the process runs.
  void awaitStarted() throws SandboxException, InterruptedException {
    lock.lockInterruptibly();
    try {
      while (!started && startFailure == null) {
        changed.await();
      }
      if (startFailure != null) {
        throw startFailure;
      }
    } finally {
      lock.unlock();
    }
  }

  ExitStatus awaitEnd() throws InterruptedException {
    lock.lock();
    try {
      while (status == null) {
        changed.await();
      }
      return status;
    } finally {
      lock.unlock();
    }
  }

  boolean awaitEnd(long timeout, TimeUnit unit) throws InterruptedException {
    long left = unit.toNanos(timeout);
    lock.lock();
    try {
      while (status == null) {
        if (left <= 0) {
          return false;
        }
        left = changed.awaitNanos(left);
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  @Nullable ExitStatus status() {
    lock.lock();
    try {
      return status;
    } finally {
      lock.unlock();
    }
  }

  @Nullable ExitRecord record() {
    lock.lock();
    try {
      return record;
    } finally {
      lock.unlock();
    }
  }

  long pid() {
    lock.lock();
    try {
      return pid;
    } finally {
      lock.unlock();
    }
  }

  void grant(StdStream stream, long offset) {
    connection.trySend(new Frame.Credit(id, stream, offset));
  }

  void close(StdStream stream, long offset) {
    connection.trySend(new Frame.Close(id, stream, offset));
  }

  void sendData(StdStream stream, long offset, byte[] bytes, int at, int length)
      throws SandboxException {
    connection.sendData(id, stream, offset, bytes, at, length);
  }

  /// Kills it for good, also if nobody knows yet whether it started, and also if it was to be kept.
  void abandon() {
    connection.trySend(new Frame.Kill(id, EndReason.ASKED, 0));
  }

  boolean hasTerminal() {
    lock.lock();
    try {
      return terminal;
    } finally {
      lock.unlock();
    }
  }

  /// Leaves it to itself. One with a terminal is kept from now on, and its next driver gets what
  /// was not read here: to repeat what was could have a terminal answer the same question twice.
  void leave() {
    if (hasTerminal()) {
      stdout.leave();
      stderr.leave();
      connection.trySend(new Frame.Detach(id));
    }
  }

  void resize(TerminalSize size) throws SandboxException {
    if (status() == null) {
      connection.send(new Frame.Resize(id, size.rows(), size.columns()));
    }
  }

  void signal(int signal) throws SandboxException {
    if (status() == null) {
      connection.send(new Frame.Signal(id, signal));
    }
  }
}
