package dev.msb.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Against bzip2 itself.
class Bzip2InputStreamTest {
  @TempDir Path directory;

  @Test
  void nothing() throws Exception {
    assertThat(unpacked(packed(new byte[0], 9))).isEmpty();
  }

  @Test
  void runs() throws Exception {
    for (int length : new int[] {1, 3, 4, 5, 8, 255, 258, 259, 260, 1000, 2_000_000}) {
      byte[] run = new byte[length];
      Arrays.fill(run, (byte) 'x');
      assertThat(unpacked(packed(run, 1))).isEqualTo(run);
    }
  }

  @Test
  void anyBytesOnAnyLevel() throws Exception {
    Random random = random();
    for (int level = 1; level <= 9; level++) {
      byte[] bytes = bytes(random, level * 250_000);
      assertThat(unpacked(packed(bytes, level))).isEqualTo(bytes);
    }
  }

  @Test
  void whatFollowsTheLastStreamIsLeftOut() throws Exception {
    byte[] packed = packed(new byte[] {1, 2, 3}, 1);
    byte[] longer = Arrays.copyOf(packed, packed.length + 10_000);
    assertThat(unpacked(longer)).containsExactly(1, 2, 3);
  }

  @Test
  void whatIsDamagedIsRefused() throws Exception {
    Random random = random();
    byte[] bytes = bytes(random, 20_000);
    byte[] packed = packed(bytes, 1);
    assertThatThrownBy(() -> unpacked(Arrays.copyOf(packed, packed.length - 1)))
        .hasMessage("the bzip2 data is truncated");
    for (int i = 0; i < 2_000; i++) {
      byte[] damaged = packed.clone();
      damaged[4 + random.nextInt(damaged.length - 4)] ^= (byte) (1 << random.nextInt(8));
      try {
        // The last bits may be filling.
        assertThat(unpacked(damaged)).isEqualTo(bytes);
      } catch (IOException e) {
        assertThat(e).hasMessageContaining("bzip2");
      }
    }
  }

  private static Random random() {
    long seed = Long.getLong("msb.seed", System.nanoTime());
    System.out.println("Bzip2InputStreamTest: -Dmsb.seed=" + seed);
    return new Random(seed);
  }

  /// Bytes with runs and with what repeats.
  private static byte[] bytes(Random random, int length) {
    byte[] bytes = new byte[length];
    for (int at = 0; at < length; ) {
      int count = Math.min(length - at, 1 + random.nextInt(600));
      int kind = random.nextInt(4);
      int from = random.nextInt(at + 1);
      byte fill = (byte) random.nextInt();
      for (int i = 0; i < count; i++) {
        bytes[at + i] =
            kind == 0
                ? fill
                : kind == 1 ? (byte) random.nextInt() : bytes[from + i % (at - from + 1)];
      }
      at += count;
    }
    return bytes;
  }

  private byte[] packed(byte[] bytes, int level) throws Exception {
    Path file = Files.write(directory.resolve("bytes"), bytes);
    Programs.run(directory, "bzip2", "-kf", "-" + level, file.toString());
    return Files.readAllBytes(directory.resolve("bytes.bz2"));
  }

  private static byte[] unpacked(byte[] packed) throws IOException {
    try (InputStream in = Compression.uncompressed(new ByteArrayInputStream(packed))) {
      return in.readAllBytes();
    }
  }
}
