package dev.msb.sdk;

/// A sandbox did not come up.
public final class BootException extends SandboxException {
  private static final long serialVersionUID = 1L;

  BootException(String message) {
    super(message);
  }
}
