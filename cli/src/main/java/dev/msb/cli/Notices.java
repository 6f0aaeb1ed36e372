package dev.msb.cli;

import java.util.function.Consumer;

/// Lines for people on stderr, unless `-q`.
final class Notices {
  private Notices() {}

  static Consumer<String> of(Arguments arguments) {
    return arguments.has("quiet") ? line -> {} : Msb::error;
  }
}
