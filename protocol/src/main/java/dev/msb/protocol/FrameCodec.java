package dev.msb.protocol;

import static dev.msb.protocol.FrameType.*;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// Frames to bytes and back. The layout is `docs/protocol.md`; `agent/src/frame.c` is the other
/// end.
///
/// Nothing here keeps state or does I/O; all methods may be called from any thread.
public final class FrameCodec {
  private FrameCodec() {}

  /// Writes a header.
  public static void putHeader(ByteBuffer out, int length, int type, int stream, long owner) {
    out.putInt(length).put((byte) type).put((byte) stream).putShort((short) 0).putLong(owner);
  }

  /// Writes a frame of CREDIT or CLOSE: a header and an offset.
  public static void putOffsetFrame(ByteBuffer out, int type, int stream, long owner, long offset) {
    putHeader(out, 8, type, stream, owner);
    out.putLong(offset);
  }

  /// The bytes of a frame: one frame in most cases; PARTs and a START where a START is long, and
  /// the same of a CONFIGURE.
  public static byte[] encode(Frame frame) {
    PayloadWriter writer = new PayloadWriter();
    int type = put(frame, writer);
    byte[] payload = writer.toBytes();
    if (type == START && payload.length > Protocol.MAX_PAYLOAD_BYTES) {
      return encodeInParts(PART, START, frame.owner(), payload);
    }
    if (type == CONFIGURE && payload.length > Protocol.MAX_PAYLOAD_BYTES) {
      return encodeInParts(CONFIGURE_PART, CONFIGURE, 0, payload);
    }
    ByteBuffer out = ByteBuffer.allocate(Protocol.HEADER_BYTES + payload.length);
    putHeader(out, payload.length, type, stream(frame), frame.owner());
    out.put(payload);
    return out.array();
  }

  private static byte[] encodeInParts(int part, int last, long exec, byte[] payload) {
    int pieces = (payload.length - 1) / Protocol.MAX_PAYLOAD_BYTES + 1;
    ByteBuffer out = ByteBuffer.allocate(pieces * Protocol.HEADER_BYTES + payload.length);
    for (int i = 0, at = 0; i < pieces; i++) {
      int length = Math.min(Protocol.MAX_PAYLOAD_BYTES, payload.length - at);
      putHeader(out, length, i < pieces - 1 ? part : last, 0, exec);
      out.put(payload, at, length);
      at += length;
    }
    return out.array();
  }

  /// The frame that a header and its payload stand for. The payload is consumed; buffers inside the
  /// frame are views of it.
  ///
  /// @throws ProtocolException if they stand for none
  public static Frame decode(int type, int stream, long owner, ByteBuffer payload)
      throws ProtocolException {
    checkAddress(type, stream, owner);
    PayloadReader in = new PayloadReader(payload);
    Frame frame = decodePayload(type, stream, owner, in);
    in.end();
    return frame;
  }

  /// Checks what each header must keep to, whatever its payload: a known type, a stream and an
  /// owner where they belong.
  ///
  /// @throws ProtocolException if it does not
  public static void checkAddress(int type, int stream, long owner) throws ProtocolException {
    boolean ofStream = type == DATA || type == CREDIT || type == CLOSE;
    if (owner < 0) {
      if (!ofStream && (type < OPEN || type > RESET)) {
        throw new ProtocolException("frame type " + type + " with a link");
      }
      checkStream(type, stream, ofStream ? 1 : 0);
      return;
    }
    boolean ofExec =
        switch (type) {
          case HELLO, WELCOME, PING, PONG, STOP, LIST, LISTING -> false;
          case POWER_OFF, COUNT, COUNTS, PROBE -> false;
          case READY, CONFIGURE, CONFIGURED, BOOT_FAILED, SHUTDOWN, CLOCK -> false;
          case CONFIGURE_PART -> false;
          case PART, START, SIGNAL, RESIZE, KILL, ATTACH -> true;
          case DATA, CREDIT, CLOSE, STARTED, FAILED, EXIT, ATTACHED -> true;
          case ERROR, DETACH -> owner != 0;
          case OPEN, OPENED, REFUSED, RESET ->
              throw new ProtocolException("frame type " + type + " without a link");
          default -> throw new ProtocolException("frame type " + type + ", which does not exist");
        };
    if (ofExec && (owner == 0 || owner >= Protocol.OF_GUEST)) {
      throw new ProtocolException("frame type " + type + " without an exec");
    }
    if (!ofExec && owner != 0) {
      throw new ProtocolException("frame type " + type + " with an exec");
    }
    checkStream(type, stream, ofStream ? 2 : 0);
  }

  private static void checkStream(int type, int stream, int highest) throws ProtocolException {
    if (stream > highest) {
      throw new ProtocolException("frame type " + type + " with stream " + stream);
    }
  }

  /// The parts of a long START put together again.
  ///
  /// @throws ProtocolException if they do not make one
  public static StartRequest decodeStart(ByteBuffer whole) throws ProtocolException {
    PayloadReader in = new PayloadReader(whole);
    StartRequest request = StartCodec.read(in);
    in.end();
    return request;
  }

  /// The parts of a long CONFIGURE put together again.
  ///
  /// @throws ProtocolException if they do not make one
  public static GuestConfiguration decodeConfiguration(ByteBuffer whole) throws ProtocolException {
    PayloadReader in = new PayloadReader(whole);
    GuestConfiguration configuration = ConfigurationCodec.read(in);
    in.end();
    return configuration;
  }

  private static Frame decodePayload(int type, int stream, long owner, PayloadReader in)
      throws ProtocolException {
    return switch (type) {
      case HELLO -> hello(in);
      case WELCOME -> new Frame.Welcome(in.u16(), in.u64(), in.u64(), in.smallU32("ids"));
      case ERROR -> new Frame.Error(owner, ErrorCode.of(in.u16()), in.text());
      case PING -> new Frame.Ping(in.u64());
      case PONG -> new Frame.Pong(in.u64());
      case STOP -> new Frame.Stop(in.u32());
      case LIST -> new Frame.ListExecs();
      case LISTING -> listing(in);
      case POWER_OFF -> new Frame.PowerOff();
      case COUNT -> new Frame.Count();
      case COUNTS -> new Frame.Counts(counts(in));
      case PROBE -> new Frame.Probe(in.u64(), in.u32());
      case PART -> new Frame.Part(owner, in.rest());
      case START -> new Frame.Start(owner, StartCodec.read(in));
      case SIGNAL -> new Frame.Signal(owner, signal(in.u8()));
      case RESIZE -> new Frame.Resize(owner, in.u16(), in.u16());
      case KILL -> new Frame.Kill(owner, EndReason.of(in.u8()), in.u32());
      case ATTACH ->
          new Frame.Attach(
              owner, in.flag("attach mode"), in.u64(), in.u64(), window(in), window(in));
      case DETACH -> new Frame.Detach(owner);
      case DATA -> data(stream, owner, in);
      case CREDIT -> new Frame.Credit(owner, StdStream.of(stream), in.count("credit"));
      case CLOSE -> new Frame.Close(owner, StdStream.of(stream), in.count("close offset"));
      case STARTED -> new Frame.Started(owner, in.u32(), in.count("stdin credit"));
      case FAILED ->
          new Frame.Failed(
              owner, FailureKind.of(in.u8()), in.smallU32("errno"), in.text(), in.text());
      case EXIT -> new Frame.Exit(owner, exit(in));
      case ATTACHED ->
          new Frame.Attached(
              owner,
              in.u32(),
              in.count("offset"),
              in.count("credit"),
              in.count("offset"),
              in.count("offset"),
              in.flag("stdin closed"),
              in.flag("terminal"));
      case READY -> ready(in);
      case CONFIGURE -> new Frame.Configure(ConfigurationCodec.read(in));
      case CONFIGURE_PART -> new Frame.ConfigurePart(in.rest());
      case CONFIGURED -> new Frame.Configured(in.count("boot time"));
      case BOOT_FAILED -> new Frame.BootFailed(in.smallU32("errno"), in.text(), in.text());
      case SHUTDOWN -> new Frame.Shutdown(in.u32());
      case CLOCK -> new Frame.Clock(in.u64());
      case OPEN -> new Frame.Open(owner, in.u16(), window(in), target(in));
      case OPENED -> new Frame.Opened(owner, window(in));
      case REFUSED -> new Frame.Refused(owner, in.smallU32("errno"), in.text());
      case RESET -> new Frame.Reset(owner, in.smallU32("errno"));
      default -> throw new ProtocolException("frame type " + type + ", which does not exist");
    };
  }

  private static void magic(PayloadReader in) throws ProtocolException {
    long magic = in.u32();
    if (magic != Protocol.MAGIC) {
      throw new ProtocolException("magic " + Long.toHexString(magic) + ", not msb's");
    }
  }

  private static Frame hello(PayloadReader in) throws ProtocolException {
    magic(in);
    int lowest = in.u16();
    int highest = in.u16();
    long features = in.u64();
    int flags = in.smallU32("hello flags");
    int ids = in.smallU32("ids");
    if (ids > Protocol.MAX_IDS) {
      throw new ProtocolException(ids + " ids asked for, more than " + Protocol.MAX_IDS);
    }
    return new Frame.Hello(lowest, highest, features, flags, ids);
  }

  private static Frame ready(PayloadReader in) throws ProtocolException {
    magic(in);
    return new Frame.Ready(in.u16(), in.u16(), in.u64(), in.text());
  }

  private static int signal(int number) throws ProtocolException {
    if (number < 1 || number > 64) {
      throw new ProtocolException("signal " + number + ", which does not exist");
    }
    return number;
  }

  private static String target(PayloadReader in) throws ProtocolException {
    String target = in.string();
    if (Bytes.of(target).length > Protocol.MAX_TARGET_BYTES) {
      throw new ProtocolException(
          "a link's target of more than " + Protocol.MAX_TARGET_BYTES + " bytes");
    }
    return target;
  }

  static int window(PayloadReader in) throws ProtocolException {
    long window = in.u32();
    if (window < Protocol.MIN_WINDOW_BYTES || window > Protocol.MAX_WINDOW_BYTES) {
      throw new ProtocolException("window of " + window + " bytes, not between 4 KiB and 4 MiB");
    }
    return (int) window;
  }

  private static Frame data(int stream, long owner, PayloadReader in) throws ProtocolException {
    long offset = in.count("data offset");
    ByteBuffer bytes = in.rest();
    if (!bytes.hasRemaining()) {
      throw new ProtocolException("data frame without data");
    }
    return new Frame.Data(owner, StdStream.of(stream), offset, bytes);
  }

  private static ExitRecord exit(PayloadReader in) throws ProtocolException {
    boolean signaled = in.flag("exit kind");
    int code = in.u8();
    int flags = in.u8();
    if (flags > 7) {
      throw new ProtocolException("exit flags " + flags + ", which do not exist");
    }
    return new ExitRecord(
        signaled,
        signaled ? signal(code) : code,
        (flags & 1) != 0,
        (flags & 2) != 0,
        (flags & 4) != 0,
        EndReason.of(in.u8()),
        in.count("stdout total"),
        in.count("stderr total"),
        in.count("user time"),
        in.count("system time"),
        in.count("max rss"),
        in.count("wall time"),
        in.count("bytes of stdin"));
  }

  private static Frame listing(PayloadReader in) throws ProtocolException {
    boolean last = in.flag("last");
    int count = in.smallU32("exec count");
    if (count > Protocol.MAX_PAYLOAD_BYTES) {
      throw new ProtocolException(count + " execs in one listing");
    }
    List<ListedExec> execs = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      execs.add(
          new ListedExec(
              in.u64(),
              in.u8(),
              in.u32(),
              in.flag("owner"),
              in.u8(),
              in.u8(),
              in.count("age"),
              in.strings()));
    }
    return new Frame.Listing(last, execs);
  }

  private static VmCounts counts(PayloadReader in) throws ProtocolException {
    return new VmCounts(
        in.u32(),
        in.u32(),
        in.count("uptime"),
        in.count("idle time"),
        in.u32(),
        in.count("execs"),
        in.count("stdin bytes"),
        in.count("output bytes"));
  }

  private static int stream(Frame frame) {
    if (frame instanceof Frame.Data data) {
      return data.stream().number();
    }
    if (frame instanceof Frame.Credit credit) {
      return credit.stream().number();
    }
    return frame instanceof Frame.Close close ? close.stream().number() : 0;
  }

  // Here and on the way of an exec, `instanceof` and no `switch` over the kinds of frames: the code
  // for
  // such a switch is made at run time, by some 60 classes that nothing else needs, and takes a
  // start of
  // msb 25 ms. That none is forgotten is seen to by a test.

  /// Writes a frame's payload.
  ///
  /// @return its type
  private static int put(Frame frame, PayloadWriter out) {
    if (frame instanceof Frame.Start f) {
      StartCodec.write(out, f.request());
      return START;
    }
    if (frame instanceof Frame.Data f) {
      out.u64(f.offset()).raw(f.bytes());
      return DATA;
    }
    if (frame instanceof Frame.Credit f) {
      out.u64(f.offset());
      return CREDIT;
    }
    if (frame instanceof Frame.Close f) {
      out.u64(f.offset());
      return CLOSE;
    }
    if (frame.owner() < 0) {
      return putOfLink(frame, out);
    }
    if (frame instanceof Frame.FromClient f) {
      return putFromClient(f, out);
    }
    if (frame instanceof Frame.ToAgent f) {
      return putToAgent(f, out);
    }
    return putFromGuest(frame, out);
  }

  private static int putOfLink(Frame frame, PayloadWriter out) {
    if (frame instanceof Frame.Open f) {
      out.u16(f.kind()).u32(f.window()).string(f.target());
      return OPEN;
    }
    if (frame instanceof Frame.Opened f) {
      out.u32(f.window());
      return OPENED;
    }
    if (frame instanceof Frame.Refused f) {
      out.u32(f.errno()).text(f.why());
      return REFUSED;
    }
    if (frame instanceof Frame.Reset f) {
      out.u32(f.errno());
      return RESET;
    }
    throw forgotten(frame);
  }

  private static int putFromClient(Frame.FromClient frame, PayloadWriter out) {
    if (frame instanceof Frame.Hello f) {
      out.u32(Protocol.MAGIC).u16(f.lowestVersion()).u16(f.highestVersion());
      out.u64(f.features()).u32(f.flags()).u32(f.ids());
      return HELLO;
    }
    if (frame instanceof Frame.Probe(long token, long wait)) {
      out.u64(token).u32(wait);
      return PROBE;
    }
    if (frame instanceof Frame.Stop(long grace)) {
      out.u32(grace);
      return STOP;
    }
    if (frame instanceof Frame.ListExecs) {
      return LIST;
    }
    if (frame instanceof Frame.PowerOff) {
      return POWER_OFF;
    }
    if (frame instanceof Frame.Count) {
      return COUNT;
    }
    if (frame instanceof Frame.Part f) {
      out.raw(f.bytes());
      return PART;
    }
    if (frame instanceof Frame.Signal f) {
      out.u8(f.signal());
      return SIGNAL;
    }
    if (frame instanceof Frame.Resize f) {
      out.u16(f.rows()).u16(f.columns());
      return RESIZE;
    }
    if (frame instanceof Frame.Kill f) {
      out.u8(f.reason().number()).u32(f.graceMillis());
      return KILL;
    }
    if (frame instanceof Frame.Attach f) {
      out.flag(f.watch()).u64(f.stdoutOffset()).u64(f.stderrOffset());
      out.u32(f.stdoutWindow()).u32(f.stderrWindow());
      return ATTACH;
    }
    if (frame instanceof Frame.Detach) {
      return DETACH;
    }
    throw forgotten(frame);
  }

  private static int putToAgent(Frame.ToAgent frame, PayloadWriter out) {
    if (frame instanceof Frame.Configure(GuestConfiguration configuration)) {
      ConfigurationCodec.write(out, configuration);
      return CONFIGURE;
    }
    if (frame instanceof Frame.Ping(long token)) {
      out.u64(token);
      return PING;
    }
    if (frame instanceof Frame.ConfigurePart(ByteBuffer bytes)) {
      out.raw(bytes);
      return CONFIGURE_PART;
    }
    if (frame instanceof Frame.Shutdown(long grace)) {
      out.u32(grace);
      return SHUTDOWN;
    }
    if (frame instanceof Frame.Clock(long nanos)) {
      out.u64(nanos);
      return CLOCK;
    }
    throw forgotten(frame);
  }

  private static int putFromGuest(Frame frame, PayloadWriter out) {
    if (frame instanceof Frame.Started f) {
      out.u32(f.pid()).u64(f.stdinCredit());
      return STARTED;
    }
    if (frame instanceof Frame.Failed f) {
      out.u8(f.kind().number()).u32(f.errno()).text(f.step()).text(f.subject());
      return FAILED;
    }
    if (frame instanceof Frame.Exit f) {
      writeExit(out, f.status());
      return EXIT;
    }
    if (frame instanceof Frame.Welcome f) {
      out.u16(f.version()).u64(f.features()).u64(f.firstId()).u32(f.ids());
      return WELCOME;
    }
    if (frame instanceof Frame.Error f) {
      out.u16(f.code().number()).text(f.text());
      return ERROR;
    }
    if (frame instanceof Frame.Pong(long token)) {
      out.u64(token);
      return PONG;
    }
    if (frame instanceof Frame.Listing f) {
      writeListing(out, f);
      return LISTING;
    }
    if (frame instanceof Frame.Counts(VmCounts c)) {
      out.u32(c.supervisorPid()).u32(c.vmPid()).u64(c.uptimeMillis()).u64(c.idleMillis());
      out.u32(c.liveExecs()).u64(c.execs()).u64(c.stdinBytes()).u64(c.outputBytes());
      return COUNTS;
    }
    if (frame instanceof Frame.Attached f) {
      out.u32(f.pid()).u64(f.stdinReceived()).u64(f.stdinCredit());
      out.u64(f.stdoutOffset()).u64(f.stderrOffset()).flag(f.stdinClosed());
      out.flag(f.terminal());
      return ATTACHED;
    }
    if (frame instanceof Frame.Ready f) {
      out.u32(Protocol.MAGIC).u16(f.lowestVersion()).u16(f.highestVersion());
      out.u64(f.features()).text(f.build());
      return READY;
    }
    if (frame instanceof Frame.Configured(long millis)) {
      out.u64(millis);
      return CONFIGURED;
    }
    if (frame instanceof Frame.BootFailed f) {
      out.u32(f.errno()).text(f.step()).text(f.subject());
      return BOOT_FAILED;
    }
    throw forgotten(frame);
  }

  private static IllegalStateException forgotten(Frame frame) {
    return new IllegalStateException(frame.getClass() + " is not encoded");
  }

  private static void writeListing(PayloadWriter out, Frame.Listing listing) {
    out.flag(listing.last()).u32(listing.execs().size());
    for (ListedExec exec : listing.execs()) {
      out.u64(exec.id()).u8(exec.state()).u32(exec.pid()).flag(exec.owned()).u8(exec.how());
      out.u8(exec.code()).u64(exec.ageMillis()).strings(exec.argv());
    }
  }

  private static void writeExit(PayloadWriter out, ExitRecord status) {
    int flags =
        (status.coreDumped() ? 1 : 0)
            | (status.stdoutHeld() ? 2 : 0)
            | (status.stderrHeld() ? 4 : 0);
    out.flag(status.signaled()).u8(status.code()).u8(flags).u8(status.reason().number());
    out.u64(status.stdoutTotal()).u64(status.stderrTotal());
    out.u64(status.userMicros()).u64(status.systemMicros());
    out.u64(status.maxRssKib()).u64(status.wallMicros()).u64(status.stdinRead());
  }
}
