package dev.msb.protocol;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// Takes fields out of a payload that the peer, who may lie, has sent: every length is checked
/// against what is there before anything is allocated.
public final class PayloadReader {
  private final ByteBuffer payload;

  /// Reads from here to the limit.
  public PayloadReader(ByteBuffer payload) {
    this.payload = payload;
  }

  public int u8() throws ProtocolException {
    need(1);
    return payload.get() & 0xff;
  }

  public int u16() throws ProtocolException {
    need(2);
    return payload.getShort() & 0xffff;
  }

  public long u32() throws ProtocolException {
    need(4);
    return payload.getInt() & 0xffff_ffffL;
  }

  /// A u32 that this side keeps in an int; a larger one is a violation.
  public int smallU32(String field) throws ProtocolException {
    long value = u32();
    if (value > Integer.MAX_VALUE) {
      throw new ProtocolException(field + " of " + value + ", which is too large");
    }
    return (int) value;
  }

  public long u64() throws ProtocolException {
    need(8);
    return payload.getLong();
  }

  /// A u64 that counts bytes or time; one beyond 2^63 is a violation.
  public long count(String field) throws ProtocolException {
    long value = u64();
    if (value < 0) {
      throw new ProtocolException(
          field + " of " + Long.toUnsignedString(value) + ", which is too large");
    }
    return value;
  }

  public boolean flag(String field) throws ProtocolException {
    int value = u8();
    if (value > 1) {
      throw new ProtocolException(field + " of " + value + ", neither 0 nor 1");
    }
    return value == 1;
  }

  public byte[] bytes() throws ProtocolException {
    long length = u32();
    if (length > payload.remaining()) {
      throw new ProtocolException(
          "string of " + length + " bytes where " + payload.remaining() + " are left");
    }
    byte[] bytes = new byte[(int) length];
    payload.get(bytes);
    return bytes;
  }

  public boolean hasMore() {
    return payload.hasRemaining();
  }

  /// Bytes behind their number, where they are.
  public ByteBuffer slice() throws ProtocolException {
    long length = u32();
    if (length > payload.remaining()) {
      throw new ProtocolException(length + " bytes where " + payload.remaining() + " are left");
    }
    ByteBuffer slice = payload.slice(payload.position(), (int) length);
    payload.position(payload.position() + (int) length);
    return slice;
  }

  public String string() throws ProtocolException {
    return Bytes.text(bytes());
  }

  public List<String> strings() throws ProtocolException {
    long count = u32();
    if (count > payload.remaining() / 4) {
      throw new ProtocolException(
          count + " strings where " + payload.remaining() + " bytes are left");
    }
    List<String> strings = new ArrayList<>((int) count);
    for (int i = 0; i < count; i++) {
      strings.add(string());
    }
    return strings;
  }

  /// Text for people, which may be shown as it is.
  public String text() throws ProtocolException {
    return OneLine.of(string());
  }

  public ByteBuffer rest() {
    ByteBuffer rest = payload.slice();
    payload.position(payload.limit());
    return rest;
  }

  public void end() throws ProtocolException {
    if (payload.hasRemaining()) {
      throw new ProtocolException(payload.remaining() + " surplus bytes in the payload");
    }
  }

  private void need(int bytes) throws ProtocolException {
    if (payload.remaining() < bytes) {
      throw new ProtocolException(
          "payload ends " + (bytes - payload.remaining()) + " bytes too early");
    }
  }
}
