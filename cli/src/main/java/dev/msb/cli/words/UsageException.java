package dev.msb.cli.words;

/// The words on the command line are off. The message says which and what to write instead.
public final class UsageException extends Exception {
  private static final long serialVersionUID = 1L;

  public UsageException(String message) {
    super(message);
  }
}
