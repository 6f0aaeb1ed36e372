package dev.msb.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msb.cli.commands.LogLine;
import dev.msb.cli.output.ImageJson;
import dev.msb.cli.output.JsonObject;
import dev.msb.cli.output.SandboxJson;
import dev.msb.cli.process.StatusJson;
import dev.msb.sdk.ExitDetails;
import dev.msb.sdk.ExitStatus;
import dev.msb.sdk.ImageInfo;
import dev.msb.sdk.Images;
import dev.msb.sdk.LoggedOutput;
import dev.msb.sdk.MemorySize;
import dev.msb.sdk.ProcessInfo;
import dev.msb.sdk.SandboxEnd;
import dev.msb.sdk.SandboxEvent;
import dev.msb.sdk.SandboxInfo;
import dev.msb.sdk.SandboxMetrics;
import dev.msb.sdk.SandboxState;
import dev.msb.sdk.StopReason;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/// What programs read: each output as it is, and as `docs/cli.md` promises it.
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class JsonGoldenTest {
  private static final String DIGEST =
      "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
  private static final Instant CREATED = Instant.parse("2026-01-02T03:04:05Z");
  private static final SandboxInfo RUNNING =
      info(SandboxState.RUNNING, Optional.empty(), Optional.empty());
  private static final SandboxInfo BROKEN =
      info(
          SandboxState.STOPPED,
          Optional.of(new SandboxEnd(StopReason.FAILED, "the VM is gone: QEMU was killed")),
          Optional.of(Duration.ofMinutes(10)));
  private static final SandboxMetrics METRICS =
      new SandboxMetrics(
          70, 71, Duration.ofSeconds(9), Duration.ZERO, Duration.ofMillis(120), 5, 1, 2, 3, 4);
  private static final List<ProcessInfo> EXECS =
      List.of(
          exec(1, true, Optional.empty(), "sh", "-c", "echo \"a b\"\nexit"),
          exec(2, false, Optional.empty(), "sleep", "1000"),
          exec(3, false, Optional.of(new ExitStatus.Exited(7)), "false"),
          exec(4, false, Optional.of(new ExitStatus.Signaled(9, false)), "yes"),
          exec(5, false, Optional.of(new ExitStatus.TimedOut(new ExitStatus.Exited(0))), "top"));

  @Test
  void ls() throws Exception {
    check("ls", SandboxJson.array(List.of(SandboxJson.of(RUNNING), SandboxJson.of(BROKEN))));
  }

  @Test
  void inspect() throws Exception {
    Path directory = Path.of("/home/user/.msb/sandboxes/box");
    check(
        "inspect",
        SandboxJson.array(
            List.of(
                SandboxJson.inspected(RUNNING, directory, METRICS, EXECS.subList(0, 1)),
                SandboxJson.inspected(BROKEN, directory, null, List.of()))));
  }

  @Test
  void ps() throws Exception {
    check("ps", SandboxJson.array(EXECS.stream().map(e -> SandboxJson.of("box", e)).toList()));
  }

  @Test
  void metrics() throws Exception {
    check("metrics", SandboxJson.array(List.of(SandboxJson.of("box", METRICS))));
  }

  @Test
  void ping() throws Exception {
    check("ping", SandboxJson.array(List.of(SandboxJson.of("box", Duration.ofNanos(876_543)))));
  }

  @Test
  void await() throws Exception {
    check(
        "wait",
        lines(
            SandboxJson.of("box", new SandboxEnd(StopReason.MAX_DURATION, "")),
            SandboxJson.of("web", new SandboxEnd(StopReason.FAILED, "the VM is gone"))));
  }

  @Test
  void events() throws Exception {
    check(
        "events",
        lines(
            event("created"),
            event("modified"),
            event("renamed", "to", "new"),
            event("started"),
            event("exec-started", "exec", "3", "pid", "88"),
            event("exec-ended", "exec", "3", "code", "0"),
            event("exec-ended", "exec", "4", "signal", "9"),
            event("stopped", "reason", "requested"),
            event("stopped", "reason", "failed", "detail", "the VM is gone: QEMU was killed"),
            event("crashed"),
            event("removed")));
  }

  @Test
  void logs() throws Exception {
    check(
        "logs",
        lines(
            log(LoggedOutput.Source.STDOUT, "größer\n".getBytes(StandardCharsets.UTF_8)),
            log(LoggedOutput.Source.STDERR, new byte[] {'e', '\t', '"', 27}),
            log(LoggedOutput.Source.STDOUT, new byte[] {(byte) 0xff, 'x', '\n'})));
  }

  @Test
  void imageLs() throws Exception {
    check("image-ls", SandboxJson.array(List.of(image(true), image(false))));
  }

  @Test
  void imagePrune() throws Exception {
    List<String> removed = List.of("alpine:latest", "r.test/app:1");
    check("image-prune", lines(ImageJson.of(new Images.Pruned(removed, 4096))));
  }

  @Test
  void statusFd() throws Exception {
    Optional<ExitDetails> details =
        Optional.of(
            new ExitDetails(
                5, 0, false, Duration.ofMillis(3), Duration.ofMillis(14), 1620, Duration.ZERO, 0));
    ExitStatus killed = new ExitStatus.Signaled(15, false);
    check(
        "status-fd",
        lines(
            StatusJson.started("box/2", 88),
            StatusJson.ended(new ExitStatus.Exited(3), details),
            StatusJson.ended(killed, details),
            StatusJson.ended(new ExitStatus.TimedOut(killed), details),
            StatusJson.ended(new ExitStatus.Lost("the VM is gone"), Optional.empty()),
            StatusJson.detached("box/2"),
            StatusJson.failed(127, "cannot run \"nope\"")));
  }

  @Test
  @Order(Integer.MAX_VALUE) // when ./build golden has written all files
  void everyOutputThatIsDescribedIsCompared() throws Exception {
    assertThat(Golden.names("json").stream().map(name -> name.replace(".json", "")))
        .containsExactlyInAnyOrderElementsOf(JsonPromise.all().keySet());
  }

  private static void check(String output, String json) throws IOException {
    Golden.check("json/" + output + ".json", json);
    JsonPromise.of(output).check(json);
  }

  private static String lines(JsonObject... objects) {
    return Stream.of(objects).map(object -> object + "\n").collect(Collectors.joining());
  }

  private static SandboxInfo info(
      SandboxState state, Optional<SandboxEnd> end, Optional<Duration> limit) {
    return new SandboxInfo(
        "box",
        state,
        end,
        CREATED.plusSeconds(1),
        "alpine",
        2,
        MemorySize.mebibytes(256),
        List.of("A=b"),
        "/work",
        "nobody",
        List.of("/scratch:16M"),
        limit.isPresent(),
        Map.of("team", "\"red\"", "ci", ""),
        limit.isPresent(),
        limit,
        limit.map(duration -> duration.multipliedBy(12)),
        CREATED,
        state == SandboxState.RUNNING
            ? Optional.of("linux-image-6.1.0 6.1.1-1")
            : Optional.empty());
  }

  private static ProcessInfo exec(
      long id, boolean attached, Optional<ExitStatus> status, String... argv) {
    return new ProcessInfo(id, 87 + id, attached, status, Duration.ofMillis(1500), List.of(argv));
  }

  private static JsonObject event(String kind, String... facts) {
    Map<String, String> map = new LinkedHashMap<>();
    for (int i = 0; i < facts.length; i += 2) {
      map.put(facts[i], facts[i + 1]);
    }
    return SandboxJson.of(new SandboxEvent(CREATED, "box", kind, map));
  }

  private static JsonObject log(LoggedOutput.Source source, byte[] bytes) {
    return new LogLine(CREATED, 3, source, bytes).json();
  }

  private static JsonObject image(boolean complete) {
    ImageInfo.Config config =
        new ImageInfo.Config(
            List.of("/entry"),
            List.of("serve", "--all"),
            List.of("PATH=/bin"),
            "/srv",
            "nobody",
            "SIGQUIT",
            Set.of("80/tcp", "443/tcp"),
            Set.of("/data"),
            Map.of("b", "2", "a", "1"));
    return ImageJson.of(
        new ImageInfo(
            "alpine:latest",
            DIGEST,
            DIGEST,
            DIGEST,
            complete ? Optional.of("linux/amd64") : Optional.empty(),
            14,
            CREATED,
            complete ? Optional.of(CREATED) : Optional.empty(),
            config,
            List.of(DIGEST, DIGEST),
            Path.of("/home/user/.msb/images/roots/0.squashfs")));
  }
}
