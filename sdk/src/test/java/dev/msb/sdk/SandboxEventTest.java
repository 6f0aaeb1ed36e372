package dev.msb.sdk;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What supervisors write, read.
class SandboxEventTest {
  @Test
  void factsAreReadAndTheLastMayHaveSpaces() {
    SandboxEvent event =
        SandboxEvent.parse(
            "2026-01-02T03:04:05Z box stopped reason=failed detail=the VM is gone: a=b c");
    assertThat(event.sandbox()).isEqualTo("box");
    assertThat(event.kind()).isEqualTo("stopped");
    assertThat(event.facts())
        .containsEntry("reason", "failed")
        .containsEntry("detail", "the VM is gone: a=b c")
        .hasSize(2);
    assertThat(event)
        .hasToString("2026-01-02T03:04:05Z box stopped reason=failed detail=the VM is gone: a=b c");
  }

  @Test
  void anEventMayHaveNoFacts() {
    assertThat(SandboxEvent.parse("2026-01-02T03:04:05Z box started").facts()).isEmpty();
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      value = {
        "stopped requested                  | REQUESTED    | requested",
        "stopped max-duration               | MAX_DURATION | max-duration",
        "stopped failed the VM is gone: why | FAILED       | failed: the VM is gone: why",
        "running                            | CRASHED      | crashed",
        "''                                 | CRASHED      | crashed",
      })
  void theLastStateTellsTheEnd(String state, StopReason reason, String shown) {
    SandboxEnd end = SandboxEnd.parse(state);
    assertThat(end.reason()).isEqualTo(reason);
    assertThat(end).hasToString(shown);
  }
}
