package dev.msb.image;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/// Time that passes only when something waits for it, so that a test of an hour takes none.
final class RecordedPause implements Retries.Pause, InstantSource {
  private Instant now = Instant.parse("2024-05-06T07:08:09Z");
  private final List<Duration> pauses = new ArrayList<>();

  @Override
  public synchronized void pause(Duration time) {
    pauses.add(time);
    now = now.plus(time);
  }

  @Override
  public synchronized Instant instant() {
    return now;
  }

  synchronized void pass(Duration time) {
    now = now.plus(time);
  }

  synchronized List<Duration> pauses() {
    return List.copyOf(pauses);
  }
}
