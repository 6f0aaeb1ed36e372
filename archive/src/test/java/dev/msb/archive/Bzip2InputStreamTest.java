package dev.msb.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Bytes that came through bzip2, and what nobody should send. The child is gone in any case.
class Bzip2InputStreamTest {
  @TempDir Path directory;

  @Test
  void nothing() throws Exception {
    assertThat(unpacked(packed(new byte[0], 9))).isEmpty();
  }

  @Test
  void anyBytesInStreamsOfAnyLevel() throws Exception {
    Random random = random();
    for (int level = 1; level <= 9; level += 4) {
      byte[] bytes = bytes(random, level * 250_000);
      byte[] packed = packed(bytes, level);
      assertThat(unpacked(packed)).isEqualTo(bytes);
      byte[] twice = Arrays.copyOf(packed, 2 * packed.length);
      System.arraycopy(packed, 0, twice, packed.length, packed.length);
      assertThat(unpacked(twice)).hasSize(2 * bytes.length).startsWith(bytes).endsWith(bytes);
    }
  }

  @Test
  void whatFollowsTheLastStreamIsLeftOut() throws Exception {
    byte[] packed = packed(new byte[] {1, 2, 3}, 1);
    byte[] longer = Arrays.copyOf(packed, packed.length + 1_000_000);
    assertThat(unpacked(longer)).containsExactly(1, 2, 3);
  }

  @Test
  void whatIsDamagedIsRefused() throws Exception {
    Random random = random();
    byte[] bytes = bytes(random, 20_000);
    byte[] packed = packed(bytes, 1);
    for (int length : new int[] {5, 4 + random.nextInt(packed.length - 4), packed.length - 1}) {
      assertThatThrownBy(() -> unpacked(Arrays.copyOf(packed, length)))
          .hasMessage("the bzip2 data is truncated");
    }
    for (int i = 0; i < 100; i++) {
      byte[] damaged = packed.clone();
      damaged[4 + random.nextInt(damaged.length - 4)] ^= (byte) (1 << random.nextInt(8));
      try {
        // The last bits may be filling.
        assertThat(unpacked(damaged)).isEqualTo(bytes);
      } catch (IOException e) {
        assertThat(e).hasMessageMatching("the bzip2 data is (damaged|truncated)");
      }
    }
  }

  @Test
  void aBombIsReadNoFurtherThanWanted() throws Exception {
    byte[] bomb = packed(new byte[64 << 20], 9);
    assertThat(bomb).hasSizeLessThan(1000);
    Bzip2InputStream in = new Bzip2InputStream(new Endless(bomb));
    try (in) {
      in.skipNBytes(100_000_000);
    }
    assertThat(in.child().isAlive()).isFalse();
  }

  @Test
  void anInterruptEndsStreamsWithoutEndThatHoldNothing() throws Exception {
    byte[] nothing = packed(new byte[0], 1);
    Thread reading = Thread.currentThread();
    // It is read again only after bzip2 has taken what came before.
    InputStream interrupting =
        new Endless(nothing) {
          private int reads;

          @Override
          public int read(byte[] to, int offset, int length) {
            if (++reads == 20) {
              reading.interrupt();
            }
            return super.read(to, offset, length);
          }
        };
    Bzip2InputStream in = new Bzip2InputStream(interrupting);
    try (in) {
      assertThatThrownBy(in::read).isInstanceOf(ClosedByInterruptException.class);
    }
    assertThat(in.child().isAlive()).isFalse();
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void whoStopsEarlyClosesAll() throws Exception {
    byte[] packed = packed(bytes(random(), 2_000_000), 1);
    boolean[] closed = {false};
    InputStream raw =
        new ByteArrayInputStream(packed) {
          @Override
          public void close() {
            closed[0] = true;
          }
        };
    Bzip2InputStream in = new Bzip2InputStream(raw);
    try (in) {
      assertThat(in.read()).isNotNegative();
    }
    in.close();
    assertThat(in.child().isAlive()).isFalse();
    assertThat(closed).containsExactly(true);
  }

  @Test
  void inputThatFailsIsNotTakenForItsEnd() throws Exception {
    byte[] packed = packed(bytes(random(), 300_000), 1);
    UncheckedIOException failure = new UncheckedIOException(new IOException("a bad disk"));
    InputStream raw =
        new ByteArrayInputStream(packed, 0, 1000) {
          @Override
          public synchronized int read(byte[] to, int offset, int length) {
            int count = super.read(to, offset, length);
            if (count < 0) {
              throw failure;
            }
            return count;
          }
        };
    Bzip2InputStream in = new Bzip2InputStream(raw);
    try (in) {
      assertThatThrownBy(in::readAllBytes).isSameAs(failure);
      assertThatThrownBy(in::read).hasMessage("bzip2 data that could not be read before");
    }
    assertThat(in.child().isAlive()).isFalse();
  }

  @Test
  void aMissingProgramIsNamed() {
    InputStream none = InputStream.nullInputStream();
    assertThatThrownBy(() -> new Bzip2InputStream(none, "/no/such/bzip2"))
        .isInstanceOf(ArchiveException.class)
        .hasMessage(
            "it is compressed with bzip2, and the program for that, bzip2 of Debian's package"
                + " bzip2, cannot be run");
  }

  /// The same bytes again and again.
  private static class Endless extends InputStream {
    private final byte[] bytes;
    private int at;

    Endless(byte[] bytes) {
      this.bytes = bytes;
    }

    @Override
    public int read() {
      byte next = bytes[at];
      at = (at + 1) % bytes.length;
      return next & 0xff;
    }

    @Override
    public int read(byte[] to, int offset, int length) {
      for (int i = 0; i < length; i++) {
        to[offset + i] = (byte) read();
      }
      return length;
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
    Process bzip2 = new ProcessBuilder("bzip2", "-kf", "-" + level, file.toString()).start();
    assertThat(bzip2.waitFor()).isZero();
    return Files.readAllBytes(directory.resolve("bytes.bz2"));
  }

  private static byte[] unpacked(byte[] packed) throws IOException {
    Bzip2InputStream in = new Bzip2InputStream(new ByteArrayInputStream(packed));
    try (in) {
      return in.readAllBytes();
    } finally {
      assertThat(in.child().isAlive()).isFalse();
    }
  }
}
