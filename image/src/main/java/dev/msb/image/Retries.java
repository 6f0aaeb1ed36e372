package dev.msb.image;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/// Tries again what failed but may pass: after half a second, then twice as long each time, up to
/// half a minute; or when the registry says. For use by any thread.
final class Retries {
  private static final Duration FIRST = Duration.ofMillis(500);
  private static final Duration LONGEST = Duration.ofSeconds(30);
  // A user is better told than kept waiting longer than this.
  private static final Duration LONGEST_RETRY_AFTER = Duration.ofMinutes(2);
  // What a try must gain to show that the next will get somewhere.
  private static final long GAIN_BYTES = 1024 * 1024;

  private final Pause pause;
  private final RandomGenerator random;

  /// Waits.
  interface Pause {
    /// On the system's clock.
    Pause REAL =
        time -> {
          // never counted down: ends with the time, or by an interrupt
          boolean early = new CountDownLatch(1).await(time.toNanos(), TimeUnit.NANOSECONDS);
          assert !early;
        };

    void pause(Duration time) throws InterruptedException;
  }

  /// What may fail.
  interface Attempt<T> {
    T run() throws ImageException, InterruptedException;
  }

  Retries(Pause pause, RandomGenerator random) {
    this.pause = pause;
    this.random = random;
  }

  /// Runs it until it succeeds, fails for good, or has failed once more than `maxRetries`.
  ///
  /// @param gained how many bytes there are; the count starts anew when they have grown by a MiB
  <T> T run(int maxRetries, LongSupplier gained, Attempt<T> attempt)
      throws ImageException, InterruptedException {
    int failures = 0;
    long before = gained.getAsLong();
    while (true) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      try {
        return attempt.run();
      } catch (RegistryException e) {
        if (gained.getAsLong() - before >= GAIN_BYTES) {
          failures = 0;
          before = gained.getAsLong();
        } else if (failures >= maxRetries) {
          throw e;
        }
        Duration wait = e.retryAfter().orElse(delay(failures));
        if (!e.isTransient() || wait.compareTo(LONGEST_RETRY_AFTER) > 0) {
          throw e;
        }
        failures++;
        pause.pause(wait);
      }
    }
  }

  /// Not the same for all, so that those who failed together do not come back together.
  private Duration delay(int failures) {
    long longest = Math.min(FIRST.toMillis() << Math.min(failures, 16), LONGEST.toMillis());
    return Duration.ofMillis(random.nextLong(longest / 2, longest + 1));
  }
}
