package dev.msb.sdk;

import dev.msb.posix.Posix;
import dev.msb.protocol.ErrorCode;
import dev.msb.protocol.Frame;
import dev.msb.protocol.FrameCodec;
import dev.msb.protocol.FrameParser;
import dev.msb.protocol.FrameType;
import dev.msb.protocol.ListedExec;
import dev.msb.protocol.Protocol;
import dev.msb.protocol.ProtocolException;
import dev.msb.protocol.StartRequest;
import dev.msb.protocol.StdStream;
import dev.msb.protocol.VmCounts;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// A connection to a sandbox's supervisor.
///
/// One reader thread decodes what comes and hands it to the execs. It never writes, never runs a
/// user's code and never waits for a consumer: what it hands over is bounded by the credit that was
/// granted. Users' threads write, one frame at a time.
final class SupervisorConnection implements AutoCloseable {
  private static final int WRITE_BYTES = 32 * 1024;

  /// How long the supervisor has for its own answers. It waits for nobody.
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Transport transport;
  private final String sandbox;
  private final ByteBuffer input =
      ByteBuffer.allocateDirect(2 * Protocol.MAX_FRAME_BYTES).flip(); // nothing to read yet
  private final FrameParser parser = new FrameParser(input);

  private final ReentrantLock writing = new ReentrantLock();
  private final ByteBuffer output = ByteBuffer.allocateDirect(WRITE_BYTES); // guarded by writing

  private final ReentrantLock asking = new ReentrantLock();

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private boolean welcomed; // guarded by lock
  private @Nullable SandboxException refusal; // guarded by lock
  private final Map<Long, ClientExec> execs = new HashMap<>(); // guarded by lock
  private long nextId; // guarded by lock
  private long endOfIds; // guarded by lock
  private final List<ListedExec> answer = new ArrayList<>(); // guarded by lock
  private boolean answered; // guarded by lock
  private String noAnswer = ""; // guarded by lock: what there is in its place
  private @Nullable VmCounts counts; // guarded by lock
  private boolean lost; // guarded by lock
  private String lostReason = "the supervisor ended"; // the reader's, then guarded by lock

  private SupervisorConnection(Transport transport, String sandbox) {
    this.transport = transport;
    this.sandbox = sandbox;
  }

  /// Connects and greets.
  ///
  /// @param ids how many processes will be started over this connection
  /// @throws SandboxStoppingException if the sandbox goes down
  /// @throws SandboxException if the supervisor refuses
  /// @throws IOException if nobody listens
  static SupervisorConnection open(Path socket, String sandbox, int flags, int ids)
      throws IOException, InterruptedException {
    Transport transport =
        Posix.available() ? PosixTransport.connect(socket) : ChannelTransport.connect(socket);
    return open(transport, sandbox, flags, ids);
  }

  /// The same, over a socket that is connected.
  static SupervisorConnection open(Transport transport, String sandbox, int flags, int ids)
      throws SandboxException, InterruptedException {
    SupervisorConnection connection = new SupervisorConnection(transport, sandbox);
    Thread.ofPlatform().name("msb-" + sandbox + "-reader").daemon().start(connection::read);
    try {
      connection.send(new Frame.Hello(Protocol.VERSION, Protocol.VERSION, 0, flags, ids));
      connection.awaitWelcome();
      return connection;
    } catch (SandboxException | InterruptedException e) {
      connection.close();
      throw e;
    }
  }

  /// Ends at once if the thread is interrupted already, however quick the answer was.
  private void awaitWelcome() throws SandboxException, InterruptedException {
    lock.lockInterruptibly();
    try {
      long left = PATIENCE.toNanos();
      while (!welcomed) {
        if (refusal != null) {
          throw refusal;
        }
        if (lost) {
          throw new SandboxLostException(lostReason);
        }
        left = await(left);
      }
    } finally {
      lock.unlock();
    }
  }

  /// Waits for a change, with the lock held.
  ///
  /// @return what is left of the time
  /// @throws NoAnswerException if nothing is
  @SuppressWarnings("WaitNotInLoop") // its callers loop
  private long await(long nanos) throws SandboxException, InterruptedException {
    if (nanos <= 0) {
      throw NoAnswerException.of("the supervisor of sandbox \"" + sandbox + "\" does not answer");
    }
    return changed.awaitNanos(nanos);
  }

  // The reader.

  private void read() {
    try {
      while (true) {
        input.compact();
        if (transport.read(input) < 0) {
          break;
        }
        input.flip();
        deliver();
      }
    } catch (IOException e) {
      lostReason = String.valueOf(e.getMessage());
    }
    transport.close();
    Map<Long, ClientExec> unfinished;
    lock.lock();
    try {
      lost = true;
      unfinished = new HashMap<>(execs);
      execs.clear();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    for (ClientExec exec : unfinished.values()) {
      exec.lost(lostReason);
    }
  }

  private void deliver() throws ProtocolException {
    while (parser.next()) {
      if (parser.owner() == 0) {
        ofConnection(parser.decode());
        continue;
      }
      ClientExec exec = find(parser.owner());
      if (exec == null) {
        continue; // it crossed our end of that exec
      }
      switch (parser.type()) {
        case FrameType.DATA -> exec.data(parser);
        case FrameType.CREDIT -> exec.credit(parser);
        case FrameType.CLOSE -> exec.closed(parser);
        case FrameType.ERROR -> ofExec(exec, (Frame.Error) parser.decode());
        default -> exec.handle(parser.decode());
      }
      if (exec.isOver()) {
        forget(exec);
      }
    }
  }

  private void ofExec(ClientExec exec, Frame.Error error) throws ProtocolException {
    if (error.code() == ErrorCode.TAKEN_OVER || error.code() == ErrorCode.LAGGED) {
      lostReason = error.text(); // the end of the connection follows
    }
    exec.handle(error);
  }

  private void ofConnection(Frame frame) throws ProtocolException {
    // The kinds are told apart one by one, see FrameCodec.
    if (frame instanceof Frame.Welcome welcome) {
      welcomed(welcome);
    } else if (frame instanceof Frame.Error error && error.code() == ErrorCode.NO_ANSWER) {
      notAnswered(error.text());
    } else if (frame instanceof Frame.Error error) {
      // It comes ahead of data that is still under way: what it says counts when the end comes.
      lostReason = error.text();
      refused(error);
    } else if (frame instanceof Frame.Counts(VmCounts told)) {
      counted(told);
      answer(List.of(), true);
    } else if (frame instanceof Frame.Pong) {
      answer(List.of(), true);
    } else if (frame instanceof Frame.Listing(boolean last, List<ListedExec> listed)) {
      answer(listed, last);
    } else {
      throw new ProtocolException("an unexpected frame from the supervisor");
    }
  }

  private void welcomed(Frame.Welcome welcome) throws ProtocolException {
    lock.lock();
    try {
      if (welcomed) {
        throw new ProtocolException("a second WELCOME from the supervisor");
      }
      if (welcome.version() == Protocol.VERSION) {
        welcomed = true;
        nextId = welcome.firstId();
        endOfIds = welcome.firstId() + welcome.ids();
      } else {
        refusal = new VersionMismatchException(sandbox, "it chose version " + welcome.version());
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void counted(VmCounts told) {
    lock.lock();
    try {
      counts = told;
    } finally {
      lock.unlock();
    }
  }

  /// Counts only as the answer to HELLO.
  private void refused(Frame.Error error) {
    lock.lock();
    try {
      refusal =
          switch (error.code()) {
            case STOPPING -> new SandboxStoppingException(error.text());
            case VERSION -> new VersionMismatchException(sandbox, error.text());
            case PROTOCOL,
                AGENT_LOST,
                BUSY,
                UNKNOWN_EXEC,
                TAKEN_OVER,
                BAD_OFFSET,
                LAGGED,
                NO_ANSWER,
                TIMED_OUT ->
                new SandboxException(error.text());
          };
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void answer(List<ListedExec> listed, boolean last) {
    lock.lock();
    try {
      answer.addAll(listed);
      answered = last;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void notAnswered(String why) {
    lock.lock();
    try {
      noAnswer = why;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private @Nullable ClientExec find(long id) {
    lock.lock();
    try {
      return execs.get(id);
    } finally {
      lock.unlock();
    }
  }

  /// A connection that was made for its execs ends with the last of them.
  private void forget(ClientExec exec) {
    boolean last;
    lock.lock();
    try {
      execs.remove(exec.id());
      last = execs.isEmpty() && nextId == endOfIds;
    } finally {
      lock.unlock();
    }
    if (last) {
      transport.shutdown();
    }
  }

  /// Why the supervisor says that it ends. For the reader.
  String endReason() {
    return lostReason;
  }

  // Users.

  /// Starts a process; whether that works, the exec tells.
  ///
  /// @param arrivals where the order of what it writes is kept; null for nowhere
  ClientExec start(StartRequest request, @Nullable Arrivals arrivals) throws SandboxException {
    ClientExec exec;
    lock.lock();
    try {
      if (lost) {
        throw new SandboxLostException(lostReason);
      }
      if (nextId >= endOfIds) {
        throw new IllegalStateException("the ids of this connection are used up");
      }
      exec =
          new ClientExec(
              this,
              nextId++,
              request.argv().getFirst(),
              request.stdoutWindow(),
              request.stderrWindow(),
              arrivals);
      if (request.has(StartRequest.Flag.TERMINAL)) {
        exec.onTerminal();
      }
      if (request.has(StartRequest.Flag.NO_STDIN)) {
        exec.stdin().broken("Stream closed");
      }
      execs.put(exec.id(), exec);
    } finally {
      lock.unlock();
    }
    send(new Frame.Start(exec.id(), request));
    return exec;
  }

  /// Takes an exec over, or watches it; whether that works, the exec tells.
  ClientExec attach(long id, boolean watch, long stdoutOffset, long stderrOffset)
      throws SandboxException {
    int window = Protocol.DEFAULT_WINDOW_BYTES;
    ClientExec exec = new ClientExec(this, id, "exec " + id, window, window, null);
    lock.lock();
    try {
      if (lost) {
        throw new SandboxLostException(lostReason);
      }
      execs.put(id, exec);
    } finally {
      lock.unlock();
    }
    send(new Frame.Attach(id, watch, stdoutOffset, stderrOffset, window, window));
    return exec;
  }

  /// The execs of the sandbox.
  List<ListedExec> list() throws SandboxException, InterruptedException {
    return ask(new Frame.ListExecs(), PATIENCE);
  }

  /// Waits for the agent's answer.
  ///
  /// @throws NoAnswerException if none comes within this time
  void ping(Duration wait) throws SandboxException, InterruptedException {
    ask(new Frame.Probe(1, wait.toMillis()), wait.plus(PATIENCE));
  }

  /// One thread at a time asks, and waits for the whole answer.
  private List<ListedExec> ask(Frame question, Duration wait)
      throws SandboxException, InterruptedException {
    asking.lockInterruptibly();
    try {
      lock.lock();
      try {
        answer.clear();
        answered = false;
        noAnswer = "";
      } finally {
        lock.unlock();
      }
      send(question);
      lock.lock();
      try {
        long left = wait.toNanos();
        while (!answered) {
          if (lost) {
            throw new SandboxLostException(lostReason);
          }
          if (!noAnswer.isEmpty()) {
            throw NoAnswerException.of("sandbox \"" + sandbox + "\": " + noAnswer);
          }
          left = await(left);
        }
        return List.copyOf(answer);
      } finally {
        lock.unlock();
      }
    } finally {
      asking.unlock();
    }
  }

  /// Whether the connection has ended.
  boolean isLost() {
    lock.lock();
    try {
      return lost;
    } finally {
      lock.unlock();
    }
  }

  /// What the supervisor counts.
  VmCounts count() throws SandboxException, InterruptedException {
    ask(new Frame.Count(), PATIENCE);
    lock.lock();
    try {
      return Objects.requireNonNull(counts);
    } finally {
      lock.unlock();
    }
  }

  /// Asks the supervisor to end the sandbox and waits until it has gone.
  void end(Frame request) throws SandboxException, InterruptedException {
    send(request);
    lock.lock();
    try {
      while (!lost) {
        changed.await();
      }
    } finally {
      lock.unlock();
    }
  }

  /// Sends a frame.
  ///
  /// @throws SandboxException if the connection is gone
  void send(Frame frame) throws SandboxException {
    byte[] bytes = FrameCodec.encode(frame);
    writing.lock();
    try {
      for (int at = 0; at < bytes.length; ) {
        int piece = Math.min(WRITE_BYTES, bytes.length - at);
        output.clear().put(bytes, at, piece).flip();
        transport.write(output);
        at += piece;
      }
    } catch (IOException e) {
      throw new SandboxLostException("the connection to the sandbox is gone");
    } finally {
      writing.unlock();
    }
  }

  /// Sends a frame that no longer matters when the connection is gone.
  void trySend(Frame frame) {
    try {
      send(frame);
    } catch (SandboxException e) {
      // the reader finds out and tells everyone
    }
  }

  /// Sends bytes of a stream in one frame.
  void sendData(long exec, StdStream stream, long offset, byte[] bytes, int at, int length)
      throws SandboxException {
    writing.lock();
    try {
      output.clear();
      FrameCodec.putHeader(output, 8 + length, FrameType.DATA, stream.number(), exec);
      output.putLong(offset).put(bytes, at, length).flip();
      transport.write(output);
    } catch (IOException e) {
      throw new SandboxLostException("the connection to the sandbox is gone");
    } finally {
      writing.unlock();
    }
  }

  @Override
  public void close() {
    transport.shutdown();
  }
}
