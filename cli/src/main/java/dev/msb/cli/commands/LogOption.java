package dev.msb.cli.commands;

import dev.msb.cli.words.Arguments;
import dev.msb.cli.words.Option;
import dev.msb.cli.words.UsageException;

/// `--log`: whether what execs write is kept.
final class LogOption {
  static final Option OPTION =
      Option.value("log", '\0', "none|output", "keep what commands write for msb logs (none)");

  private LogOption() {}

  static boolean output(Arguments arguments) throws UsageException {
    String log = arguments.value("log");
    if (log != null && !log.equals("none") && !log.equals("output")) {
      throw new UsageException("--log \"" + log + "\" is neither none nor output");
    }
    return "output".equals(log);
  }
}
