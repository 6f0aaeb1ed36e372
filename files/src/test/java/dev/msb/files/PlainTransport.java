package dev.msb.files;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// A transport of a test, whose failures have types of their own.
abstract class PlainTransport implements FileTransport {
  private final String end;
  private final String silence;

  /// @param end why it ended, when it has
  /// @param silence why it does not answer, when it does not
  PlainTransport(String end, String silence) {
    this.end = end;
    this.silence = silence;
  }

  @Override
  public IOException ended(IOException cause) {
    return new Lost(end);
  }

  @Override
  public IOException silent(String problem) {
    return new NoAnswer(problem + ": " + silence);
  }

  @Override
  public IOException failed(String message, @Nullable Throwable cause) {
    return new Failed(message, cause);
  }

  @Override
  public IOException again(IOException failure) {
    String message = String.valueOf(failure.getMessage());
    return switch (failure) {
      case Lost _ -> new Lost(message);
      case NoAnswer _ -> new NoAnswer(message);
      default -> new Failed(message, failure);
    };
  }

  /// Of [#ended].
  static final class Lost extends IOException {
    private static final long serialVersionUID = 1L;

    Lost(String message) {
      super(message);
    }
  }

  /// Of [#silent].
  static final class NoAnswer extends IOException {
    private static final long serialVersionUID = 1L;

    NoAnswer(String message) {
      super(message);
    }
  }

  /// Of [#failed].
  static final class Failed extends IOException {
    private static final long serialVersionUID = 1L;

    Failed(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }
}
