package dev.msb.relay;

import dev.msb.protocol.ByteRing;
import dev.msb.protocol.FrameCodec;
import dev.msb.protocol.FrameType;
import dev.msb.protocol.Protocol;
import dev.msb.protocol.ProtocolException;
import java.nio.ByteBuffer;

/// One stream of one exec on its way from its writer to its reader: checks both, and holds what the
/// reader has not been sent yet, or, to let another reader resume, has not granted away.
///
/// The writer sends data and an end, and is told of credit and of a stop; for the reader it is the
/// other way round. Which of the two is the guest does not matter here.
final class StreamRelay {
  private final int number;
  private final boolean retain;
  private final ByteRing bytes;
  private int window;

  private long credit; // told to the writer
  private long granted; // by the reader; less than credit if a new one has a smaller window
  private long sent; // passed on to the reader
  private boolean ended; // by the writer
  private boolean stopped; // by the reader
  private boolean stoppedBefore; // by an earlier one

  private boolean creditDue; // to the writer
  private boolean stopDue; // to the writer
  private boolean endDue; // to the reader

  /// A stream with this number on the wire. With `retain`, bytes are held until the reader has
  /// granted beyond them, at most `window` of them.
  StreamRelay(int number, long credit, int window, boolean retain) {
    this(number, credit, window, retain, 0);
  }

  private StreamRelay(int number, long credit, int window, boolean retain, long offset) {
    this.bytes = new ByteRing(offset);
    this.number = number;
    this.credit = credit;
    this.granted = credit;
    this.window = window;
    this.retain = retain;
  }

  /// Bytes received from the writer so far.
  long received() {
    return bytes.end();
  }

  long credit() {
    return credit;
  }

  /// Bytes passed on to the reader so far.
  long sent() {
    return sent;
  }

  boolean ended() {
    return ended;
  }

  boolean stopped() {
    return stopped;
  }

  /// Whether the writer has credit for more.
  boolean mayCome() {
    return received() < credit;
  }

  /// Whether the reader was sent everything up to the end.
  boolean isPassedOn() {
    return ended && !endDue && (stopped || sent == received());
  }

  /// Bytes held now.
  long keptBytes() {
    return bytes.end() - bytes.start();
  }

  /// The most memory that this stream can take. The writer may have been told of more credit than a
  /// new reader's smaller window.
  long reservedBytes() {
    return reservedBytes((int) Math.max(window, credit - bytes.start()));
  }

  /// The same for a stream that is not there yet.
  static long reservedBytes(int window) {
    return ByteRing.memoryFor(window);
  }

  // From the writer.

  /// Takes the data of a DATA frame, `length` bytes of `source` from its index `at`.
  void data(long offset, ByteBuffer source, int at, int length) throws ProtocolException {
    if (ended) {
      throw new ProtocolException("data after the end of stream " + number);
    }
    if (offset != received()) {
      throw new ProtocolException(
          "data at offset " + offset + " of stream " + number + ", expected " + received());
    }
    if (offset + length > credit) {
      throw new ProtocolException(
          "data up to " + (offset + length) + " of stream " + number + ", beyond credit " + credit);
    }
    bytes.append(source, at, length);
    if (stopped) {
      bytes.dropBefore(received());
    }
  }

  /// Takes the writer's CLOSE.
  void end(long offset) throws ProtocolException {
    if (ended) {
      throw new ProtocolException("stream " + number + " closed twice");
    }
    if (offset != received()) {
      throw new ProtocolException(
          "stream " + number + " closed at " + offset + ", but " + received() + " bytes came");
    }
    ended = true;
    endDue = true;
  }

  // From the reader.

  /// Takes a CREDIT.
  void grant(long offset) throws ProtocolException {
    if (offset < granted) {
      throw new ProtocolException(
          "credit of stream " + number + " lowered from " + granted + " to " + offset);
    }
    if (offset > sent + window) {
      throw new ProtocolException(
          "credit " + offset + " of stream " + number + " with only " + sent + " bytes sent");
    }
    granted = offset;
    tell(offset);
    letGo();
  }

  /// Takes the reader's CLOSE.
  void stop() throws ProtocolException {
    if (stopped && !stoppedBefore) {
      throw new ProtocolException("stream " + number + " closed twice by its reader");
    }
    stoppedBefore = false;
    abandon();
  }

  /// The reader is gone for good: what comes from now on is dropped.
  void abandon() {
    if (!stopped) {
      stopped = true;
      creditDue = false;
      stopDue = !ended;
      bytes.dropBefore(received());
    }
  }

  /// The writer is gone for good, and did not say so.
  void endHere() {
    if (!ended) {
      ended = true;
      endDue = true;
    }
  }

  /// Parts the reader from the writer. The writer, who does not know, goes on with the stream
  /// returned, which drops what comes.
  StreamRelay part() {
    StreamRelay rest = new StreamRelay(number, credit, window, false, received());
    rest.ended = ended;
    rest.stopped = stopped;
    rest.stopDue = stopDue;
    rest.abandon();
    writerKnows();
    return rest;
  }

  /// Parts the writer from the reader. The reader, who does not know, goes on with the stream
  /// returned, which ends with what was passed on: the rest is dropped, and takes no memory.
  StreamRelay cut() {
    StreamRelay rest = new StreamRelay(number, credit, window, false, sent);
    rest.granted = granted;
    rest.sent = sent;
    rest.stopped = stopped;
    rest.ended = ended && !endDue;
    rest.endHere();
    return rest;
  }

  // Resuming.

  /// Whether a new reader can go on from `offset`.
  boolean keeps(long offset) {
    return offset >= bytes.start() && offset <= bytes.end();
  }

  /// What is kept, for people.
  String kept() {
    return bytes.start() + " to " + bytes.end();
  }

  /// The offset from which a reader that counts nothing goes on.
  long resumeOffset() {
    return bytes.start();
  }

  /// Copies data that is kept from `offset` on into a DATA frame of at most `most` bytes.
  ///
  /// @return the number of bytes copied
  int copy(long exec, long offset, int most, ByteBuffer out) {
    int room = out.remaining() - Protocol.DATA_OVERHEAD_BYTES;
    int length = (int) Math.min(received() - offset, Math.min(room, most));
    if (length <= 0) {
      return 0;
    }
    FrameCodec.putHeader(out, 8 + length, FrameType.DATA, number, exec);
    out.putLong(offset);
    bytes.copyTo(offset, length, out);
    return length;
  }

  /// A new reader goes on from `offset`, which must be kept; what is before it is let go.
  void resume(long offset, int newWindow) {
    sent = offset;
    window = newWindow;
    granted = offset + newWindow;
    tell(granted);
    letGo();
    stoppedBefore = stopped;
    endDue = ended;
  }

  private void tell(long offset) {
    if (offset > credit) {
      credit = offset;
      creditDue = !ended && !stopped;
    }
  }

  // To the reader.

  boolean hasForReader() {
    return hasData() || hasEnd();
  }

  private boolean hasData() {
    return !stopped && sent < Math.min(received(), granted);
  }

  private boolean hasEnd() {
    return endDue && (stopped || sent == received());
  }

  /// Writes one DATA frame of at most `most` bytes, or the end; nothing if `out` has no room.
  void writeForReader(long exec, ByteBuffer out, int most) {
    if (hasData()) {
      sent += copy(exec, sent, (int) Math.min(most, granted - sent), out);
      letGo();
    } else if (hasEnd() && out.remaining() >= Protocol.DATA_OVERHEAD_BYTES) {
      // After a stop the reader never gets the rest: the end is where its bytes end.
      FrameCodec.putOffsetFrame(out, FrameType.CLOSE, number, exec, sent);
      endDue = false;
    }
  }

  /// Bytes that the writer may send now.
  long room() {
    return credit - received();
  }

  /// Whether there are bytes that the reader has not got.
  boolean hasBytes() {
    return hasData();
  }

  /// Moves bytes to a reader that takes no frames, as far as there are some and they fit, and
  /// grants as many again.
  void take(ByteBuffer out) {
    int length = (int) Math.min(received() - sent, out.remaining());
    if (!stopped && length > 0) {
      bytes.copyTo(sent, length, out);
      sent += length;
      granted = sent + window;
      tell(granted);
      letGo();
    }
    if (stopped || sent == received()) {
      endDue = false; // it is seen by looking
    }
  }

  // To the writer.

  /// A new writer was told where this stream stands.
  void writerKnows() {
    creditDue = false;
    stopDue = false;
  }

  boolean hasForWriter() {
    return creditDue || stopDue;
  }

  /// Writes the CREDIT or CLOSE that is due; nothing if `out` has no room.
  void writeForWriter(long exec, ByteBuffer out) {
    if (!hasForWriter() || out.remaining() < Protocol.DATA_OVERHEAD_BYTES) {
      return;
    }
    if (stopDue) {
      FrameCodec.putOffsetFrame(out, FrameType.CLOSE, number, exec, received());
      stopDue = false;
    } else {
      FrameCodec.putOffsetFrame(out, FrameType.CREDIT, number, exec, credit);
      creditDue = false;
    }
  }

  /// Forgets what no reader can ask for any more.
  private void letGo() {
    bytes.dropBefore(retain ? Math.min(sent, granted - window) : sent);
  }
}
