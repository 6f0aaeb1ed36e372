package dev.msb.cli;

/// This program's version.
final class Version {
  static final String TEXT = "0.1.0";

  /// The day it was made, for the manual pages.
  static final String DATE = "2026-11-23";

  private Version() {}
}
