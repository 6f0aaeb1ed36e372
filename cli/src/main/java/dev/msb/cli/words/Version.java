package dev.msb.cli.words;

/// This edition of the program.
final class Version {
  /// The day it was made, for the manual pages.
  static final String DATE = "2026-11-23";

  private Version() {}
}
