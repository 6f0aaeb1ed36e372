package dev.msb.cli.output;

/// What msb ends with, besides the status of the command it ran.
public final class ExitCodes {
  public static final int OK = 0;

  /// The words on the command line are off.
  public static final int USAGE = 2;

  /// msb itself failed: no such sandbox, boot failed, agent lost, output truncated, ...
  public static final int FAILED = 125;

  /// Nobody reads what we write.
  static final int BROKEN_PIPE = 141;

  private ExitCodes() {}
}
