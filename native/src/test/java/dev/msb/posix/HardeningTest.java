package dev.msb.posix;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/// How the library was built, read from its file.
class HardeningTest {
  private static final int GNU_STACK = 0x6474e551;
  private static final int GNU_RELRO = 0x6474e552;
  private static final int DYNAMIC = 2;
  private static final long FLAGS = 30;
  private static final long BIND_NOW = 8;

  private final ByteBuffer file;

  HardeningTest() throws IOException {
    Path library = Path.of(System.getProperty("msb.native"));
    file = ByteBuffer.wrap(Files.readAllBytes(library)).order(ByteOrder.LITTLE_ENDIAN);
  }

  @Test
  void whatIsResolvedIsResolvedAtLoadAndReadOnlyThen() {
    assertThat(segment(GNU_RELRO)).isPositive();
    assertThat(flags(segment(DYNAMIC)) & BIND_NOW).isNotZero();
  }

  @Test
  void stackIsGuardedAndNeverExecuted() {
    assertThat(new String(file.array(), StandardCharsets.ISO_8859_1)).contains("__stack_chk_fail");
    assertThat(file.getInt(segment(GNU_STACK) + 4) & 1).isZero();
  }

  /// Where the program header of a type is.
  private int segment(int type) {
    for (int i = 0; i < file.getShort(56); i++) {
      int at = Math.toIntExact(file.getLong(32)) + i * file.getShort(54);
      if (file.getInt(at) == type) {
        return at;
      }
    }
    throw new AssertionError("no segment of type " + type);
  }

  /// DT_FLAGS of the dynamic section.
  private long flags(int header) {
    int at = Math.toIntExact(file.getLong(header + 8));
    for (; file.getLong(at) != 0; at += 16) {
      if (file.getLong(at) == FLAGS) {
        return file.getLong(at + 8);
      }
    }
    return 0;
  }
}
