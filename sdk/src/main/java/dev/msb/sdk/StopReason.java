package dev.msb.sdk;

import java.util.Locale;

/// Why a sandbox stopped.
public enum StopReason {
  /// Somebody asked for it.
  REQUESTED,
  /// Somebody asked for it to end at once.
  KILLED,
  /// It was started for processes, and the last of them has ended.
  UNUSED,
  /// Nobody used it for its idle timeout.
  IDLE,
  /// It was up for its maximum duration.
  MAX_DURATION,
  /// The program that it was attached to has ended.
  CREATOR_ENDED,
  /// Something broke: the detail tells what.
  FAILED,
  /// Its supervisor was killed.
  CRASHED;

  /// As it is written: in lower case, with dashes.
  public String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  static StopReason ofWord(String word) {
    for (StopReason reason : values()) {
      if (reason.word().equals(word)) {
        return reason;
      }
    }
    return FAILED;
  }
}
