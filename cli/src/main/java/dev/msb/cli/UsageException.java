package dev.msb.cli;

/// The words on the command line are off. The message says which and what to write instead.
final class UsageException extends Exception {
  private static final long serialVersionUID = 1L;

  UsageException(String message) {
    super(message);
  }
}
