package dev.msb.cli.commands;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msb.sdk.ProcessInfo;
import dev.msb.sdk.SandboxException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ExecIdTest {
  private static ProcessInfo process(long id, int seconds, String... argv) {
    return new ProcessInfo(
        id, 9, false, Optional.empty(), Duration.ofSeconds(seconds), List.of(argv));
  }

  @Test
  void theOnlyOneIsMeant() throws Exception {
    assertThat(ExecId.only("box", List.of(process(7, 1, "vim")))).isEqualTo(new ExecId("box", 7));
    assertThatThrownBy(() -> ExecId.only("box", List.of()))
        .isInstanceOf(SandboxException.class)
        .hasMessage("no exec of sandbox \"box\" waits for somebody: msb exec ls box shows them");
  }

  @Test
  void ofSeveralEachIsTold() {
    List<ProcessInfo> left =
        List.of(
            process(3, 3600, "vim", "a b"), process(4, 2, "sh", "-c", "sleep 1000; ".repeat(9)));
    assertThatThrownBy(() -> ExecId.only("box", left))
        .hasMessage(
            "which one? box/4 (sh -c sleep 1000; sleep 1000; sleep 1..., 2s), box/3 (vim a b, 3600s)"
                + " wait for somebody");
  }
}
