package dev.msb.sdk;

import java.util.Locale;

/// When a registry is asked for the image of a new sandbox.
public enum PullPolicy {
  /// Each time; what is here already is not fetched again.
  ALWAYS,
  /// If the image is not here.
  IF_MISSING,
  /// Not at all: the image must be here.
  NEVER;

  /// Reads `always`, `if-missing` or `never`.
  ///
  /// @throws IllegalArgumentException if it is none of them
  public static PullPolicy parse(String text) {
    for (PullPolicy policy : values()) {
      if (policy.toString().equals(text)) {
        return policy;
      }
    }
    throw new IllegalArgumentException("\"" + text + "\" is not always, if-missing or never");
  }

  /// The word that [#parse] reads.
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
