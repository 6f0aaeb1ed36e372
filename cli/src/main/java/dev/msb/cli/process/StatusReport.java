package dev.msb.cli.process;

import dev.msb.cli.output.JsonObject;
import dev.msb.cli.words.UsageException;
import dev.msb.cli.words.Values;
import dev.msb.posix.Posix;
import dev.msb.sdk.ExitStatus;
import dev.msb.sdk.SandboxProcess;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// What `--status-fd` tells, one JSON object a line: `started`, then `exit` or `failed`. The fields
/// are in `docs/cli.md`. Who cannot be told is not waited for.
public final class StatusReport {
  private static final int NONE = -1;

  private final int fd;

  private StatusReport(int fd) {
    this.fd = fd;
  }

  public static StatusReport of(@Nullable String option) throws UsageException {
    if (option == null) {
      return new StatusReport(NONE);
    }
    int fd = Values.integer("status-fd", option, 3, 1023);
    if (Posix.fileType(fd) < 0) {
      throw new UsageException("--status-fd " + fd + ": that descriptor is not open");
    }
    return new StatusReport(fd);
  }

  public void started(String sandbox, SandboxProcess process) {
    if (fd != NONE) {
      line(StatusJson.started(sandbox + "/" + process.id(), process.pid()));
    }
  }

  public void ended(ExitStatus status, SandboxProcess process) {
    if (fd != NONE) {
      line(StatusJson.ended(status, process.exitDetails()));
    }
  }

  /// It goes on, and whoever drove it has left.
  public void detached(String exec) {
    if (fd != NONE) {
      line(StatusJson.detached(exec));
    }
  }

  void failed(int status, String message) {
    if (fd != NONE) {
      line(StatusJson.failed(status, message));
    }
  }

  private void line(JsonObject json) {
    byte[] bytes = (json + "\n").getBytes(StandardCharsets.UTF_8);
    ByteBuffer direct = ByteBuffer.allocateDirect(bytes.length).put(bytes);
    Posix.write(fd, direct, 0, bytes.length);
  }
}
