package dev.msb.archive;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class Lz4Test {
  private final Lz4 lz4 = new Lz4();

  @Test
  void whatIsCompressedComesBack() {
    long seed = Long.getLong("msb.seed", new Random().nextLong());
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    for (int run = 0; run < 20_000; run++) {
      int length = run < 2000 ? run / 20 : random.nextInt(3000);
      byte[] bytes = new byte[length];
      int letters = 1 + random.nextInt(6);
      for (int i = 0; i < length; ) {
        if (i > 0 && random.nextInt(8) == 0) {
          int from = random.nextInt(i);
          for (int count = random.nextInt(400); count > 0 && i < length; count--) {
            bytes[i++] = bytes[from++];
          }
        } else {
          bytes[i++] = (byte) random.nextInt(letters);
        }
      }
      comesBack(bytes);
    }
  }

  @Test
  void theLargestDistancesAndLengths() {
    byte[] bytes = new byte[BlockWriter.BLOCK_BYTES];
    comesBack(bytes);
    new Random(1).nextBytes(bytes);
    comesBack(bytes);
    for (int distance : new int[] {65534, 65535, 65536, 65537}) {
      System.arraycopy(bytes, 0, bytes, distance, 1000);
      comesBack(bytes);
    }
  }

  private void comesBack(byte[] bytes) {
    byte[] packed = new byte[Lz4.bound(bytes.length)];
    int length = lz4.compress(bytes, bytes.length, packed);
    byte[] unpacked = unpack(packed, length, bytes.length);
    assertThat(Arrays.equals(unpacked, bytes)).isTrue();
  }

  /// Decodes by the description of the format, and checks what it asks of the end of a block.
  private static byte[] unpack(byte[] packed, int length, int expected) {
    byte[] out = new byte[expected];
    int at = 0;
    int to = 0;
    while (true) {
      int token = packed[at++] & 0xff;
      int literals = token >> 4;
      if (literals == 15) {
        int more;
        do {
          more = packed[at++] & 0xff;
          literals += more;
        } while (more == 255);
      }
      System.arraycopy(packed, at, out, to, literals);
      at += literals;
      to += literals;
      if (at == length) {
        assertThat(to).isEqualTo(expected);
        assertThat(literals).isGreaterThanOrEqualTo(Math.min(5, expected));
        return out;
      }
      int distance = (packed[at] & 0xff) | (packed[at + 1] & 0xff) << 8;
      at += 2;
      assertThat(distance).isBetween(1, to);
      assertThat(to).isLessThanOrEqualTo(expected - 12);
      int match = (token & 15) + 4;
      if (match == 19) {
        int more;
        do {
          more = packed[at++] & 0xff;
          match += more;
        } while (more == 255);
      }
      for (int i = 0; i < match; i++, to++) {
        out[to] = out[to - distance];
      }
    }
  }
}
