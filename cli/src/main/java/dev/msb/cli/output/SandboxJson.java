package dev.msb.cli.output;

import dev.msb.sdk.ProcessInfo;
import dev.msb.sdk.Sandbox;
import dev.msb.sdk.SandboxEnd;
import dev.msb.sdk.SandboxEvent;
import dev.msb.sdk.SandboxException;
import dev.msb.sdk.SandboxInfo;
import dev.msb.sdk.SandboxMetrics;
import dev.msb.sdk.SandboxState;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Sandboxes as JSON. The members are promised in `docs/cli.md`: they may become more.
public final class SandboxJson {
  private SandboxJson() {}

  public static JsonObject of(SandboxInfo info) {
    JsonObject json = new JsonObject().text("name", info.name());
    json.text("state", state(info));
    json.text("since", info.since().toString());
    end(json, info.end());
    json.text("image", info.image());
    json.number("cpus", info.cpus());
    json.number("memory_mib", info.memory().mebibytes());
    json.texts("labels", info.labels());
    json.flag("ephemeral", info.ephemeral());
    json.number("idle_timeout_ms", millis(info.idleTimeout()));
    json.number("max_duration_ms", millis(info.maxDuration()));
    return json.text("created", info.created().toString());
  }

  /// All that is known, for `inspect`.
  public static JsonObject inspected(Sandbox sandbox)
      throws SandboxException, InterruptedException {
    SandboxInfo info = sandbox.info();
    SandboxMetrics metrics = null;
    List<ProcessInfo> execs = List.of();
    if (info.state() == SandboxState.RUNNING) {
      try {
        metrics = sandbox.metrics();
        execs = sandbox.processes();
      } catch (SandboxException e) {
        metrics = null; // it has stopped meanwhile
      }
    }
    return inspected(info, sandbox.directory(), metrics, execs);
  }

  public static JsonObject inspected(
      SandboxInfo info, Path directory, @Nullable SandboxMetrics metrics, List<ProcessInfo> execs) {
    JsonObject json = of(info).texts("env", info.env());
    json.text("workdir", info.workingDirectory()).text("user", info.user());
    json.texts("tmpfs", info.tmpfs()).text("log", info.logOutput() ? "output" : "none");
    json.text("directory", directory.toString()).text("kernel", info.kernel().orElse(null));
    json.raw("metrics", metrics == null ? "null" : of(info.name(), metrics).toString());
    return json.raw("execs", array(execs.stream().map(e -> of(info.name(), e)).toList()).strip());
  }

  public static String state(SandboxInfo info) {
    return info.state().name().toLowerCase(Locale.ROOT);
  }

  private static void end(JsonObject json, Optional<SandboxEnd> end) {
    json.text("reason", end.map(e -> e.reason().word()).orElse(null));
    json.text("detail", end.map(SandboxEnd::detail).filter(d -> !d.isEmpty()).orElse(null));
  }

  /// How a sandbox ended, for `wait`.
  public static JsonObject of(String name, SandboxEnd end) {
    JsonObject json = new JsonObject().text("name", name);
    end(json, Optional.of(end));
    return json;
  }

  /// How long the agent took to answer, for `ping`.
  public static JsonObject of(String name, Duration answer) {
    return new JsonObject().text("name", name).number("micros", answer.toNanos() / 1000);
  }

  public static JsonObject of(String name, SandboxMetrics metrics) {
    return new JsonObject()
        .text("name", name)
        .number("uptime_ms", metrics.uptime().toMillis())
        .number("idle_ms", metrics.idle().toMillis())
        .number("cpu_ms", metrics.cpuTime().toMillis())
        .number("memory_bytes", metrics.memoryBytes())
        .number("execs_live", metrics.liveExecs())
        .number("execs_total", metrics.execs())
        .number("stdin_bytes", metrics.stdinBytes())
        .number("output_bytes", metrics.outputBytes())
        .number("supervisor_pid", metrics.supervisorPid())
        .number("vm_pid", metrics.vmPid());
  }

  public static JsonObject of(String sandbox, ProcessInfo process) {
    return new JsonObject()
        .text("id", sandbox + "/" + process.id())
        .text("sandbox", sandbox)
        .number("pid", process.pid())
        .text("state", ExecTable.state(process))
        .number("age_ms", process.age().toMillis())
        .texts("argv", process.argv());
  }

  public static JsonObject of(SandboxEvent event) {
    JsonObject json = new JsonObject().text("time", event.time().toString());
    json.text("sandbox", event.sandbox()).text("event", event.kind());
    event
        .facts()
        .forEach((name, value) -> {
          switch (name) {
            case "exec" -> json.text(name, event.sandbox() + "/" + value);
            case "pid", "code", "signal" -> json.raw(name, value);
            default -> json.text(name, value);
          }
        });
    return json;
  }

  /// One array, an element a line.
  public static String array(List<JsonObject> objects) {
    return "[" + String.join(",\n ", objects.stream().map(JsonObject::toString).toList()) + "]\n";
  }

  private static @Nullable Long millis(Optional<Duration> duration) {
    return duration.map(Duration::toMillis).orElse(null);
  }
}
