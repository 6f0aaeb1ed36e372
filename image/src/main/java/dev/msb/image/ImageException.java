package dev.msb.image;

import java.io.IOException;

/// An image cannot be had or used. The message is one line: what, where, what to do.
public class ImageException extends IOException {
  private static final long serialVersionUID = 1L;

  /// A failure that is its own reason.
  public ImageException(String message) {
    super(message);
  }

  /// A failure with a reason.
  public ImageException(String message, Throwable cause) {
    super(message, cause);
  }
}
