package dev.msb.cli.process;

import dev.msb.cli.output.JsonObject;
import dev.msb.sdk.ExitDetails;
import dev.msb.sdk.ExitStatus;
import java.util.Optional;

/// The lines of `--status-fd`. The members are promised in `docs/cli.md`: they may become more.
public final class StatusJson {
  private StatusJson() {}

  public static JsonObject started(String exec, long pid) {
    return event("started").text("exec", exec).number("pid", pid);
  }

  public static JsonObject ended(ExitStatus status, Optional<ExitDetails> details) {
    JsonObject json = event("exit");
    switch (status) {
      case ExitStatus.TimedOut(ExitStatus how) -> {
        how(json, how);
        json.text("reason", "timeout");
        if (how instanceof ExitStatus.Lost(String message)) {
          json.text("message", message);
        }
      }
      case ExitStatus.Lost(String reason) -> json.text("reason", "lost").text("message", reason);
      default -> how(json, status);
    }
    json.number("status", status.exitValue());
    details.ifPresent(known -> details(json, known));
    return json;
  }

  public static JsonObject detached(String exec) {
    return event("detached").text("exec", exec);
  }

  public static JsonObject failed(int status, String message) {
    return event("failed").number("status", status).text("message", message);
  }

  private static JsonObject event(String event) {
    return new JsonObject().text("event", event);
  }

  private static void how(JsonObject json, ExitStatus status) {
    switch (status) {
      case ExitStatus.Exited(int code) -> json.number("code", code);
      case ExitStatus.Signaled(int signal, boolean coreDumped) ->
          json.number("signal", signal).flag("core", coreDumped);
      case ExitStatus.TimedOut timedOut -> throw new IllegalStateException("timed out twice");
      case ExitStatus.Lost lost -> {}
    }
  }

  private static void details(JsonObject json, ExitDetails details) {
    json.number("stdout_bytes", details.stdoutTotal());
    json.number("stderr_bytes", details.stderrTotal());
    json.flag("output_held", details.outputHeld());
    json.number("user_us", details.userTime().toNanos() / 1000);
    json.number("system_us", details.systemTime().toNanos() / 1000);
    json.number("max_rss_kib", details.maxResidentKib());
    json.number("wall_us", details.wallTime().toNanos() / 1000);
  }
}
