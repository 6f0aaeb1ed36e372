package dev.msb.sdk;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// How a process ended and what it wrote. Made by [Sandbox#exec] and [SandboxProcessBuilder#exec].
/// Cannot be changed.
public final class ExecResult {
  private final String command;
  private final ExitStatus status;
  private final ExitDetails details;
  private final byte[] stdout;
  private final byte[] stderr;

  private ExecResult(
      String command, ExitStatus status, ExitDetails details, byte[] stdout, byte[] stderr) {
    this.command = command;
    this.status = status;
    this.details = details;
    this.stdout = stdout;
    this.stderr = stderr;
  }

  static ExecResult collect(String command, ExecEvents events, int limit)
      throws SandboxException, InterruptedException {
    ByteArrayOutputStream stdout = new ByteArrayOutputStream();
    ByteArrayOutputStream stderr = new ByteArrayOutputStream();
    try {
      while (true) {
        Optional<ExecEvent> event = events.next();
        switch (event.orElse(new ExecEvent.Lost("closed"))) {
          case ExecEvent.Started started -> {}
          case ExecEvent.Stdout(ByteBuffer bytes) -> append(stdout, bytes, limit);
          case ExecEvent.Stderr(ByteBuffer bytes) -> append(stderr, bytes, limit);
          case ExecEvent.Exited(ExitStatus status, ExitDetails details) -> {
            return new ExecResult(
                command, status, details, stdout.toByteArray(), stderr.toByteArray());
          }
          case ExecEvent.Lost(String reason) -> throw new SandboxLostException(reason);
        }
      }
    } catch (InterruptedException e) {
      events.abandon();
      throw e;
    }
  }

  private static void append(ByteArrayOutputStream kept, ByteBuffer bytes, int limit) {
    byte[] piece = new byte[Math.min(bytes.remaining(), limit - kept.size())];
    bytes.get(piece);
    kept.writeBytes(piece);
  }

  /// How it ended.
  public ExitStatus status() {
    return status;
  }

  /// Whether it ended by itself with code 0.
  public boolean success() {
    return status.success();
  }

  /// The code; 128 + n for death by signal n; 124 timed out.
  public int exitValue() {
    return status.exitValue();
  }

  /// What it wrote to stdout, as UTF-8; what is none is replaced. Cut if [#stdoutTruncated].
  public String stdout() {
    return new String(stdout, StandardCharsets.UTF_8);
  }

  /// What it wrote to stderr, as UTF-8; what is none is replaced. Cut if [#stderrTruncated].
  public String stderr() {
    return new String(stderr, StandardCharsets.UTF_8);
  }

  /// What it wrote to stdout, in an array of the caller's own. Cut if [#stdoutTruncated].
  public byte[] stdoutBytes() {
    return stdout.clone();
  }

  /// What it wrote to stderr, in an array of the caller's own. Cut if [#stderrTruncated].
  public byte[] stderrBytes() {
    return stderr.clone();
  }

  /// Whether it wrote more to stdout than was kept, see [SandboxProcessBuilder#outputLimit];
  /// [#details] tells how much it wrote.
  public boolean stdoutTruncated() {
    return details.stdoutTotal() > stdout.length;
  }

  /// Whether it wrote more to stderr than was kept.
  public boolean stderrTruncated() {
    return details.stderrTotal() > stderr.length;
  }

  /// Totals, and resources used.
  public ExitDetails details() {
    return details;
  }

  /// This result, if it is a good one: the process ended by itself with code 0, and all that it
  /// wrote was kept.
  ///
  /// @throws ProcessFailedException if not
  public ExecResult orThrow() throws ProcessFailedException {
    if (!success() || stdoutTruncated() || stderrTruncated()) {
      throw new ProcessFailedException(command, this);
    }
    return this;
  }

  @Override
  public String toString() {
    return "ExecResult[status="
        + status
        + ", stdout="
        + details.stdoutTotal()
        + " bytes, stderr="
        + details.stderrTotal()
        + " bytes]";
  }
}
