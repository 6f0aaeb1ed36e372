package dev.msb.cli.words;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// The values of options: durations, sizes, environment, limits.
public final class Values {
  private static final long LONGEST_MILLIS = 1000L * 60 * 60 * 24 * 365;
  private static final int MOST_DIGITS = 12; // times the largest unit still fits

  private Values() {}

  /// `500ms`, `2s`, `1.5m`, `1h`, or seconds without a unit.
  public static Duration duration(String option, String text) throws UsageException {
    String number = text;
    long unitMillis = 1000;
    for (Map.Entry<String, Long> unit :
        List.of(
            Map.entry("ms", 1L),
            Map.entry("s", 1000L),
            Map.entry("m", 60_000L),
            Map.entry("h", 3_600_000L))) {
      if (text.endsWith(unit.getKey())) {
        number = text.substring(0, text.length() - unit.getKey().length());
        unitMillis = unit.getValue();
        break;
      }
    }
    long millis = times(number, unitMillis, false);
    if (millis < 0 || millis > LONGEST_MILLIS) {
      throw new UsageException(
          "--" + option + " \"" + text + "\" is no duration: write 500ms, 2s, 1.5m or 1h");
    }
    return Duration.ofMillis(millis);
  }

  /// `512M`, `1.5G`, or MiB without a unit; the result is in MiB.
  public static int mebibytes(String option, String text) throws UsageException {
    String number = text;
    int factor = 1;
    if (text.endsWith("G") || text.endsWith("g")) {
      number = text.substring(0, text.length() - 1);
      factor = 1024;
    } else if (text.endsWith("M") || text.endsWith("m")) {
      number = text.substring(0, text.length() - 1);
    }
    long size = times(number, factor, true);
    if (size < 0 || size > 1024 * 1024) {
      throw new UsageException("--" + option + " \"" + text + "\" is no size: write 512M or 2G");
    }
    return (int) size;
  }

  /// A number of a range.
  public static int integer(String option, String text, int least, int most) throws UsageException {
    try {
      int value = Integer.parseInt(text);
      if (value >= least && value <= most) {
        return value;
      }
    } catch (NumberFormatException e) {
      // said below
    }
    throw new UsageException(
        "--" + option + " \"" + text + "\" is no number from " + least + " to " + most);
  }

  /// `NAME=value`, or `NAME` for the host's value.
  public static List<String> environment(List<String> texts) throws UsageException {
    List<String> environment = new ArrayList<>();
    for (String text : texts) {
      int equals = text.indexOf('=');
      if (equals == 0 || text.isEmpty()) {
        throw new UsageException("--env \"" + text + "\" has no name: write NAME=value or NAME");
      }
      if (equals > 0) {
        environment.add(text);
        continue;
      }
      String value = System.getenv(text);
      if (value == null) {
        throw new UsageException("--env " + text + ": there is no such variable here to copy");
      }
      environment.add(text + "=" + value);
    }
    return environment;
  }

  /// A decimal number times a factor, rounded up. Not by BigDecimal, whose constants alone take a
  /// start 20 ms.
  ///
  /// @param exact whether the product must be whole
  /// @return -1 for what is no such number, or has too many digits
  private static long times(String text, long factor, boolean exact) {
    long whole = 0;
    long part = 0;
    long parts = 1; // a power of ten, once the point was seen
    int point = text.indexOf('.');
    int digitsBefore = point < 0 ? text.length() : point;
    if (digitsBefore == 0 || digitsBefore > MOST_DIGITS) {
      return -1;
    }
    if (text.length() - digitsBefore - 1 > MOST_DIGITS) {
      return -1;
    }
    for (int i = 0; i < text.length(); i++) {
      int digit = text.charAt(i) - '0';
      if (i == point) {
        continue;
      }
      if (digit < 0 || digit > 9) {
        return -1;
      }
      if (i < digitsBefore) {
        whole = whole * 10 + digit;
      } else {
        part = part * 10 + digit;
        parts *= 10;
      }
    }
    long scaled = part * factor;
    if (exact && scaled % parts != 0) {
      return -1;
    }
    return whole * factor + (scaled + parts - 1) / parts;
  }
}
