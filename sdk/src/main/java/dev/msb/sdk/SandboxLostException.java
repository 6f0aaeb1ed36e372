package dev.msb.sdk;

/// The sandbox, or the connection to it, went away in the middle.
public final class SandboxLostException extends SandboxException {
  private static final long serialVersionUID = 1L;

  SandboxLostException(String reason) {
    super(reason);
  }
}
