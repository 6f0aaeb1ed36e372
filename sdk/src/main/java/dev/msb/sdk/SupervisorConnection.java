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

  private final Transport transport;
  private final ByteBuffer input = ByteBuffer.allocateDirect(2 * Protocol.MAX_FRAME_BYTES);
  private final FrameParser parser = new FrameParser(input);

  private final ReentrantLock writing = new ReentrantLock();
  private final ByteBuffer output = ByteBuffer.allocateDirect(WRITE_BYTES); // guarded by writing

  private final ReentrantLock asking = new ReentrantLock();

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition ended = lock.newCondition();
  private final Map<Long, ClientExec> execs = new HashMap<>(); // guarded by lock
  private long nextId; // guarded by lock
  private long endOfIds; // guarded by lock
  private final List<ListedExec> answer = new ArrayList<>(); // guarded by lock
  private boolean answered; // guarded by lock
  private @Nullable VmCounts counts; // guarded by lock
  private boolean lost; // guarded by lock
  private String lostReason = "the supervisor ended"; // the reader's, then guarded by lock

  private SupervisorConnection(Transport transport) {
    this.transport = transport;
  }

  /// Connects and greets.
  ///
  /// @param ids how many processes will be started over this connection
  /// @throws SandboxStoppingException if the sandbox goes down
  /// @throws IOException if nobody listens, or the supervisor refuses
  static SupervisorConnection open(Path socket, String name, int flags, int ids)
      throws IOException {
    Transport transport =
        Posix.available() ? PosixTransport.connect(socket) : ChannelTransport.connect(socket);
    SupervisorConnection connection = new SupervisorConnection(transport);
    try {
      connection.greet(flags, ids);
    } catch (IOException e) {
      transport.close();
      throw e;
    }
    Thread.ofPlatform().name("msb-" + name + "-reader").daemon().start(connection::read);
    return connection;
  }

  private void greet(int flags, int ids) throws IOException {
    send(new Frame.Hello(Protocol.VERSION, Protocol.VERSION, 0, flags, ids));
    input.clear();
    while (true) {
      if (transport.read(input) < 0) {
        throw new IOException("the supervisor closed the connection");
      }
      input.flip();
      if (parser.next()) {
        break;
      }
      input.compact();
    }
    switch (parser.decode()) {
      case Frame.Welcome(int version, long features, long firstId, int count) -> {
        nextId = firstId;
        endOfIds = firstId + count;
      }
      case Frame.Error(long exec, var code, String text) -> {
        switch (code) {
          case STOPPING -> throw new SandboxStoppingException(text);
          case PROTOCOL, VERSION, AGENT_LOST, BUSY, UNKNOWN_EXEC, TAKEN_OVER, BAD_OFFSET, LAGGED ->
              throw new SandboxException(text);
        }
      }
      default -> throw new ProtocolException("the supervisor does not answer HELLO");
    }
  }

  // The reader.

  private void read() {
    try {
      deliver();
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
      ended.signalAll();
    } finally {
      lock.unlock();
    }
    for (ClientExec exec : unfinished.values()) {
      exec.lost(lostReason);
    }
  }

  private void deliver() throws ProtocolException {
    while (parser.next()) {
      if (parser.exec() == 0) {
        ofConnection(parser.decode());
        continue;
      }
      ClientExec exec = find(parser.exec());
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
    switch (frame) {
      // It comes ahead of data that is still under way: what it says counts when the end comes.
      case Frame.Error error -> lostReason = error.text();
      case Frame.Counts(VmCounts told) -> {
        lock.lock();
        try {
          counts = told;
        } finally {
          lock.unlock();
        }
        answer(List.of(), true);
      }
      case Frame.Pong pong -> answer(List.of(), true);
      case Frame.Listing(boolean last, List<ListedExec> listed) -> answer(listed, last);
      default -> throw new ProtocolException("an unexpected frame from the supervisor");
    }
  }

  private void answer(List<ListedExec> listed, boolean last) {
    lock.lock();
    try {
      answer.addAll(listed);
      answered = last;
      ended.signalAll();
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
  ClientExec start(StartRequest request) throws SandboxException {
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
              request.stderrWindow());
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
    ClientExec exec = new ClientExec(this, id, "exec " + id, window, window);
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
  List<ListedExec> list() throws SandboxException {
    return ask(new Frame.ListExecs());
  }

  /// Waits for the agent's answer.
  void ping() throws SandboxException {
    ask(new Frame.Ping(1));
  }

  /// One thread at a time asks, and waits for the whole answer.
  private List<ListedExec> ask(Frame question) throws SandboxException {
    asking.lock();
    try {
      lock.lock();
      try {
        answer.clear();
        answered = false;
      } finally {
        lock.unlock();
      }
      send(question);
      lock.lock();
      try {
        while (!answered) {
          if (lost) {
            throw new SandboxLostException(lostReason);
          }
          ended.awaitUninterruptibly();
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
  VmCounts count() throws SandboxException {
    ask(new Frame.Count());
    lock.lock();
    try {
      return Objects.requireNonNull(counts);
    } finally {
      lock.unlock();
    }
  }

  /// Asks the supervisor to end the sandbox and waits until it has gone.
  void end(Frame request) throws SandboxException {
    send(request);
    lock.lock();
    try {
      while (!lost) {
        ended.awaitUninterruptibly();
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
