package dev.msb.relay;

import dev.msb.protocol.ExitRecord;
import dev.msb.protocol.Frame;
import dev.msb.protocol.FrameCodec;
import dev.msb.protocol.FrameParser;
import dev.msb.protocol.GuestConfiguration;
import dev.msb.protocol.Mount;
import dev.msb.protocol.Protocol;
import dev.msb.protocol.ProtocolException;
import dev.msb.protocol.StartRequest;
import dev.msb.protocol.StdStream;
import dev.msb.protocol.VmCounts;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// A relay whose agent and clients are played by the test, frame by frame.
final class RelayHarness implements Relay.Listener {
  static final GuestConfiguration CONFIGURATION =
      GuestConfiguration.builder()
          .entropy(ByteBuffer.allocate(64))
          .hostname("box")
          .machineId("0".repeat(32))
          .mounts(List.of(Mount.root("/dev/vda", "squashfs"), Mount.upper("/dev/vdb", "ext4")))
          .build();

  long now; // nanoseconds
  final Relay relay;
  final List<Long> started = new ArrayList<>();
  final List<String> told = new ArrayList<>();
  final List<String> ends = new ArrayList<>(); // of outputs, as they are logged

  /// No link is allowed.
  RelayHarness() {
    this(LinkPolicy.NONE);
  }

  RelayHarness(LinkPolicy policy) {
    relay = new Relay(CONFIGURATION, policy, this, () -> now);
  }

  /// A relay whose agent has been configured, and that allows no link.
  static RelayHarness configured() throws ProtocolException {
    return configured(LinkPolicy.NONE);
  }

  /// A relay whose agent has been configured.
  static RelayHarness configured(LinkPolicy policy) throws ProtocolException {
    RelayHarness harness = new RelayHarness(policy);
    harness.fromAgent(new Frame.Ready(1, 1, 0, "test"));
    harness.toAgent();
    harness.fromAgent(new Frame.Configured(5));
    return harness;
  }

  /// Lets time pass.
  void pass(long seconds) {
    now += seconds * 1_000_000_000;
    relay.checkDeadlines();
  }

  static StartRequest request(boolean keep, int window, String... argv) {
    return request(keep, false, window, argv);
  }

  static StartRequest request(boolean keep, boolean terminal, int window, String... argv) {
    return request(keep, terminal, 0, window, argv);
  }

  static StartRequest request(
      boolean keep, boolean terminal, long timeoutMillis, int window, String... argv) {
    return StartRequest.builder()
        .flag(StartRequest.Flag.TERMINAL, terminal)
        .flag(StartRequest.Flag.KEEP, keep)
        .timeoutMillis(timeoutMillis)
        .killAfterMillis(5000)
        .stdoutWindow(window)
        .stderrWindow(window)
        .argv(List.of(argv))
        .build();
  }

  static ByteBuffer bytes(int length) {
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) i;
    }
    return ByteBuffer.wrap(bytes);
  }

  static Frame.Data data(long exec, StdStream stream, long offset, int length) {
    return new Frame.Data(exec, stream, offset, bytes(length));
  }

  void fromAgent(Frame frame) throws ProtocolException {
    fromAgent(FrameCodec.encode(frame));
  }

  void fromAgent(byte[] frames) throws ProtocolException {
    FrameParser parser = parser(frames);
    while (parser.next()) {
      relay.fromAgent(parser);
    }
  }

  void fromClient(Client client, Frame frame) throws ProtocolException {
    FrameParser parser = parser(FrameCodec.encode(frame));
    while (parser.next()) {
      relay.fromClient(client, parser);
    }
  }

  /// A client that has said HELLO and may use this many ids.
  Client client(int ids) throws ProtocolException {
    Client client = relay.connect();
    fromClient(client, new Frame.Hello(1, 1, 0, 0, ids));
    return client;
  }

  /// A client that has said HELLO with these flags.
  Client greeted(int flags, int ids) throws ProtocolException {
    Client client = relay.connect();
    fromClient(client, new Frame.Hello(1, 1, 0, flags, ids));
    return client;
  }

  /// A client with one exec that runs; the exec's id is `WELCOME`'s.
  Client running(boolean keep) throws ProtocolException {
    Client client = client(1);
    long id = welcome(client).firstId();
    fromClient(client, new Frame.Start(id, request(keep, Protocol.DEFAULT_WINDOW_BYTES, "cat")));
    toAgent();
    fromAgent(new Frame.Started(id, 100, Protocol.DEFAULT_WINDOW_BYTES));
    toClient(client);
    return client;
  }

  /// Has a client start an exec of this id, and the agent tell that it runs.
  void start(Client client, long id, boolean keep, int window) throws ProtocolException {
    fromClient(client, new Frame.Start(id, request(keep, window, "job")));
    toAgent();
    fromAgent(new Frame.Started(id, 100, Protocol.DEFAULT_WINDOW_BYTES));
  }

  /// Has the agent tell that an exec ended, all of whose output came.
  void end(long id, int code, int total) throws ProtocolException {
    fromAgent(new Frame.Exit(id, RelayTest.exit(code, total)));
    fromAgent(new Frame.Close(id, StdStream.STDOUT, total));
    fromAgent(new Frame.Close(id, StdStream.STDERR, 0));
  }

  /// Has the agent tell that an exec ended with this much output.
  void end(long id, int length) throws ProtocolException {
    if (length > 0) {
      fromAgent(data(id, StdStream.STDOUT, 0, length));
    }
    fromAgent(new Frame.Exit(id, RelayTest.exit(0, length)));
    fromAgent(new Frame.Close(id, StdStream.STDOUT, length));
    fromAgent(new Frame.Close(id, StdStream.STDERR, 0));
  }

  Frame.Welcome welcome(Client client) throws ProtocolException {
    return (Frame.Welcome) toClient(client).getFirst();
  }

  /// What the relay has for the agent.
  List<Frame> toAgent() throws ProtocolException {
    return drain(relay.agentOutbox(), true);
  }

  /// The same without decoding PART and START, whose pieces mean nothing alone.
  List<Frame> toAgentRaw() throws ProtocolException {
    return drain(relay.agentOutbox(), false);
  }

  /// What the relay has for a client.
  List<Frame> toClient(Client client) throws ProtocolException {
    return drain(client.outbox(), true);
  }

  private static List<Frame> drain(Outbox outbox, boolean decode) throws ProtocolException {
    List<Frame> frames = new ArrayList<>();
    if (outbox.isEmpty()) {
      return frames;
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ByteBuffer out = ByteBuffer.allocate(Outbox.FILL_BYTES);
    while (!outbox.isEmpty()) {
      outbox.fill(out.clear());
      bytes.write(out.array(), 0, out.position());
    }
    ByteBuffer pending = ByteBuffer.allocate(Math.max(bytes.size(), Protocol.MAX_FRAME_BYTES));
    pending.put(bytes.toByteArray()).flip();
    FrameParser parser = new FrameParser(pending);
    while (parser.next()) {
      frames.add(decode ? parser.decode() : new Frame.Part(parser.owner(), parser.payload()));
    }
    if (pending.hasRemaining()) {
      throw new AssertionError(pending.remaining() + " bytes are no frame");
    }
    return frames;
  }

  /// Takes a frame as it arrives.
  interface Receiver {
    void frame(FrameParser frame) throws ProtocolException;
  }

  /// Hands on a frame as it would arrive.
  static void each(Frame frame, Receiver receiver) throws ProtocolException {
    FrameParser parser = parser(FrameCodec.encode(frame));
    while (parser.next()) {
      receiver.frame(parser);
    }
  }

  private static FrameParser parser(byte[] frames) {
    ByteBuffer buffer = ByteBuffer.allocate(Math.max(Protocol.MAX_FRAME_BYTES, frames.length));
    return new FrameParser(buffer.put(frames).flip());
  }

  @Override
  public void configured(long bootMillis) {
    told.add("configured " + bootMillis);
  }

  @Override
  public void bootFailed(String message) {
    told.add("boot failed: " + message);
  }

  @Override
  public void stopRequested(long graceMillis) {
    told.add("stop " + graceMillis);
  }

  @Override
  public void powerOffRequested() {
    told.add("power off");
  }

  @Override
  public void ownerGone() {
    told.add("owner gone");
  }

  @Override
  public void output(long id, int stream, long offset, ByteBuffer source, int at, int length) {
    if (length == 0) {
      ends.add(id + "." + stream + " at " + offset);
    }
  }

  @Override
  public void touched() {
    told.add("touched");
  }

  @Override
  public void execStarted(long id, long pid) {
    started.add(id);
  }

  @Override
  public void execEnded(long id, ExitRecord exit) {}

  @Override
  public VmCounts counts(VmCounts known) {
    return known;
  }

  @Override
  public void held() {
    told.add("held");
  }

  @Override
  public void pinned() {
    told.add("pinned");
  }

  @Override
  public void gaveUp(long id, String why) {
    told.add("gave up " + id + ": " + why);
  }

  @Override
  public void silent(String why) {
    told.add("silent: " + why);
  }

  @Override
  public void speaks() {
    told.add("speaks");
  }

  @Override
  public void clockIsLate() {
    told.add("clock is late");
  }

  @Override
  public void released() {
    told.add("released");
  }
}
