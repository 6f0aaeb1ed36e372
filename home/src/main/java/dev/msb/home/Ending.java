package dev.msb.home;

import dev.msb.protocol.OneLine;

/// Why a sandbox's VM ended.
///
/// @param cause the kind of reason
/// @param text one line for people
public record Ending(Cause cause, String text) {
  /// What led to it. The word stands in the sandbox's `state`.
  public enum Cause {
    /// Somebody asked for it.
    REQUESTED("requested", "the sandbox was stopped"),
    /// Somebody asked for it, and not to wait for the guest.
    KILLED("killed", "the sandbox was killed"),
    /// It was up for its execs, and the last one has gone; or whoever started it has.
    UNUSED("unused", "the sandbox stopped with its last process"),
    /// Nobody used it for its idle timeout.
    IDLE("idle", "the sandbox was idle for as long as its idle timeout"),
    /// It was up for its longest time.
    MAX_DURATION("max-duration", "the sandbox has reached its maximum duration"),
    /// What it was attached to has ended.
    CREATOR_ENDED("creator-ended", "the program that the sandbox is attached to has ended"),
    /// Something broke.
    FAILED("failed", "");

    final String word;
    final String text;

    Cause(String word, String text) {
      this.word = word;
      this.text = text;
    }

    /// As it stands in the sandbox's `state`.
    public String word() {
      return word;
    }
  }

  /// An ending for this reason.
  public static Ending of(Cause cause) {
    return new Ending(cause, cause.text);
  }

  /// An ending because something broke; the guest may have had a word in it.
  public static Ending failed(String why) {
    return new Ending(Cause.FAILED, OneLine.of(why));
  }

  /// As `state` tells: the word, and the text if it says more.
  public String state() {
    return cause == Cause.FAILED ? "stopped failed " + text : "stopped " + cause.word;
  }
}
