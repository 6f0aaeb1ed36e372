package dev.msb.relay;

import dev.msb.protocol.EndReason;
import dev.msb.protocol.ExitRecord;
import dev.msb.protocol.Frame;
import dev.msb.protocol.FrameCodec;
import dev.msb.protocol.FrameParser;
import dev.msb.protocol.FrameType;
import dev.msb.protocol.Protocol;
import dev.msb.protocol.ProtocolException;
import dev.msb.protocol.StartRequest;
import dev.msb.protocol.StdStream;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/// A guest that keeps to the protocol and is as strict as the real agent, for [RelayFuzzTest].
/// Every process echoes its stdin, writes what the test wants, and ends when it is killed or told
/// to.
final class HonestAgent {
  private static final int STDIN_WINDOW = 256 * 1024;

  private final RelayHarness harness;
  private final ByteBuffer out = ByteBuffer.allocate(2 * Outbox.FILL_BYTES).flip();
  private final FrameParser parser = new FrameParser(out);
  private final Map<Long, Exec> execs = new TreeMap<>();
  private ByteArrayOutputStream parts = new ByteArrayOutputStream();
  private long partsOf;
  private boolean pinged;

  HonestAgent(RelayHarness harness) {
    this.harness = harness;
  }

  private static final class Exec {
    final long id;
    final boolean noStdin;
    final long[] credit;
    final long[] sent = new long[3];
    final boolean[] stopped = new boolean[3];
    final boolean[] ended = new boolean[3];
    final ByteArrayOutputStream echo = new ByteArrayOutputStream();
    boolean immortal;
    boolean killed;
    boolean exited;
    boolean stdinEnded;
    long received;
    long granted;

    Exec(long id, StartRequest request) {
      this.id = id;
      this.noStdin = request.has(StartRequest.Flag.NO_STDIN);
      credit = new long[] {0, request.stdoutWindow(), request.stderrWindow()};
    }

    boolean over() {
      return exited && ended[1] && ended[2];
    }
  }

  /// This exec only echoes, and no KILL ends it.
  void spare(long id) {
    Objects.requireNonNull(execs.get(id)).immortal = true;
  }

  /// Takes all that the relay has for the agent, answers it, and moves what credit allows.
  void act() throws ProtocolException {
    out.clear().flip();
    while (!harness.relay.agentOutbox().isEmpty()) {
      out.compact();
      int before = out.position();
      out.limit(Math.min(out.capacity(), before + Outbox.FILL_BYTES));
      harness.relay.agentOutbox().fill(out);
      check(
          out.position() > before || harness.relay.agentOutbox().isEmpty(),
          "the relay says it has something for the agent, and has not");
      out.flip();
      while (parser.next()) {
        received(parser);
      }
    }
    check(!out.hasRemaining(), "half a frame");
    for (Exec exec : execs.values()) {
      move(exec);
    }
    if (pinged) {
      pinged = false;
      harness.fromAgent(new Frame.Pong(0));
    }
  }

  /// An exec's process writes this much, as far as credit allows.
  void write(long id, StdStream stream, int length) throws ProtocolException {
    Exec exec = execs.get(id);
    if (exec != null && !exec.immortal && !exec.exited && !exec.ended[stream.number()]) {
      int allowed =
          (int) Math.min(length, exec.credit[stream.number()] - exec.sent[stream.number()]);
      send(exec, stream, new byte[Math.max(0, allowed)]);
    }
  }

  /// How much of an output was sent.
  long sent(long id, int stream) {
    Exec exec = execs.get(id);
    return exec == null ? 0 : exec.sent[stream];
  }

  /// An exec's process ends.
  void end(long id) throws ProtocolException {
    Exec exec = execs.get(id);
    if (exec != null && !exec.immortal) {
      exec.killed = true;
      move(exec);
    }
  }

  /// The processes of all execs end.
  void endAll() throws ProtocolException {
    for (Exec exec : execs.values()) {
      exec.killed = true;
      move(exec);
    }
  }

  private void move(Exec exec) throws ProtocolException {
    if (exec.exited) {
      return;
    }
    byte[] echo = exec.echo.toByteArray();
    if (!exec.ended[1]) {
      int length = (int) Math.min(echo.length, exec.credit[1] - exec.sent[1]);
      send(exec, StdStream.STDOUT, Arrays.copyOf(echo, length));
      exec.echo.reset();
      exec.echo.write(echo, length, echo.length - length);
    } else {
      exec.echo.reset();
    }
    long consumed = exec.received - exec.echo.size();
    if (!exec.stdinEnded && !exec.noStdin && consumed + STDIN_WINDOW > exec.granted) {
      exec.granted = consumed + STDIN_WINDOW;
      harness.fromAgent(new Frame.Credit(exec.id, StdStream.STDIN, exec.granted));
    }
    if (exec.killed || (exec.stdinEnded && exec.echo.size() == 0 && exec.immortal)) {
      exec.exited = true;
      harness.fromAgent(new Frame.Exit(exec.id, exit(exec)));
      close(exec, StdStream.STDOUT);
      close(exec, StdStream.STDERR);
    }
  }

  private static ExitRecord exit(Exec exec) {
    long read = exec.received - exec.echo.size();
    return new ExitRecord(
        false,
        0,
        false,
        false,
        false,
        EndReason.NONE,
        exec.sent[1],
        exec.sent[2],
        0,
        0,
        0,
        0,
        read);
  }

  private void close(Exec exec, StdStream stream) throws ProtocolException {
    int n = stream.number();
    if (!exec.ended[n]) {
      exec.ended[n] = true;
      harness.fromAgent(new Frame.Close(exec.id, stream, exec.sent[n]));
    }
  }

  private void send(Exec exec, StdStream stream, byte[] bytes) throws ProtocolException {
    int n = stream.number();
    for (int at = 0; at < bytes.length; ) {
      int length = Math.min(bytes.length - at, Protocol.MAX_DATA_BYTES);
      harness.fromAgent(
          new Frame.Data(exec.id, stream, exec.sent[n], ByteBuffer.wrap(bytes, at, length)));
      exec.sent[n] += length;
      at += length;
    }
  }

  private void received(FrameParser frame) throws ProtocolException {
    boolean start = frame.type() == FrameType.PART || frame.type() == FrameType.START;
    check(partsOf == 0 || (start && frame.owner() == partsOf), "a frame between a START's parts");
    if (start) {
      byte[] piece = new byte[frame.payloadLength()];
      frame.payload().get(piece);
      parts.writeBytes(piece);
      partsOf = frame.owner();
      if (frame.type() == FrameType.START) {
        start(frame.owner(), FrameCodec.decodeStart(ByteBuffer.wrap(parts.toByteArray())));
        parts = new ByteArrayOutputStream();
        partsOf = 0;
      }
    } else if (frame.owner() == 0) {
      check(frame.decode() instanceof Frame.Ping && !pinged, "not one PING");
      pinged = true;
    } else {
      Exec exec = execs.get(frame.owner());
      check(exec != null, "a frame for exec " + frame.owner() + ", which never was");
      if (exec != null && !exec.over()) {
        received(exec, frame);
      }
    }
  }

  private void start(long id, StartRequest request) throws ProtocolException {
    check(!execs.containsKey(id), "a second START of exec " + id);
    Exec exec = new Exec(id, request);
    execs.put(id, exec);
    exec.granted = exec.noStdin ? 0 : STDIN_WINDOW;
    harness.fromAgent(new Frame.Started(id, id, exec.granted));
  }

  private void received(Exec exec, FrameParser frame) throws ProtocolException {
    int stream = frame.stream();
    switch (frame.type()) {
      case FrameType.DATA -> {
        check(stream == 0 && !exec.stdinEnded && !exec.noStdin, "DATA that may not be");
        check(frame.offset() == exec.received, "DATA at the wrong offset");
        check(frame.offset() + frame.dataLength() <= exec.granted, "DATA beyond the credit");
        byte[] bytes = new byte[frame.dataLength()];
        frame.payload().get(8, bytes);
        exec.echo.writeBytes(bytes);
        exec.received += bytes.length;
      }
      case FrameType.CREDIT -> {
        check(stream != 0 && frame.offset() >= exec.credit[stream], "CREDIT decreases");
        check(
            frame.offset() <= exec.sent[stream] + Protocol.MAX_WINDOW_BYTES, "CREDIT is too large");
        exec.credit[stream] = frame.offset();
      }
      case FrameType.CLOSE -> {
        if (stream == 0) {
          check(!exec.stdinEnded && frame.offset() == exec.received, "CLOSE of stdin");
          exec.stdinEnded = true;
        } else {
          check(!exec.stopped[stream], "second CLOSE of stream " + stream);
          check(frame.offset() <= exec.sent[stream], "CLOSE behind the bytes sent");
          exec.stopped[stream] = true;
          if (!exec.exited) {
            close(exec, stream == 1 ? StdStream.STDOUT : StdStream.STDERR);
          }
        }
      }
      default -> {
        switch (frame.decode()) {
          case Frame.Kill kill -> exec.killed |= !exec.immortal;
          case Frame.Signal signal -> {}
          case Frame.Resize resize -> {}
          default -> throw new AssertionError("the agent got " + frame.decode());
        }
      }
    }
  }

  private static void check(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError("the relay to the agent: " + what);
    }
  }
}
