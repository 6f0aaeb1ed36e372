package dev.msb.cli.words;

import java.util.ArrayList;
import java.util.List;

/// The near word for a mistyped one.
public final class Suggestion {
  private static final int FARTHEST = 2;

  private Suggestion() {}

  public static String of(String word, List<Option> options) {
    List<String> names = new ArrayList<>();
    for (Option option : options) {
      names.add(option.name());
    }
    String near = nearest(word, names);
    return near.isEmpty() ? "" : "; did you mean --" + near + "?";
  }

  /// The candidate that is at most two edits away, else the empty string.
  public static String nearest(String word, List<String> candidates) {
    String nearest = "";
    int least = FARTHEST + 1;
    for (String candidate : candidates) {
      int distance = distance(word, candidate);
      if (distance < least) {
        least = distance;
        nearest = candidate;
      }
    }
    return nearest;
  }

  /// Levenshtein's distance.
  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int substituted = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(substituted, Math.min(row[j], row[j - 1]) + 1);
      }
    }
    return row[b.length()];
  }
}
