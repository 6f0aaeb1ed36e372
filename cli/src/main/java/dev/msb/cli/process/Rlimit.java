package dev.msb.cli.process;

import dev.msb.cli.words.UsageException;
import dev.msb.sdk.SandboxProcessBuilder;
import java.util.Locale;

/// A resource limit: `NAME=SOFT[:HARD]`, numbers or `unlimited`.
record Rlimit(String name, long soft, long hard) {
  static final long UNLIMITED = -1;

  static Rlimit parse(String text) throws UsageException {
    int equals = text.indexOf('=');
    String name = equals < 0 ? text : text.substring(0, equals).toLowerCase(Locale.ROOT);
    if (equals <= 0 || !SandboxProcessBuilder.LIMITS.contains(name)) {
      throw new UsageException(
          "--rlimit \""
              + text
              + "\": write NAME=SOFT[:HARD], NAME one of "
              + String.join(" ", SandboxProcessBuilder.LIMITS));
    }
    String values = text.substring(equals + 1);
    int colon = values.indexOf(':');
    long soft = number(text, colon < 0 ? values : values.substring(0, colon));
    long hard = colon < 0 ? soft : number(text, values.substring(colon + 1));
    if (hard != UNLIMITED && (soft == UNLIMITED || soft > hard)) {
      throw new UsageException("--rlimit \"" + text + "\": the soft limit is above the hard one");
    }
    return new Rlimit(name, soft, hard);
  }

  private static long number(String text, String number) throws UsageException {
    if (number.equals("unlimited")) {
      return UNLIMITED;
    }
    try {
      long value = Long.parseLong(number);
      if (value >= 0) {
        return value;
      }
    } catch (NumberFormatException e) {
      // said below
    }
    throw new UsageException(
        "--rlimit \"" + text + "\": \"" + number + "\" is neither a number nor unlimited");
  }
}
