package dev.msb.cli;

/// What msb ends with, besides the status of the command it ran.
final class ExitCodes {
  static final int OK = 0;

  /// The words on the command line are off.
  static final int USAGE = 2;

  /// msb itself failed: no such sandbox, boot failed, agent lost, output truncated, ...
  static final int FAILED = 125;

  /// Nobody reads what we write.
  static final int BROKEN_PIPE = 141;

  private ExitCodes() {}
}
