package dev.msb.image;

import java.time.Duration;
import java.util.Optional;

/// A registry did not give what was asked for. The message is one line: what, where, what to do; it
/// holds no credentials.
public final class RegistryException extends ImageException {
  private static final long serialVersionUID = 1L;

  /// What went wrong, for callers that act on it.
  public enum Kind {
    /// No connection: no such host, refused, broken, stalled.
    UNREACHABLE,
    /// The registry's certificate is not trusted.
    UNTRUSTED,
    /// It wants credentials, or others.
    UNAUTHORIZED,
    /// Whoever asks may not have this.
    DENIED,
    /// It has no such image or blob.
    NOT_FOUND,
    /// It was asked too often.
    RATE_LIMITED,
    /// It fails itself.
    UNAVAILABLE,
    /// It sent what it must not: other bytes than were named, no manifest, endless redirects.
    INVALID
  }

  private final Kind kind;
  private final boolean transientFailure;
  private final transient Optional<Duration> retryAfter;

  private RegistryException(
      Kind kind, String message, boolean transientFailure, Optional<Duration> retryAfter) {
    super(message);
    this.kind = kind;
    this.transientFailure = transientFailure;
    this.retryAfter = retryAfter;
  }

  /// A failure that another try would not mend.
  static RegistryException lasting(Kind kind, String message) {
    return new RegistryException(kind, message, false, Optional.empty());
  }

  /// A failure that may be over soon.
  ///
  /// @param retryAfter when the registry wants to be asked again
  static RegistryException passing(Kind kind, String message, Optional<Duration> retryAfter) {
    return new RegistryException(kind, message, true, retryAfter);
  }

  /// What went wrong.
  public Kind kind() {
    return kind;
  }

  boolean isTransient() {
    return transientFailure;
  }

  Optional<Duration> retryAfter() {
    return retryAfter;
  }
}
