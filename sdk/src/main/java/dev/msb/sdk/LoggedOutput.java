package dev.msb.sdk;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/// A piece of what a process wrote. Where one ends and the next begins means nothing: a line, or a
/// character of several bytes, may be cut anywhere.
///
/// @param time when it reached the host
/// @param exec the id of the process
/// @param source where it was written; all of a terminal is stdout
/// @param offset of its first byte in that stream: if it is not where the piece before ended, what
///   is between was dropped from the log
/// @param bytes the reader's own; none at the end of the stream
public record LoggedOutput(Instant time, long exec, Source source, long offset, ByteBuffer bytes) {

  /// Where a process writes.
  public enum Source {
    /// Its standard output.
    STDOUT,
    /// Its standard error.
    STDERR
  }

  /// The bytes as UTF-8; what is none is replaced.
  public String text() {
    return StandardCharsets.UTF_8.decode(bytes.duplicate()).toString();
  }
}
