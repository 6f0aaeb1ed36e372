package dev.msb.cli.commands;

import dev.msb.cli.words.UsageException;
import dev.msb.sdk.Signal;
import java.util.Locale;

/// Signals on the command line: `TERM`, `SIGTERM` or `15`.
final class Signals {
  private Signals() {}

  static Signal parse(String text) throws UsageException {
    String name = text.toUpperCase(Locale.ROOT);
    if (name.startsWith("SIG")) {
      name = name.substring(3);
    }
    for (Signal signal : Signal.values()) {
      if (signal.name().equals(name) || Integer.toString(signal.number()).equals(name)) {
        return signal;
      }
    }
    throw new UsageException("\"" + text + "\" is no signal that msb knows");
  }
}
