package dev.msb.sdk;

import java.util.concurrent.CancellationException;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// Takes events as a subscriber requests them. Its thread alone calls the subscriber, so that the
/// calls come one after the other.
final class ExecSubscription implements Flow.Subscription, Runnable {
  private final ExecEvents events;
  private final Flow.Subscriber<? super ExecEvent> subscriber;
  private final AtomicLong demand = new AtomicLong();
  private volatile boolean cancelled;
  private volatile @Nullable IllegalArgumentException mistake;

  ExecSubscription(ExecEvents events, Flow.Subscriber<? super ExecEvent> subscriber) {
    this.events = events;
    this.subscriber = subscriber;
  }

  /// Tells a subscriber that it came too late.
  static void refuse(Flow.Subscriber<? super ExecEvent> subscriber) {
    subscriber.onSubscribe(
        new Flow.Subscription() {
          @Override
          public void request(long count) {}

          @Override
          public void cancel() {}
        });
    subscriber.onError(new IllegalStateException(ExecEvents.TAKEN));
  }

  @Override
  public void request(long count) {
    if (count > 0) {
      demand.accumulateAndGet(count, (a, b) -> a > Long.MAX_VALUE - b ? Long.MAX_VALUE : a + b);
      events.changed();
    } else {
      mistake = new IllegalArgumentException("a request of " + count + " events (rule 3.9)");
      events.close();
    }
  }

  @Override
  public void cancel() {
    cancelled = true;
    events.close();
  }

  @Override
  public void run() {
    try (events) { // also when the subscriber throws
      subscriber.onSubscribe(this);
      ExecEvent event = nextRequested();
      while (event != null && !cancelled) {
        subscriber.onNext(event);
        event = nextRequested();
      }
      if (!cancelled) {
        end();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // nobody does that to a thread of ours
    }
  }

  /// Waits until an event may be delivered, and takes it; null if there is none.
  private @Nullable ExecEvent nextRequested() throws InterruptedException {
    events.await(() -> demand.get() > 0 || events.isOver());
    if (demand.get() != Long.MAX_VALUE) {
      demand.decrementAndGet();
    }
    return events.take();
  }

  private void end() {
    IllegalArgumentException request = mistake;
    if (request != null) {
      subscriber.onError(request);
    } else if (events.wereClosed()) {
      subscriber.onError(new CancellationException("the events were closed"));
    } else {
      subscriber.onComplete();
    }
  }
}
