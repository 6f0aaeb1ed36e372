package dev.msb.sdk;

/// The guest, or what runs for it here, did not do in time what was asked of it. The message tells
/// what that was, and as far as that is known why: the guest is stuck, or its VM is paused. The
/// sandbox itself goes on.
public final class NoAnswerException extends SandboxException {
  private static final long serialVersionUID = 1L;

  /// Whether it was a process, and its own timeout ran out.
  private final boolean timedOut;

  private NoAnswerException(String message, boolean timedOut) {
    super(message);
    this.timedOut = timedOut;
  }

  /// Typed as it is, so that who may throw one need not load this class.
  static SandboxException of(String message) {
    return of(message, false);
  }

  static SandboxException of(String message, boolean timedOut) {
    return new NoAnswerException(message, timedOut);
  }

  /// 124 for a process whose own timeout ran out before the guest had started it, else 125.
  @Override
  public int exitValue() {
    return timedOut ? 124 : 125;
  }
}
