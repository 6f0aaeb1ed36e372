package dev.msb.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ByteRingTest {

  /// Against a list of all bytes ever appended.
  @Test
  void whatIsKeptIsWhatWasAppended() {
    long seed = Long.getLong("msb.seed", System.nanoTime());
    System.out.println("msb.seed=" + seed);
    Random random = new Random(seed);
    ByteRing ring = new ByteRing(0);
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (int step = 0; step < 3_000; step++) {
      byte[] piece = new byte[random.nextInt(random.nextBoolean() ? 20 : 9_000)];
      random.nextBytes(piece);
      ring.append(ByteBuffer.wrap(piece), 0, piece.length);
      all.writeBytes(piece);
      if (random.nextInt(3) > 0) {
        ring.dropBefore(ring.start() + random.nextLong(ring.end() - ring.start() + 1));
      }
      int length = (int) (ring.end() - ring.start());
      int from = random.nextInt(length + 1);
      int count = random.nextInt(length - from + 1);
      ByteBuffer copy = ByteBuffer.allocate(count);
      ring.copyTo(ring.start() + from, count, copy);
      int at = (int) ring.start() + from;
      assertThat(copy.array()).isEqualTo(Arrays.copyOfRange(all.toByteArray(), at, at + count));
    }
    assertThat(ring.end()).isEqualTo(all.size());
  }

  @Test
  void whatIsNotKeptCannotBeCopied() {
    ByteRing ring = new ByteRing(0);
    ring.append(ByteBuffer.allocate(10), 0, 10);
    ring.dropBefore(4);
    assertThatThrownBy(() -> ring.copyTo(3, 2, ByteBuffer.allocate(2)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("3+2 is not within 4 to 10");
  }
}
