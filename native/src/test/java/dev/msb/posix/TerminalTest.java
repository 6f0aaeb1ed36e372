package dev.msb.posix;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// On the master of a pseudo-terminal, which has the modes of its slave.
@Timeout(20)
class TerminalTest {
  private int terminal;

  @BeforeEach
  void openTerminal() throws IOException {
    int flags = Posix.O_RDWR | Posix.O_NOCTTY;
    terminal = Posix.check(Posix.open(Io.bytes("/dev/ptmx"), flags, 0), "open /dev/ptmx");
  }

  @AfterEach
  void closeTerminal() {
    Posix.close(terminal);
  }

  @Test
  void terminalIsToldFromOthers() throws IOException {
    int[] pipe = Io.pipe();
    assertThat(Posix.isatty(terminal)).isEqualTo(1);
    assertThat(Posix.isatty(pipe[0])).isZero();
    assertThat(Posix.isatty(-1)).isEqualTo(-Posix.EBADF);
    Io.close(pipe);
  }

  /// Runs stty on the terminal and returns what it says.
  private String stty(String... words) throws IOException {
    int[] out = Io.pipe();
    byte[][] argv = Io.words(words);
    int pid = Posix.spawn(argv, new byte[0][], new int[] {terminal, out[1]}, null, 0, -1, -1);
    Posix.close(out[1]);
    String text = Io.readToEnd(out[0]);
    Posix.close(out[0]);
    assertThat(Io.exitStatus(Posix.check(pid, "stty"))).isZero();
    return text;
  }

  @Test
  void rawTerminalLeavesBytesAlone() throws IOException {
    assertThat(stty("stty", "-a")).contains(" echo ", " icanon ", "isig ", "opost ");
    assertThat(Posix.rawMode(terminal, true)).isNotNull();
    assertThat(stty("stty", "-a")).contains(" -echo ", " -icanon ", "-isig ", "-opost ");
  }

  @Test
  void outputCanBeLeftToTheTerminal() throws IOException {
    assertThat(Posix.rawMode(terminal, false)).isNotNull();
    assertThat(stty("stty", "-a"))
        .contains(" -echo ", " -icanon ", "opost ", " onlcr ")
        .doesNotContain("-opost");
  }

  @Test
  void restoredModeIsTheOneBefore() throws IOException {
    String before = stty("stty", "-g");
    byte[] saved = Objects.requireNonNull(Posix.rawMode(terminal, true));
    assertThat(stty("stty", "-g")).isNotEqualTo(before);
    assertThat(Posix.restoreMode(terminal, saved)).isZero();
    assertThat(stty("stty", "-g")).isEqualTo(before);
  }

  @Test
  void pipeHasNoModes() throws IOException {
    int[] pipe = Io.pipe();
    byte[] saved = Objects.requireNonNull(Posix.rawMode(terminal, true));
    assertThat(Posix.rawMode(pipe[0], true)).isNull();
    assertThat(Posix.restoreMode(pipe[0], saved)).isEqualTo(-Posix.ENOTTY);
    assertThat(Posix.restoreMode(terminal, new byte[3])).isEqualTo(-Posix.EINVAL);
    assertThat(Posix.windowSize(pipe[0])).isEqualTo(-Posix.ENOTTY);
    Io.close(pipe);
  }

  @Test
  void windowHasRowsAndColumns() throws IOException {
    stty("stty", "rows", "50", "cols", "132");
    assertThat(Posix.windowSize(terminal)).isEqualTo(50 << 16 | 132);
  }
}
