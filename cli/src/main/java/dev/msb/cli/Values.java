package dev.msb.cli;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// The values of options: durations, sizes, environment, limits.
final class Values {
  private static final BigDecimal LONGEST_MILLIS = BigDecimal.valueOf(1000L * 60 * 60 * 24 * 365);

  private Values() {}

  /// `500ms`, `2s`, `1.5m`, `1h`, or seconds without a unit.
  static Duration duration(String option, String text) throws UsageException {
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
    BigDecimal millis = decimal(number).multiply(BigDecimal.valueOf(unitMillis));
    if (millis.signum() < 0 || millis.compareTo(LONGEST_MILLIS) > 0) {
      throw new UsageException(
          "--" + option + " \"" + text + "\" is no duration: write 500ms, 2s, 1.5m or 1h");
    }
    return Duration.ofMillis(millis.setScale(0, RoundingMode.CEILING).longValueExact());
  }

  /// `512M`, `1.5G`, or MiB without a unit; the result is in MiB.
  static int mebibytes(String option, String text) throws UsageException {
    String number = text;
    int factor = 1;
    if (text.endsWith("G") || text.endsWith("g")) {
      number = text.substring(0, text.length() - 1);
      factor = 1024;
    } else if (text.endsWith("M") || text.endsWith("m")) {
      number = text.substring(0, text.length() - 1);
    }
    BigDecimal size = decimal(number).multiply(BigDecimal.valueOf(factor));
    if (size.signum() < 0
        || size.compareTo(BigDecimal.valueOf(1024 * 1024)) > 0
        || size.stripTrailingZeros().scale() > 0) {
      throw new UsageException("--" + option + " \"" + text + "\" is no size: write 512M or 2G");
    }
    return size.intValueExact();
  }

  /// A number of a range.
  static int integer(String option, String text, int least, int most) throws UsageException {
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
  static List<String> environment(List<String> texts) throws UsageException {
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

  /// -1 for what is no decimal number.
  private static BigDecimal decimal(String text) {
    if (text.isEmpty() || text.length() > 20) {
      return BigDecimal.ONE.negate();
    }
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if ((c < '0' || c > '9') && (c != '.' || i == 0 || text.indexOf('.') != i)) {
        return BigDecimal.ONE.negate();
      }
    }
    return new BigDecimal(text);
  }
}
