package dev.msb.protocol;

import java.nio.ByteBuffer;

/// Steps through the frames in a buffer of received bytes, without copying them.
///
/// Usage: let the buffer hold received bytes between position and limit, then call [#next] until it
/// returns false; what is left between position and limit then is the start of an incomplete frame.
/// Not for use by several threads.
public final class FrameParser {
  private final ByteBuffer buffer;
  private int start;
  private int length;

  /// A parser of this buffer, which must hold at least [Protocol#MAX_FRAME_BYTES].
  public FrameParser(ByteBuffer buffer) {
    if (buffer.capacity() < Protocol.MAX_FRAME_BYTES) {
      throw new IllegalArgumentException("buffer of " + buffer.capacity() + " bytes is too small");
    }
    this.buffer = buffer;
  }

  /// Moves to the next whole frame, whose header is then valid.
  ///
  /// @throws ProtocolException if the header is not one
  public boolean next() throws ProtocolException {
    if (buffer.remaining() < Protocol.HEADER_BYTES) {
      return false;
    }
    int at = buffer.position();
    int payload = buffer.getInt(at);
    if (payload < 0 || payload > Protocol.MAX_PAYLOAD_BYTES) {
      throw new ProtocolException(
          "payload of "
              + (payload & 0xffff_ffffL)
              + " bytes, more than the "
              + Protocol.MAX_PAYLOAD_BYTES
              + " allowed");
    }
    if (buffer.getShort(at + 6) != 0) {
      throw new ProtocolException("reserved field is not 0");
    }
    start = at;
    length = payload;
    FrameCodec.checkAddress(type(), stream(), owner());
    if (buffer.remaining() < Protocol.HEADER_BYTES + payload) {
      return false;
    }
    buffer.position(at + Protocol.HEADER_BYTES + payload);
    return true;
  }

  /// The frame's type, see [FrameType].
  public int type() {
    return buffer.get(start + 4) & 0xff;
  }

  /// The frame's stream, 0 if it has none.
  public int stream() {
    return buffer.get(start + 5) & 0xff;
  }

  /// The frame's owner, an exec or a link; 0 if it has none.
  public long owner() {
    return buffer.getLong(start + 8);
  }

  /// Bytes of payload.
  public int payloadLength() {
    return length;
  }

  /// The payload, as a view of the buffer.
  public ByteBuffer payload() {
    return buffer.slice(start + Protocol.HEADER_BYTES, length);
  }

  /// The offset that a DATA, CREDIT or CLOSE frame carries.
  ///
  /// @throws ProtocolException if the payload has the wrong length or the offset is beyond 2^63
  public long offset() throws ProtocolException {
    boolean fits = type() == FrameType.DATA ? length > 8 : length == 8;
    if (!fits) {
      throw new ProtocolException("frame type " + type() + " with a payload of " + length);
    }
    long offset = buffer.getLong(start + Protocol.HEADER_BYTES);
    if (offset < 0) {
      throw new ProtocolException(
          "offset of " + Long.toUnsignedString(offset) + ", which is too large");
    }
    return offset;
  }

  /// Bytes of data in a DATA frame.
  public int dataLength() {
    return length - 8;
  }

  /// Where in the buffer the data of a DATA frame starts.
  public int dataStart() {
    return start + Protocol.DATA_OVERHEAD_BYTES;
  }

  /// The whole frame, decoded.
  ///
  /// @throws ProtocolException if its payload is not one of its type
  public Frame decode() throws ProtocolException {
    return FrameCodec.decode(type(), stream(), owner(), payload());
  }
}
