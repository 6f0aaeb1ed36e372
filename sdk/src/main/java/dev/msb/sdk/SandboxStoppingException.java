package dev.msb.sdk;

/// The sandbox is on its way down. Whoever wants it up waits and starts it again.
final class SandboxStoppingException extends SandboxException {
  private static final long serialVersionUID = 1L;

  SandboxStoppingException(String message) {
    super(message);
  }
}
