package dev.msb.protocol;

import java.io.IOException;

/// The peer broke a rule of the protocol. The message says which, in one line.
public final class ProtocolException extends IOException {
  private static final long serialVersionUID = 1L;

  /// An exception whose message names the broken rule and the value that broke it.
  public ProtocolException(String message) {
    super(message);
  }
}
