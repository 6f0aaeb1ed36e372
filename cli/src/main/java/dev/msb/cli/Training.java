package dev.msb.cli;

import java.util.List;

/// A run that loads what `msb` loads, for the build to make the cache of classes from. It starts
/// nothing and changes nothing.
final class Training {
  private Training() {}

  static int run() {
    for (String name : Commands.names()) {
      Msb.run(List.of(name, "--help"));
    }
    return ExitCodes.OK;
  }
}
