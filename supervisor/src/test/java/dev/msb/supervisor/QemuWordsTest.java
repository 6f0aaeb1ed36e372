package dev.msb.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msb.posix.Posix;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What is kept of the words of a QEMU that a guest has say what it likes.
class QemuWordsTest {
  private final List<String> log = new ArrayList<>();
  private final int[] pipe = new int[2];
  private final QemuWords words;

  QemuWordsTest() throws IOException {
    Posix.check(Posix.pipe(pipe), "pipe");
    Posix.check(Posix.nonBlocking(pipe[0], true), "non-blocking");
    words = new QemuWords(pipe[0], log::add);
  }

  @Test
  void linesArePassedOnAsTheyCome() {
    write("one\ntw");
    assertThat(words.receive()).isTrue();
    assertThat(log).containsExactly("QEMU: one");
    write("o\n\nthree");
    assertThat(words.receive()).isTrue();
    assertThat(log).containsExactly("QEMU: one", "QEMU: two");
    end();
    assertThat(log).containsExactly("QEMU: one", "QEMU: two", "QEMU: three");
    assertThat(words.last()).isEqualTo("three");
  }

  @Test
  void aFloodIsCutInTheMiddle() {
    for (int i = 0; i < 100_000; i++) {
      write("line " + i + "\n");
      if (i % 1000 == 0) {
        assertThat(words.receive()).isTrue();
      }
      while (i % 100 == 0 && Posix.poll(new int[] {pipe[0]}, in(), new short[1], 1, 0) > 0) {
        assertThat(words.receive()).isTrue();
      }
    }
    end();
    assertThat(log).startsWith("QEMU: line 0").endsWith("QEMU: line 99999");
    assertThat(log).anyMatch(line -> line.endsWith("lines are left out here"));
    assertThat(String.join("\n", log)).hasSizeLessThan(64 * 1024);
  }

  @Test
  void aLineWithoutEndIsCut() {
    for (int i = 0; i < 100; i++) {
      write("x".repeat(1000));
      words.receive();
    }
    end();
    assertThat(String.join("", log)).hasSizeLessThan(1000);
  }

  @Test
  void noByteOfItCommandsATerminal() {
    write("a\u001b]0;title\u0007b\rc\u009b2J\u202ed\n");
    end();
    assertThat(log).containsExactly("QEMU: a ]0;title b c 2J d");
  }

  private static short[] in() {
    return new short[] {Posix.POLLIN};
  }

  private void write(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    ByteBuffer out = ByteBuffer.allocateDirect(bytes.length).put(bytes);
    assertThat(Posix.write(pipe[1], out, 0, bytes.length)).isEqualTo(bytes.length);
  }

  private void end() {
    Posix.close(pipe[1]);
    words.end();
    Posix.close(pipe[0]);
  }
}
