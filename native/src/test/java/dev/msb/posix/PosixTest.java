package dev.msb.posix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class PosixTest {

  @Test
  void libraryIsThere() {
    assertThat(Posix.available()).isTrue();
  }

  @Test
  void missingLibraryIsNoError() throws Exception {
    assertThat(JavaChild.run("-Dmsb.native=/nowhere/libmsb.so", Programs.Missing.class))
        .isEqualTo("false, file: errno 2\n");
  }

  @Test
  void checkReturnsWhatIsNoError() throws IOException {
    assertThat(Posix.check(0, "nothing")).isZero();
    assertThat(Posix.check(7, "nothing")).isEqualTo(7);
  }

  @Test
  void checkThrowsTextAndNameOfAnError() {
    assertThatThrownBy(() -> Posix.check(-Posix.ENOENT, "cannot open /x"))
        .isInstanceOf(IOException.class)
        .hasMessage("cannot open /x: No such file or directory (ENOENT)");
  }

  @Test
  void unknownErrorHasItsNumber() {
    assertThat(Posix.message(9999)).isEqualTo("Unknown error 9999");
  }

  @Test
  void errnoConstantsAreThoseOfTheKernel() throws Exception {
    for (var field : Posix.class.getFields()) {
      if (field.getName().startsWith("E")) {
        assertThat(Posix.message(field.getInt(null))).endsWith("(" + field.getName() + ")");
      }
    }
  }

  @Test
  void processAndUserAreThoseOfTheJvm() throws IOException {
    assertThat((long) Posix.getpid()).isEqualTo(ProcessHandle.current().pid());
    assertThat(Posix.getuid()).isEqualTo(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
  }
}
