package dev.msb.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// What was measured of one thing, in one unit.
final class Series {
  private final List<Double> values = new ArrayList<>();

  void add(double value) {
    values.add(value);
  }

  double median() {
    return quantile(0.5);
  }

  /// The value below which this share of all is, interpolated.
  double quantile(double share) {
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).toArray();
    Arrays.sort(sorted);
    double at = share * (sorted.length - 1);
    int below = (int) at;
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
  }

  /// Median and quartiles.
  String show(String unit) {
    return number(median())
        + " "
        + unit
        + " ("
        + number(quantile(0.25))
        + " to "
        + number(quantile(0.75))
        + ")";
  }

  static String number(double value) {
    return value >= 100
        ? Long.toString(Math.round(value))
        : value >= 10 ? String.format("%.1f", value) : String.format("%.2f", value);
  }
}
