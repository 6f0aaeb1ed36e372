package dev.msb.supervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msb.posix.Posix;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Against a real QEMU that has no machine.
@Timeout(60)
class QmpTest {
  private static final long MILLIS = 30_000;

  private int pid;
  private int qemuEnd;
  private Qmp qmp = new Qmp(-1);

  @BeforeEach
  void startQemu() throws IOException {
    int[] pair = new int[2];
    Posix.check(Posix.socketpair(pair), "socketpair");
    Posix.check(Posix.nonBlocking(pair[0], true), "non-blocking");
    qmp = new Qmp(pair[0]);
    qemuEnd = pair[1];
    List<String> words =
        List.of(
            Qemu.binary(),
            "-machine",
            "none",
            "-nodefaults",
            "-display",
            "none",
            "-chardev",
            "socket,id=qmp,fd=3",
            "-mon",
            "chardev=qmp,mode=control");
    byte[][] argv =
        words.stream().map(w -> w.getBytes(StandardCharsets.UTF_8)).toArray(byte[][]::new);
    pid =
        Posix.check(
            Posix.spawn(argv, new byte[0][], new int[] {-1, 2, 2, qemuEnd}, null, 0, -1, -1),
            "cannot start QEMU");
    Posix.close(qemuEnd);
  }

  @AfterEach
  void endQemu() {
    Posix.kill(pid, Posix.SIGKILL);
    Posix.waitpid(pid, new int[1], 0);
    Posix.close(qmp.fd());
  }

  @Test
  void commandsAreAnsweredAndEventsAreKept() throws IOException {
    qmp.open(MILLIS);
    qmp.execute("{\"execute\":\"query-status\"}", MILLIS);
    qmp.execute("{\"execute\":\"quit\"}", MILLIS);
    Posix.waitpid(pid, new int[1], 0);
    assertThat(qmp.readEvents()).containsExactly("SHUTDOWN host-qmp-quit");
    assertThat(qmp.readEvents()).isEmpty();
    assertThat(qmp.isOpen()).isFalse();
  }

  @Test
  void aRefusalSaysWhy() throws IOException {
    qmp.open(MILLIS);
    assertThatThrownBy(() -> qmp.execute("{\"execute\":\"no-such\"}", MILLIS))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "QEMU refused {\"execute\":\"no-such\"}: The command no-such has not been found");
  }

  @Test
  void aQemuThatEndsIsNoticed() throws IOException {
    qmp.open(MILLIS);
    Posix.kill(pid, Posix.SIGKILL);
    assertThatThrownBy(() -> qmp.execute("{\"execute\":\"query-status\"}", MILLIS))
        .isInstanceOf(IOException.class);
  }
}
