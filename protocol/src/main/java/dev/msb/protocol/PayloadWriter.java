package dev.msb.protocol;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/// Puts the fields of a payload together.
public final class PayloadWriter {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(128);

  /// An empty payload.
  public PayloadWriter() {}

  public PayloadWriter u8(int value) {
    bytes.write(value);
    return this;
  }

  public PayloadWriter flag(boolean value) {
    return u8(value ? 1 : 0);
  }

  public PayloadWriter u16(int value) {
    return u8(value >>> 8).u8(value);
  }

  public PayloadWriter u32(long value) {
    return u16((int) (value >>> 16)).u16((int) value);
  }

  public PayloadWriter u64(long value) {
    return u32(value >>> 32).u32(value);
  }

  public PayloadWriter bytes(byte[] value) {
    u32(value.length);
    bytes.writeBytes(value);
    return this;
  }

  public PayloadWriter string(String value) {
    return bytes(Bytes.of(value));
  }

  /// Text for people, cut so that a frame always holds it.
  public PayloadWriter text(String value) {
    byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
    return bytes(utf8.length <= 4096 ? utf8 : Arrays.copyOf(utf8, 4096));
  }

  public PayloadWriter strings(List<String> values) {
    u32(values.size());
    for (String value : values) {
      string(value);
    }
    return this;
  }

  public PayloadWriter blob(ByteBuffer value) {
    return u32(value.remaining()).raw(value);
  }

  public PayloadWriter raw(ByteBuffer value) {
    byte[] copy = new byte[value.remaining()];
    value.duplicate().get(copy);
    bytes.writeBytes(copy);
    return this;
  }

  public byte[] toBytes() {
    return bytes.toByteArray();
  }
}
