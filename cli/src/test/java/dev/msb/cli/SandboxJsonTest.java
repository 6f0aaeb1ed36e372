package dev.msb.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msb.sdk.ExitStatus;
import dev.msb.sdk.MemorySize;
import dev.msb.sdk.ProcessInfo;
import dev.msb.sdk.SandboxEnd;
import dev.msb.sdk.SandboxEvent;
import dev.msb.sdk.SandboxInfo;
import dev.msb.sdk.SandboxMetrics;
import dev.msb.sdk.SandboxState;
import dev.msb.sdk.StopReason;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// What programs read: it may grow, but no member changes its name, its place or its type.
class SandboxJsonTest {
  private static final Instant CREATED = Instant.parse("2026-01-02T03:04:05Z");

  @Test
  void aRunningSandbox() {
    assertThat(SandboxJson.of(info(SandboxState.RUNNING, Optional.empty(), false)))
        .hasToString(
            """
            {"name":"box","state":"running","since":"2026-01-02T03:04:06Z","reason":null,\
            "detail":null,"image":"alpine","cpus":2,"memory_mib":256,"labels":{"ci":"","team":\
            "\\"red\\""},"ephemeral":false,"idle_timeout_ms":null,"max_duration_ms":null,\
            "created":"2026-01-02T03:04:05Z"}\
            """);
  }

  @Test
  void aSandboxThatBroke() {
    SandboxEnd end = new SandboxEnd(StopReason.FAILED, "the VM is gone: QEMU was killed");
    assertThat(SandboxJson.of(info(SandboxState.STOPPED, Optional.of(end), true)))
        .hasToString(
            """
            {"name":"box","state":"stopped","since":"2026-01-02T03:04:06Z","reason":"failed",\
            "detail":"the VM is gone: QEMU was killed","image":"alpine","cpus":2,"memory_mib":256,\
            "labels":{"ci":"","team":"\\"red\\""},"ephemeral":true,"idle_timeout_ms":600000,\
            "max_duration_ms":7200000,"created":"2026-01-02T03:04:05Z"}\
            """);
  }

  @Test
  void anEnd() {
    assertThat(SandboxJson.of("box", new SandboxEnd(StopReason.MAX_DURATION, "")))
        .hasToString("{\"name\":\"box\",\"reason\":\"max-duration\",\"detail\":null}");
  }

  @Test
  void metrics() {
    SandboxMetrics metrics =
        new SandboxMetrics(
            70, 71, Duration.ofSeconds(9), Duration.ZERO, Duration.ofMillis(120), 5, 1, 2, 3, 4);
    assertThat(SandboxJson.of("box", metrics))
        .hasToString(
            """
            {"name":"box","uptime_ms":9000,"idle_ms":0,"cpu_ms":120,"memory_bytes":5,\
            "execs_live":1,"execs_total":2,"stdin_bytes":3,"output_bytes":4,\
            "supervisor_pid":70,"vm_pid":71}\
            """);
  }

  @Test
  void aProcess() {
    ProcessInfo process =
        new ProcessInfo(
            3,
            88,
            false,
            Optional.of(new ExitStatus.Exited(7)),
            Duration.ofMillis(1500),
            List.of("echo", "a b"));
    assertThat(SandboxJson.of("box", process))
        .hasToString(
            """
            {"id":"box/3","sandbox":"box","pid":88,"state":"exited 7","age_ms":1500,\
            "argv":["echo","a b"]}\
            """);
  }

  @Test
  void anEvent() {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("exec", "3");
    facts.put("code", "0");
    assertThat(SandboxJson.of(new SandboxEvent(CREATED, "box", "exec-ended", facts)))
        .hasToString(
            """
            {"time":"2026-01-02T03:04:05Z","sandbox":"box","event":"exec-ended","exec":"box/3",\
            "code":0}\
            """);
  }

  private static SandboxInfo info(SandboxState state, Optional<SandboxEnd> end, boolean limited) {
    return new SandboxInfo(
        "box",
        state,
        end,
        CREATED.plusSeconds(1),
        "alpine",
        2,
        MemorySize.mebibytes(256),
        List.of("A=b"),
        "",
        "",
        List.of(),
        false,
        Map.of("team", "\"red\"", "ci", ""),
        limited,
        limited ? Optional.of(Duration.ofMinutes(10)) : Optional.empty(),
        limited ? Optional.of(Duration.ofHours(2)) : Optional.empty(),
        CREATED);
  }
}
