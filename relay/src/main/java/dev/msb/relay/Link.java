package dev.msb.relay;

import dev.msb.protocol.Frame;
import dev.msb.protocol.FrameCodec;
import dev.msb.protocol.FrameParser;
import dev.msb.protocol.Protocol;
import dev.msb.protocol.ProtocolException;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A pair of streams between the guest and the host's end of a link, as the relay sees it: what the
/// guest may send now, what waits for it.
///
/// ```
///   OPENING --OPENED--> OPEN --each stream closed by its writer--> OVER
///      |                  `-----RESET, from either end-----------> OVER
///      `-----REFUSED, or RESET from the opener-------------------> OVER
/// ```
public final class Link {
  enum State {
    /// OPEN was sent, and not answered.
    OPENING,
    /// Bytes may flow.
    OPEN,
    /// Nothing more comes from the guest, and nothing goes there.
    OVER
  }

  /// Linux's error numbers.
  static final int ECONNRESET = 104;

  static final int ETIMEDOUT = 110;

  /// As long as for a START.
  private static final long ANSWER_NANOS = 600 * Schedule.SECOND;

  static final int TO_GUEST = 0;
  static final int FROM_GUEST = 1;

  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  final long id;
  private final long begun; // by the relay's schedule
  private final Outbox agentOutbox;
  private final Consumer<Link> settled;
  private final AgentSide agentSide = new AgentSide();
  private final int window; // of the stream that the host reads
  private State state = State.OPENING;
  private boolean stoppedHere; // by an end that takes bytes, and no frames
  private boolean broken; // it did not end by two CLOSEs
  private StreamRelay toGuest;
  private StreamRelay fromGuest;
  private @Nullable LinkEnd end;

  /// A link that the host opens: OPEN goes to the guest. `settled` is called whenever the link may
  /// be [#isGone].
  Link(Frame.Open open, Outbox agentOutbox, Consumer<Link> settled, long begun) {
    this(open.owner(), open.window(), 0, agentOutbox, settled, begun);
    agentSide.request = FrameCodec.encode(open);
    agentOutbox.controlDue(agentSide);
  }

  /// A link that the guest asked for.
  static Link ofGuest(Frame.Open open, Outbox agentOutbox, Consumer<Link> settled, long begun) {
    return new Link(
        open.owner(), Protocol.DEFAULT_WINDOW_BYTES, open.window(), agentOutbox, settled, begun);
  }

  private Link(
      long id, int window, int credit, Outbox agentOutbox, Consumer<Link> settled, long begun) {
    this.begun = begun;
    this.id = id;
    this.window = window;
    this.agentOutbox = agentOutbox;
    this.settled = settled;
    this.toGuest = new StreamRelay(TO_GUEST, credit, Protocol.MAX_WINDOW_BYTES, false);
    this.fromGuest = new StreamRelay(FROM_GUEST, window, window, false);
  }

  /// Names the host's end. Must be the first call.
  void end(LinkEnd end) {
    this.end = end;
  }

  private LinkEnd end() {
    return Objects.requireNonNull(end);
  }

  boolean isOfGuest() {
    return (id & Protocol.OF_GUEST) != 0;
  }

  /// Whether it was asked for, and not answered.
  public boolean isOpening() {
    return state == State.OPENING;
  }

  /// Whether the guest may still say something of it.
  public boolean isOver() {
    return state == State.OVER;
  }

  /// Whether nothing of it is left: the guest knows it no more, and the host's end has all.
  boolean isGone() {
    return state == State.OVER && agentSide.answer == null && (broken || fromGuest.isPassedOn());
  }

  /// Whether the guest asked for it, and no answer was sent.
  boolean isUnanswered() {
    return isOfGuest() && (state == State.OPENING || agentSide.answer != null);
  }

  /// The most memory that the bytes from the guest can take.
  long reservedBytes() {
    return fromGuest.reservedBytes();
  }

  /// Bytes that wait for the guest.
  long queuedBytes() {
    return toGuest.keptBytes();
  }

  StreamRelay toGuest() {
    return toGuest;
  }

  StreamRelay fromGuest() {
    return fromGuest;
  }

  // From the host's end.

  /// Answers a guest that asked for this link.
  public void accept() {
    answer(new Frame.Opened(id, window));
    state = State.OPEN;
  }

  /// Answers a guest that asked for this link, which is over then.
  ///
  /// @param errno Linux's
  /// @param why one line for people
  public void refuse(int errno, String why) {
    answer(new Frame.Refused(id, errno, why));
    state = State.OVER;
    drop();
  }

  private void answer(Frame answer) {
    if (state != State.OPENING || !isOfGuest()) {
      throw new IllegalStateException("link " + Long.toHexString(id) + " waits for no answer");
    }
    agentSide.answer = FrameCodec.encode(answer);
    agentOutbox.controlDue(agentSide);
  }

  /// Bytes that the guest has room for.
  public long room() {
    return state == State.OPEN && !toGuest.stopped() ? toGuest.room() : 0;
  }

  /// Sends bytes to the guest, `length` of `source` from its index `at`, at most [#room].
  public void put(ByteBuffer source, int at, int length) throws ProtocolException {
    toGuest.data(toGuest.received(), source, at, length);
    toGuestChanged();
  }

  /// Sends the end of the bytes for the guest.
  public void finish() throws ProtocolException {
    toGuest.end(toGuest.received());
    toGuestChanged();
  }

  /// Whether the guest wants no more bytes. The end is still to be sent.
  public boolean isBroken() {
    return toGuest.stopped();
  }

  /// Moves bytes from the guest into `out`, as far as there are some and they fit; the guest may
  /// send as many again.
  public void take(ByteBuffer out) {
    fromGuest.take(out);
    fromGuestChanged();
    settle();
  }

  /// Whether there is something to take.
  public boolean hasBytes() {
    return fromGuest.hasBytes();
  }

  /// Whether the guest sent its end, and all before it was taken.
  public boolean isFinished() {
    return fromGuest.ended() && !fromGuest.hasBytes();
  }

  /// Wants no more bytes from the guest.
  public void stop() throws ProtocolException {
    fromGuest.stop();
    stoppedHere = true;
    take(NOTHING);
  }

  /// Ends both directions at once; bytes under way are lost.
  public void reset(int errno) {
    if (state == State.OVER) {
      drop(); // the guest knows it no more, but bytes of it may wait here
      settle();
      return;
    }
    if (state == State.OPENING && isOfGuest()) {
      refuse(errno, "the host gave it up");
      return;
    }
    state = State.OVER;
    drop();
    if (agentSide.isUnsent()) {
      agentOutbox.remove(agentSide);
      settle();
      return;
    }
    agentSide.answer = FrameCodec.encode(new Frame.Reset(id, errno));
    agentOutbox.controlDue(agentSide);
  }

  void toGuestChanged() {
    if (state == State.OPEN && toGuest.hasForReader()) {
      agentOutbox.dataDue(agentSide);
    }
  }

  void fromGuestChanged() {
    if (state == State.OPEN && fromGuest.hasForWriter()) {
      agentOutbox.controlDue(agentSide);
    }
  }

  private void drop() {
    broken = true;
    toGuest = toGuest.cut();
    toGuest.abandon();
    fromGuest.abandon();
  }

  /// When the guest should have answered; the schedule's NEVER if it owes no answer.
  long answerDue(AgentWatch watch) {
    return state == State.OPENING && !isOfGuest()
        ? Math.min(watch.overdueAt(begun), begun + ANSWER_NANOS)
        : Schedule.NEVER;
  }

  /// The guest did not answer in time: the host's end hears that, the guest that it is over.
  void giveUp() {
    end().refused(ETIMEDOUT, "the guest has not answered");
    reset(ETIMEDOUT);
  }

  // From the guest.

  void opened(Frame.Opened opened) throws ProtocolException {
    if (!isAnswered("OPENED")) {
      return;
    }
    state = State.OPEN;
    toGuest = new StreamRelay(TO_GUEST, opened.window(), Protocol.MAX_WINDOW_BYTES, false);
    end().opened();
  }

  void refused(Frame.Refused refused) throws ProtocolException {
    if (!isAnswered("REFUSED")) {
      return;
    }
    state = State.OVER;
    drop();
    end().refused(refused.errno(), refused.why());
    settle();
  }

  /// @return false if our RESET crossed the answer
  private boolean isAnswered(String what) throws ProtocolException {
    if (state == State.OVER) {
      return false;
    }
    if (state != State.OPENING || isOfGuest()) {
      throw new ProtocolException(what + " for a link that was not asked for");
    }
    return true;
  }

  void resetByGuest(int errno) throws ProtocolException {
    if (state == State.OVER) {
      return;
    }
    if (state == State.OPENING && !isOfGuest()) {
      throw new ProtocolException("RESET in the place of an answer to OPEN");
    }
    brokenOff(errno);
  }

  /// Nothing of it is left.
  void over() {
    if (end != null) {
      end.over();
    }
  }

  /// The guest is gone.
  void lost() {
    if (state != State.OVER && end != null) {
      brokenOff(ECONNRESET);
    }
  }

  /// Looks whether it is gone.
  void settle() {
    settled.accept(this);
  }

  private void brokenOff(int errno) {
    state = State.OVER;
    drop();
    agentSide.clear();
    agentOutbox.remove(agentSide);
    end().reset(errno);
    settle();
  }

  void data(FrameParser frame) throws ProtocolException {
    if (!flows("DATA")) {
      return;
    }
    if (frame.stream() != FROM_GUEST) {
      throw new ProtocolException("data from the guest for the stream that it reads");
    }
    fromGuest.data(frame.offset(), frame.payload(), 8, frame.dataLength());
    end().changed();
  }

  void credit(int stream, long offset) throws ProtocolException {
    if (!flows("CREDIT")) {
      return;
    }
    if (stream != TO_GUEST) {
      throw new ProtocolException("credit from the guest for the stream that it writes");
    }
    toGuest.grant(offset);
    toGuestChanged();
    end().changed();
  }

  void close(int stream, long offset) throws ProtocolException {
    if (!flows("CLOSE")) {
      return;
    }
    if (stream == TO_GUEST) {
      toGuest.stop();
      toGuestChanged();
    } else {
      fromGuest.end(offset);
      if (stoppedHere) {
        take(NOTHING);
      }
    }
    end().changed();
    endIfDone();
  }

  /// @return false if the frame crossed the link's end
  private boolean flows(String what) throws ProtocolException {
    if (state == State.OPENING) {
      throw new ProtocolException(what + " for a link that is not open");
    }
    return state == State.OPEN;
  }

  private void endIfDone() {
    if (state == State.OPEN && fromGuest.ended() && toGuest.isPassedOn()) {
      state = State.OVER;
      settle();
    }
  }

  /// Frames for the guest.
  private final class AgentSide extends FrameSource {
    private byte @Nullable [] request; // OPEN
    private byte @Nullable [] answer; // OPENED, REFUSED or RESET

    boolean isUnsent() {
      return request != null;
    }

    void clear() {
      request = null;
      answer = null;
    }

    @Override
    boolean writeControl(ByteBuffer out) {
      if (request != null) {
        if (!put(request, out)) {
          return false;
        }
        request = null;
      }
      if (answer != null) {
        if (!put(answer, out)) {
          return false;
        }
        answer = null;
        settle();
      }
      if (state != State.OPEN) {
        return true;
      }
      while (fromGuest.hasForWriter()) {
        if (out.remaining() < Protocol.DATA_OVERHEAD_BYTES) {
          return false;
        }
        fromGuest.writeForWriter(id, out);
      }
      return true;
    }

    @Override
    boolean writeData(ByteBuffer out) {
      if (state != State.OPEN) {
        return true;
      }
      toGuest.writeForReader(id, out, Outbox.DATA_BYTES);
      endIfDone();
      return !toGuest.hasForReader();
    }
  }
}
