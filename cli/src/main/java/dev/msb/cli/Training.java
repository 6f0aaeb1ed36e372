package dev.msb.cli;

import java.util.List;

/// A run that does what `msb` does most, for the build to make the command line's cache of classes
/// from. All of a cache is loaded at each start, so it holds what is wanted at once and no more.
///
/// It works in the home that the build gives it, and ends as a JVM ends by itself, which is when
/// the cache is written.
final class Training {
  /// The word for it: makes a sandbox, drives a process in it, stops it.
  static final String COMMAND = "__train";

  private static final String BOX = "rehearsal";

  private Training() {}

  static void run() {
    msb("--version");
    msb("create", "--name", BOX);
    msb("exec", "--stream", BOX, "--", "sh", "-c", "cat; echo hello; echo hello >&2");
    msb("stop", BOX);
  }

  private static void msb(String... words) {
    int status = Msb.run(List.of(words));
    if (status != 0) {
      throw new IllegalStateException("msb " + String.join(" ", words) + ": status " + status);
    }
  }
}
