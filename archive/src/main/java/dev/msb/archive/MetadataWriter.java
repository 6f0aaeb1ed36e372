package dev.msb.archive;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/// Writes a table of a squashfs: little-endian numbers and bytes, in compressed blocks of 8 KiB.
final class MetadataWriter {
  static final int BLOCK_BYTES = 8192;

  private static final int UNCOMPRESSED = 0x8000;

  private final Spool out;
  private final long start;
  private final List<Long> blocks = new ArrayList<>();
  private final byte[] block = new byte[BLOCK_BYTES];
  private final byte[] packed = new byte[Lz4.bound(BLOCK_BYTES)];
  private final Lz4 lz4 = new Lz4();
  private int fill;

  /// A table that begins where `out` stands.
  MetadataWriter(Spool out) {
    this.out = out;
    start = out.position();
  }

  /// Where the table begins in its file.
  long start() {
    return start;
  }

  /// Where the next byte goes: the block's place in the table, and in the last 16 bits that in it.
  long reference() {
    return (out.position() - start) << 16 | fill;
  }

  void u16(int value) throws IOException {
    u8(value);
    u8(value >> 8);
  }

  void u32(int value) throws IOException {
    u16(value);
    u16(value >> 16);
  }

  void u64(long value) throws IOException {
    u32((int) value);
    u32((int) (value >> 32));
  }

  void bytes(byte[] bytes) throws IOException {
    int at = 0;
    while (at < bytes.length) {
      int count = Math.min(bytes.length - at, BLOCK_BYTES - fill);
      System.arraycopy(bytes, at, block, fill, count);
      at += count;
      fill += count;
      if (fill == BLOCK_BYTES) {
        finish();
      }
    }
  }

  private void u8(int value) throws IOException {
    block[fill++] = (byte) value;
    if (fill == BLOCK_BYTES) {
      finish();
    }
  }

  /// Writes the bytes that have not yet made a whole block.
  void finish() throws IOException {
    if (fill == 0) {
      return;
    }
    blocks.add(out.position());
    int length = lz4.compress(block, fill, packed);
    boolean smaller = length < fill;
    int size = smaller ? length : fill | UNCOMPRESSED;
    out.write(new byte[] {(byte) size, (byte) (size >> 8)}, 0, 2);
    out.write(smaller ? packed : block, 0, smaller ? length : fill);
    fill = 0;
  }

  /// Writes where its blocks are, after [#finish].
  ///
  /// @return where that is
  long writeIndex() throws IOException {
    long at = out.position();
    ByteBuffer index = ByteBuffer.allocate(8 * blocks.size()).order(ByteOrder.LITTLE_ENDIAN);
    blocks.forEach(index::putLong);
    out.write(index.array(), 0, index.capacity());
    return at;
  }
}
