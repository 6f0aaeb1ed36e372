package dev.msb.sdk;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/// Something that happened to a process: first [Started], then any number of [Stdout] and [Stderr]
/// in the order in which they came, then one of [Exited] and [Lost].
public sealed interface ExecEvent {

  /// It runs.
  ///
  /// @param id its number in the sandbox, see [Sandbox#attach]
  /// @param pid its number in the guest
  record Started(long id, long pid) implements ExecEvent {}

  /// It wrote something. Where one piece ends and the next begins means nothing: a line, or a
  /// character of several bytes, may be cut anywhere.
  sealed interface Output extends ExecEvent {
    /// At least one byte. The buffer is the consumer's own.
    ByteBuffer bytes();

    /// The bytes as UTF-8; what is none is replaced.
    default String text() {
      return StandardCharsets.UTF_8.decode(bytes().duplicate()).toString();
    }
  }

  /// It wrote this to stdout.
  ///
  /// @param bytes at least one; the consumer's own
  record Stdout(ByteBuffer bytes) implements Output {}

  /// It wrote this to stderr.
  ///
  /// @param bytes at least one; the consumer's own
  record Stderr(ByteBuffer bytes) implements Output {}

  /// It ended, and all of its output was told.
  ///
  /// @param status how
  /// @param details totals, and resources used
  record Exited(ExitStatus status, ExitDetails details) implements ExecEvent {}

  /// The sandbox, or the connection to it, went away: output may be missing, and nobody knows how
  /// it ended.
  ///
  /// @param reason one line
  record Lost(String reason) implements ExecEvent {}
}
