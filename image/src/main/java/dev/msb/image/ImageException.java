package dev.msb.image;

import dev.msb.archive.ArchiveException;
import dev.msb.protocol.OneLine;
import java.io.IOException;

/// An image cannot be had or used. The message is one line: what, where, what to do.
public class ImageException extends IOException {
  private static final long serialVersionUID = 1L;

  /// A failure that is its own reason. What is not printable in the message is escaped: it may have
  /// names of an image or a registry.
  public ImageException(String message) {
    super(OneLine.of(message, OneLine.LONGEST_MESSAGE));
  }

  /// A failure with a reason.
  public ImageException(String message, Throwable cause) {
    super(OneLine.of(message, OneLine.LONGEST_MESSAGE), cause);
  }

  /// An archive that cannot be read, in its own words.
  ImageException(ArchiveException cause) {
    super(cause.getMessage(), cause);
  }
}
