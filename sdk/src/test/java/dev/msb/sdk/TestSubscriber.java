package dev.msb.sdk;

import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// Notes what it is told. Fails if two calls overlap (rule 1.3).
final class TestSubscriber implements Flow.Subscriber<ExecEvent> {
  boolean requestInEachCall;
  boolean throwsOnNext;

  private final BlockingQueue<String> signals = new LinkedBlockingQueue<>();
  private final AtomicInteger inside = new AtomicInteger();
  private volatile Flow.@Nullable Subscription subscription;

  /// The next signal, waited for.
  String signal() throws InterruptedException {
    return signals.take();
  }

  boolean isQuiet() {
    return signals.isEmpty();
  }

  void request(long count) {
    Objects.requireNonNull(subscription).request(count);
  }

  void cancel() {
    Objects.requireNonNull(subscription).cancel();
  }

  private void told(String signal) {
    if (inside.incrementAndGet() != 1) {
      signals.add("two calls at once");
    }
    if (requestInEachCall) {
      request(1);
    }
    signals.add(signal);
    inside.decrementAndGet();
  }

  @Override
  public void onSubscribe(Flow.Subscription given) {
    subscription = given;
    told("subscribed");
  }

  @Override
  public void onNext(ExecEvent event) {
    told(ExecEventsTest.tell(event));
    if (throwsOnNext) {
      throw new IllegalStateException("thrown on purpose by a subscriber");
    }
  }

  @Override
  public void onError(Throwable failure) {
    told("error " + failure);
  }

  @Override
  public void onComplete() {
    told("complete");
  }
}
