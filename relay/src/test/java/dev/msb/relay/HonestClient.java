package dev.msb.relay;

import dev.msb.protocol.EndReason;
import dev.msb.protocol.ErrorCode;
import dev.msb.protocol.Frame;
import dev.msb.protocol.FrameParser;
import dev.msb.protocol.Protocol;
import dev.msb.protocol.ProtocolException;
import dev.msb.protocol.StdStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A client that keeps to the protocol and checks that what the relay sends it does so too, for
/// [RelayFuzzTest].
final class HonestClient {
  final Client client;
  private final Map<Long, Exec> execs = new TreeMap<>();
  private final RelayHarness harness;
  private final ByteBuffer out = ByteBuffer.allocate(2 * Outbox.FILL_BYTES).flip();
  private final FrameParser parser = new FrameParser(out);
  private final int window;
  private long nextId;
  private long endOfIds;
  private boolean pinging;
  private @Nullable ErrorCode error;

  static final class Exec {
    final long[] received = new long[3];
    final long[] granted = new long[3];
    final boolean[] closed = new boolean[3]; // by this client
    final boolean[] ended = new boolean[3]; // by the guest
    boolean started;
    boolean failed;
    boolean givenUp;
    Frame.@Nullable Exit exit;
    long sent;
    long credit;

    @Override
    public String toString() {
      return "started=%s exit=%s givenUp=%s ended=%s received=%s granted=%s"
          .formatted(
              started,
              exit,
              givenUp,
              Arrays.toString(ended),
              Arrays.toString(received),
              Arrays.toString(granted));
    }

    boolean over() {
      return failed || (exit != null && ended[1] && ended[2]);
    }
  }

  HonestClient(RelayHarness harness, int ids, int window) throws ProtocolException {
    this.harness = harness;
    this.window = window;
    client = harness.client(ids);
    read(Integer.MAX_VALUE, true);
  }

  /// What its connection ended with.
  @Nullable ErrorCode error() {
    return error;
  }

  /// An exec that this client started.
  Exec exec(long id) {
    return Objects.requireNonNull(execs.get(id));
  }

  /// Starts an exec; 0 if it may not.
  long start(boolean keep) throws ProtocolException {
    return start(keep, 0);
  }

  /// The same, for an exec with a timeout in milliseconds.
  long start(boolean keep, long timeout) throws ProtocolException {
    if (nextId == endOfIds || !mayWrite()) {
      return 0;
    }
    long id = nextId++;
    Exec exec = new Exec();
    exec.granted[1] = window;
    exec.granted[2] = window;
    execs.put(id, exec);
    harness.fromClient(
        client, new Frame.Start(id, RelayHarness.request(keep, false, timeout, window, "job")));
    return id;
  }

  /// Sends at most this much to an exec's stdin.
  void write(long id, int length) throws ProtocolException {
    Exec exec = execs.get(id);
    int count =
        exec == null ? 0 : (int) Math.min(length, Math.min(30_000, exec.credit - exec.sent));
    if (exec == null || count <= 0 || !exec.started || exec.closed[0] || !mayWrite()) {
      return;
    }
    byte[] bytes = new byte[count];
    for (int i = 0; i < count; i++) {
      bytes[i] = SimulatedProcess.at(id, 0, exec.sent + i);
    }
    harness.fromClient(
        client, new Frame.Data(id, StdStream.STDIN, exec.sent, ByteBuffer.wrap(bytes)));
    exec.sent += count;
  }

  /// Grants what it was sent.
  void grant(long id, StdStream stream) throws ProtocolException {
    Exec exec = execs.get(id);
    int n = stream.number();
    if (exec != null && !exec.over() && !exec.closed[n] && mayWrite()) {
      exec.granted[n] = exec.received[n] + window;
      harness.fromClient(client, new Frame.Credit(id, stream, exec.granted[n]));
    }
  }

  void close(long id, StdStream stream) throws ProtocolException {
    Exec exec = execs.get(id);
    int n = stream.number();
    if (exec != null && !exec.over() && exec.started && !exec.closed[n] && mayWrite()) {
      exec.closed[n] = true;
      harness.fromClient(
          client, new Frame.Close(id, stream, n == 0 ? exec.sent : exec.received[n]));
    }
  }

  void signal(long id) throws ProtocolException {
    if (execs.containsKey(id) && mayWrite()) {
      harness.fromClient(client, new Frame.Signal(id, 10));
    }
  }

  void kill(long id, long graceMillis) throws ProtocolException {
    if (execs.containsKey(id) && mayWrite()) {
      harness.fromClient(client, new Frame.Kill(id, EndReason.ASKED, graceMillis));
    }
  }

  void killAll() throws ProtocolException {
    for (long id : execs.keySet()) {
      kill(id, 0);
    }
  }

  void grantAll() throws ProtocolException {
    for (long id : execs.keySet()) {
      grant(id, StdStream.STDOUT);
      grant(id, StdStream.STDERR);
    }
  }

  /// What is known of the execs that are not over.
  List<String> notOver() {
    return execs.entrySet().stream()
        .filter(entry -> !entry.getValue().over())
        .map(entry -> entry.getKey() + ": " + entry.getValue())
        .toList();
  }

  void ping() throws ProtocolException {
    if (!pinging && mayWrite()) {
      pinging = true;
      harness.fromClient(client, new Frame.Probe(7, 1_000_000));
    }
  }

  private boolean mayWrite() {
    return error == null && harness.relay.mayRead(client);
  }

  /// Takes frames until there are none, or so many bytes.
  ///
  /// @param right whether the bytes of the outputs must be those of [SimulatedProcess#at]
  void read(int most, boolean right) throws ProtocolException {
    out.clear().flip();
    int taken = 0;
    while (!client.outbox().isEmpty() && taken < most) {
      out.compact();
      int before = out.position();
      out.limit(Math.min(out.capacity(), before + Outbox.FILL_BYTES));
      client.outbox().fill(out);
      taken += out.position() - before;
      check(
          out.position() > before || client.outbox().isEmpty(),
          "the relay says it has something for a client, and has not");
      out.flip();
      while (parser.next()) {
        take(parser.decode(), right);
      }
    }
    check(!out.hasRemaining(), "half a frame");
  }

  private void take(Frame frame, boolean right) {
    if (error != null) {
      return; // output that the ERROR has overtaken
    }
    switch (frame) {
      case Frame.Welcome welcome -> {
        nextId = welcome.firstId();
        endOfIds = nextId + welcome.ids();
      }
      case Frame.Error(long id, ErrorCode code, String text)
          when code == ErrorCode.NO_ANSWER || code == ErrorCode.TIMED_OUT ->
          noAnswer(id);
      case Frame.Error e -> error = e.code();
      case Frame.Pong pong -> {
        check(pinging && pong.token() == 7, "PONG");
        pinging = false;
      }
      default -> {
        Exec exec = execs.get(frame.owner());
        check(exec != null && !exec.over(), "a frame of exec " + frame.owner());
        if (exec != null) {
          take(exec, frame, right);
        }
      }
    }
  }

  /// The relay answers in place of the guest.
  private void noAnswer(long id) {
    if (id == 0) {
      check(pinging, "no answer to no question");
      pinging = false;
      return;
    }
    Exec exec = execs.get(id);
    check(exec != null && !exec.over() && !exec.givenUp, "no answer for exec " + id);
    if (exec != null) {
      exec.givenUp = true;
      exec.failed = !exec.started;
    }
  }

  private static void take(Exec exec, Frame frame, boolean right) {
    check(
        exec.started || frame instanceof Frame.Started || frame instanceof Frame.Failed,
        frame + " before STARTED");
    switch (frame) {
      case Frame.Started started -> {
        check(!exec.started, "STARTED twice");
        exec.started = true;
        exec.credit = started.stdinCredit();
      }
      case Frame.Failed failed -> {
        check(!exec.started, "FAILED after STARTED");
        exec.failed = true;
      }
      case Frame.Credit credit -> {
        check(credit.stream() == StdStream.STDIN && exec.exit == null, "CREDIT");
        check(credit.offset() >= exec.credit && !exec.ended[0], "CREDIT decreases");
        check(credit.offset() <= exec.sent + Protocol.MAX_WINDOW_BYTES, "CREDIT is too large");
        exec.credit = credit.offset();
      }
      case Frame.Data data -> {
        int n = data.stream().number();
        check(n != 0 && !exec.ended[n] && data.offset() == exec.received[n], "DATA " + data);
        for (int i = 0; right && i < data.bytes().remaining(); i++) {
          byte expected = SimulatedProcess.at(data.owner(), 0, exec.received[n] + i);
          check(data.bytes().get(data.bytes().position() + i) == expected, "another byte");
        }
        exec.received[n] += data.bytes().remaining();
        check(exec.received[n] <= exec.granted[n], "DATA beyond the credit");
      }
      case Frame.Close close -> {
        int n = close.stream().number();
        check(!exec.ended[n] && (n != 0 || exec.exit == null), "CLOSE twice");
        check(n == 0 || close.offset() == exec.received[n], "CLOSE at another offset");
        exec.ended[n] = true;
      }
      case Frame.Exit exit -> {
        check(exec.exit == null, "EXIT twice");
        check(exec.closed[1] || exit.status().stdoutTotal() >= exec.received[1], "total");
        check(exec.closed[2] || exit.status().stderrTotal() >= exec.received[2], "total");
        exec.exit = exit;
      }
      default -> throw new AssertionError("a client got " + frame);
    }
  }

  static void check(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError("the relay to a client: " + what);
    }
  }
}
