package dev.msb.home;

import dev.msb.protocol.OneLine;
import java.time.Instant;

/// The supervisor's log: lines with the time on its standard error, which is the file
/// `supervisor.log` of its sandbox.
public final class Log {
  private Log() {}

  public static void failure(Throwable failure) {
    line("failed");
    failure.printStackTrace();
  }

  public static void line(String text) {
    System.err.println(Instant.now() + " " + OneLine.of(text, OneLine.LONGEST_MESSAGE));
  }
}
