package dev.msb.image;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/// bzip2 data, bit by bit, the highest of a byte first.
final class Bzip2Bits {
  private static final int POLYNOMIAL = 0x04c11db7;
  private static final int[] CHECKSUMS = new int[256];

  static {
    for (int i = 0; i < 256; i++) {
      int value = i << 24;
      for (int bit = 0; bit < 8; bit++) {
        value = value << 1 ^ (value < 0 ? POLYNOMIAL : 0);
      }
      CHECKSUMS[i] = value;
    }
  }

  private final InputStream in;
  private long held; // the lowest `count` bits
  private int count;
  private int level;

  Bzip2Bits(InputStream in) {
    this.in = in;
  }

  /// A checksum with one more byte.
  static int checksum(int before, int b) {
    return before << 8 ^ CHECKSUMS[before >>> 24 ^ b];
  }

  /// So many bits, at most 24.
  int bits(int wanted) throws IOException {
    while (count < wanted) {
      int next = in.read();
      if (next < 0) {
        throw new EOFException("the bzip2 data is truncated");
      }
      held = held << 8 | next;
      count += 8;
    }
    count -= wanted;
    return (int) (held >>> count) & (1 << wanted) - 1;
  }

  boolean bit() throws IOException {
    return bits(1) != 0;
  }

  /// 32 bits.
  int word() throws IOException {
    return bits(16) << 16 | bits(16);
  }

  /// Goes on with the next whole byte.
  void align() {
    count -= count % 8;
  }

  /// Reads a stream's header. What follows the last stream and is none is of no meaning, as to
  /// bzip2 itself.
  ///
  /// @return false if there is none
  boolean atStream() throws IOException {
    int[] header = new int[4];
    for (int i = 0; i < header.length; i++) {
      if (count == 0) {
        header[i] = in.read();
        if (header[i] < 0) {
          return false;
        }
      } else {
        header[i] = bits(8);
      }
    }
    level = header[3] - '0';
    return header[0] == 'B' && header[1] == 'Z' && header[2] == 'h' && level >= 1 && level <= 9;
  }

  /// Hundreds of thousands of bytes in a block of the stream, 1 to 9.
  int level() {
    return level;
  }

  void close() throws IOException {
    in.close();
  }
}
