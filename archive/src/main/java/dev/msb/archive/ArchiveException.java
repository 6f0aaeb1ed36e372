package dev.msb.archive;

import dev.msb.protocol.OneLine;
import java.io.IOException;

/// A stream is no archive that can be read here, or it is damaged. The message is one line.
public final class ArchiveException extends IOException {
  private static final long serialVersionUID = 1L;

  /// A failure that is its own reason. Characters of the message that are not printable are
  /// escaped: it may have names of the archive.
  public ArchiveException(String message) {
    super(OneLine.of(message, OneLine.LONGEST_MESSAGE));
  }

  /// A failure with a reason.
  public ArchiveException(String message, Throwable cause) {
    super(OneLine.of(message, OneLine.LONGEST_MESSAGE), cause);
  }
}
