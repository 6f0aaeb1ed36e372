package dev.msb.bench;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// What is measured, each within its time: what fails or hangs is named, and the next one goes on.
final class Attempt {
  /// Some rows that are measured together.
  interface Measurement {
    List<Row> rows() throws IOException, InterruptedException;
  }

  /// What all of them are measured in.
  interface Place {
    /// Ends what was started and was not ended, so that nobody waits for it any more.
    void clear();

    /// What was begun last, for people.
    String doing();
  }

  private static final int CLEAR_MILLIS = 30_000;

  private final Place place;
  private final int seconds;
  private boolean failed;

  /// @param seconds after which a measurement is given up
  Attempt(Place place, int seconds) {
    this.place = place;
    this.seconds = seconds;
  }

  /// Whether one failed.
  boolean failed() {
    return failed;
  }

  /// Measures, and prints the rows or what went wrong.
  void make(String name, Measurement measurement) throws InterruptedException {
    FutureTask<List<Row>> task = new FutureTask<>(measurement::rows);
    Thread thread = Thread.ofPlatform().daemon().start(task);
    try {
      task.get(seconds, TimeUnit.SECONDS).forEach(System.out::println);
      return;
    } catch (TimeoutException e) {
      say(name, "not done within " + seconds + " s, last: " + place.doing());
      task.cancel(true);
    } catch (ExecutionException e) {
      say(name, String.valueOf(e.getCause()));
    }
    failed = true;
    place.clear();
    thread.join(CLEAR_MILLIS);
  }

  private static void say(String name, String why) {
    System.err.println("bench: " + name + " failed: " + why);
  }
}
