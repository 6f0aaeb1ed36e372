package dev.msb.cli;

import dev.msb.posix.Posix;
import dev.msb.sdk.ExitDetails;
import dev.msb.sdk.ExitStatus;
import dev.msb.sdk.SandboxProcess;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// What `--status-fd` tells, one JSON object a line: `started`, then `exit` or `failed`. The fields
/// are in `docs/cli.md`. Who cannot be told is not waited for.
final class StatusReport {
  private static final int NONE = -1;

  private final int fd;

  private StatusReport(int fd) {
    this.fd = fd;
  }

  static StatusReport of(@Nullable String option) throws UsageException {
    if (option == null) {
      return new StatusReport(NONE);
    }
    int fd = Values.integer("status-fd", option, 3, 1023);
    if (Posix.fileType(fd) < 0) {
      throw new UsageException("--status-fd " + fd + ": that descriptor is not open");
    }
    return new StatusReport(fd);
  }

  void started(String sandbox, SandboxProcess process) {
    if (fd != NONE) {
      line(
          "{\"event\":\"started\",\"exec\":\""
              + sandbox
              + "/"
              + process.id()
              + "\",\"pid\":"
              + process.pid()
              + "}");
    }
  }

  void ended(ExitStatus status, SandboxProcess process) {
    if (fd == NONE) {
      return;
    }
    StringBuilder json = new StringBuilder("{\"event\":\"exit\"");
    switch (status) {
      case ExitStatus.TimedOut(ExitStatus how) -> {
        how(json, how);
        json.append(",\"reason\":\"timeout\"");
      }
      case ExitStatus.Lost(String reason) ->
          json.append(",\"reason\":\"lost\",\"message\":").append(Json.string(reason));
      default -> how(json, status);
    }
    json.append(",\"status\":").append(status.exitValue());
    process.exitDetails().ifPresent(details -> details(json, details));
    line(json.append('}').toString());
  }

  /// It goes on, and whoever drove it has left.
  void detached(String exec) {
    if (fd != NONE) {
      line("{\"event\":\"detached\",\"exec\":\"" + exec + "\"}");
    }
  }

  void failed(int status, String message) {
    if (fd != NONE) {
      line(
          "{\"event\":\"failed\",\"status\":"
              + status
              + ",\"message\":"
              + Json.string(message)
              + "}");
    }
  }

  private static void how(StringBuilder json, ExitStatus status) {
    switch (status) {
      case ExitStatus.Exited(int code) -> json.append(",\"code\":").append(code);
      case ExitStatus.Signaled(int signal, boolean coreDumped) ->
          json.append(",\"signal\":").append(signal).append(",\"core\":").append(coreDumped);
      case ExitStatus.TimedOut timedOut -> throw new IllegalStateException("timed out twice");
      case ExitStatus.Lost lost -> json.append(",\"reason\":\"lost\"");
    }
  }

  private static void details(StringBuilder json, ExitDetails details) {
    json.append(",\"stdout_bytes\":").append(details.stdoutTotal());
    json.append(",\"stderr_bytes\":").append(details.stderrTotal());
    json.append(",\"output_held\":").append(details.outputHeld());
    json.append(",\"user_us\":").append(details.userTime().toNanos() / 1000);
    json.append(",\"system_us\":").append(details.systemTime().toNanos() / 1000);
    json.append(",\"max_rss_kib\":").append(details.maxResidentKib());
    json.append(",\"wall_us\":").append(details.wallTime().toNanos() / 1000);
  }

  private void line(String json) {
    byte[] bytes = (json + "\n").getBytes(StandardCharsets.UTF_8);
    ByteBuffer direct = ByteBuffer.allocateDirect(bytes.length).put(bytes);
    Posix.write(fd, direct, 0, bytes.length);
  }
}
