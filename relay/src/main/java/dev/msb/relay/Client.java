package dev.msb.relay;

import dev.msb.protocol.ErrorCode;
import dev.msb.protocol.Frame;
import dev.msb.protocol.FrameCodec;
import dev.msb.protocol.Protocol;
import dev.msb.protocol.ProtocolException;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;

/// One client's connection as the relay sees it.
public final class Client {
  /// Most execs that are over while their client has not read their end.
  private static final int MOST_UNREAD = 64;

  private final Outbox outbox = new Outbox();
  private final Answers answers = new Answers();
  private final Map<Long, Exec> execs = new LinkedHashMap<>();
  private final Map<Long, ClientLinkEnd> links = new LinkedHashMap<>();

  private boolean greeted;
  private boolean holding;
  private boolean owning;
  private boolean closing;
  private long firstId;
  private long nextId;
  private long endOfIds;
  private boolean probing;
  private long probeToken;
  private long probed; // when, by the relay's schedule
  private long probeDue;
  private long partsOf; // the exec whose START is being put together, 0 for none
  private ByteArrayOutputStream parts = new ByteArrayOutputStream(0);

  public Outbox outbox() {
    return outbox;
  }

  /// The execs that this client drives or watches. One that is over stays until all of it was sent,
  /// or, if it is kept, as long as it is kept.
  Map<Long, Exec> execs() {
    return execs;
  }

  public boolean greeted() {
    return greeted;
  }

  /// The links that this client opened and that are not over for it.
  Map<Long, ClientLinkEnd> links() {
    return links;
  }

  /// Whether the sandbox is in use as long as this client is there.
  boolean holding() {
    return holding;
  }

  /// Whether the sandbox stops with this client.
  boolean owning() {
    return owning;
  }

  /// The sandbox no longer stops with this client.
  void disown() {
    owning = false;
  }

  /// Whether the connection is to be closed as soon as the outbox is empty. Nothing is read any
  /// more.
  public boolean closing() {
    return closing;
  }

  /// Whether the next frames may be read: not while what this client asked for piles up unread.
  public boolean mayRead() {
    if (closing || answers.isLong()) {
      return false;
    }
    int unread = 0;
    for (Exec exec : execs.values()) {
      if (exec.startWaits()) {
        return false;
      }
      if (exec.state() == Exec.State.OVER && exec.client() == this && !exec.isDelivered()) {
        unread++;
      }
    }
    // With nothing to write, they wait for credit, which is to be read.
    return unread <= MOST_UNREAD || outbox.isEmpty();
  }

  void answer(Frame.ToClient frame) {
    answers.add((Frame) frame);
    outbox.controlDue(answers);
  }

  public void closeAfter(Frame.Error error) {
    if (!closing) {
      answer(error);
      closing = true;
    }
  }

  void greet(int flags, long firstId, int ids) throws ProtocolException {
    if (greeted) {
      throw new ProtocolException("a second HELLO");
    }
    greeted = true;
    holding = (flags & Protocol.HELLO_HOLD) != 0;
    owning = (flags & Protocol.HELLO_OWN) != 0;
    this.firstId = firstId;
    nextId = firstId;
    endOfIds = firstId + ids;
    answer(new Frame.Welcome(Protocol.VERSION, 0, firstId, ids));
  }

  /// Whether this id was used by this client: then an exec that is not there is over.
  boolean used(long id) {
    return id >= firstId && id < nextId;
  }

  /// Uses up an id of this client's, for an exec or a link.
  void use(long id, String what) throws ProtocolException {
    if (id < nextId || id >= endOfIds) {
      throw new ProtocolException(
          what + " with id " + id + ", expected " + nextId + " to " + (endOfIds - 1));
    }
    nextId = id + 1;
  }

  void probe(long token, long now, long due) throws ProtocolException {
    if (probing) {
      throw new ProtocolException("a PROBE before the last one was answered");
    }
    probing = true;
    probeToken = token;
    probed = now;
    probeDue = due;
  }

  /// When it asked.
  long probed() {
    return probed;
  }

  /// When it must have its answer.
  long probeDue() {
    return probeDue;
  }

  void pong() {
    probing = false;
    answer(new Frame.Pong(probeToken));
  }

  void noPong(String why) {
    probing = false;
    answer(new Frame.Error(0, ErrorCode.NO_ANSWER, why));
  }

  /// Keeps a piece of a long START.
  void part(Frame.Part part) throws ProtocolException {
    if (partsOf != 0 && partsOf != part.exec()) {
      throw new ProtocolException("PART of exec " + part.exec() + " amid those of " + partsOf);
    }
    partsOf = part.exec();
    append(part.bytes());
  }

  /// The START that this frame's payload completes.
  Frame.Start start(long id, ByteBuffer payload) throws ProtocolException {
    if (partsOf != 0 && partsOf != id) {
      throw new ProtocolException("START of exec " + id + " amid the PARTs of " + partsOf);
    }
    if (partsOf == 0) {
      return new Frame.Start(id, FrameCodec.decodeStart(payload));
    }
    append(payload);
    byte[] whole = parts.toByteArray();
    partsOf = 0;
    parts = new ByteArrayOutputStream(0);
    return new Frame.Start(id, FrameCodec.decodeStart(ByteBuffer.wrap(whole)));
  }

  private void append(ByteBuffer piece) throws ProtocolException {
    if (parts.size() + piece.remaining() > Protocol.MAX_START_BYTES) {
      throw new ProtocolException("START of more than " + Protocol.MAX_START_BYTES + " bytes");
    }
    byte[] bytes = new byte[piece.remaining()];
    piece.get(bytes);
    parts.writeBytes(bytes);
  }
}
