package dev.msb.sdk;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Optional;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/// A process, seen as the events of its life in one order. Made by [SandboxProcessBuilder#events].
///
/// There is one consumer, who chooses one of four ways, once: [#next] in a loop, [#iterator] (so a
/// `for` loop), [#stream], or [#subscribe] as a [Flow.Publisher]. The second to choose gets an
/// [IllegalStateException], a second subscriber by `onError`.
///
/// **Backpressure.** What the consumer does not take stays in the guest, and blocks the process as
/// a full pipe does; at most a window (256 KiB) of each output is held here. For a subscriber, to
/// request is to take.
///
/// **Threads.** The consumer may be any thread, one at a time. All else, [#close] too, may be
/// called from any thread at any time. A subscriber is called on a virtual thread of its own.
public final class ExecEvents
    implements Iterable<ExecEvent>, Flow.Publisher<ExecEvent>, AutoCloseable {
  static final String TAKEN = "somebody takes these events already";

  private static final int MOST_BYTES = 64 * 1024;

  private final ClientExec exec;
  private final SupervisorConnection connection;
  private final Arrivals arrivals;
  private final AtomicBoolean consumed = new AtomicBoolean();
  private volatile boolean closed;
  private volatile boolean ended;
  private boolean begun; // the consumer's

  ExecEvents(ClientExec exec, SupervisorConnection connection, Arrivals arrivals) {
    this.exec = exec;
    this.connection = connection;
    this.arrivals = arrivals;
  }

  /// Its stdin, which does not buffer; to be closed when there is no more.
  public OutputStream stdin() {
    return exec.stdin();
  }

  /// Sends a signal to its process group. Nothing happens if it has ended.
  ///
  /// @throws SandboxException if the sandbox is gone
  public void signal(Signal signal) throws SandboxException {
    exec.signal(signal.number());
  }

  /// Lets go of the process. If it has not ended, its group gets SIGHUP and SIGTERM, then SIGKILL;
  /// it goes on if it was started with [SandboxProcessBuilder#keep]. The consumer gets no further
  /// event. Does not wait.
  @Override
  public void close() {
    closed = true;
    arrivals.changed();
    connection.close();
  }

  // Ways to consume.

  /// Waits for the next event and takes it.
  ///
  /// @return empty after the last event, or after [#close]
  /// @throws InterruptedException when interrupted; no event is lost, the process goes on
  public Optional<ExecEvent> next() throws InterruptedException {
    consumed.set(true);
    return Optional.ofNullable(take());
  }

  /// The events, for a `for` loop. An interrupt makes `hasNext` throw [CancellationException], with
  /// the interrupt status set.
  @Override
  public Iterator<ExecEvent> iterator() {
    consume();
    return new Iterator<>() {
      private @Nullable ExecEvent next;

      @Override
      public boolean hasNext() {
        if (next == null) {
          next = takeOrCancel();
        }
        return next != null;
      }

      @Override
      public ExecEvent next() {
        if (!hasNext()) {
          throw new NoSuchElementException();
        }
        ExecEvent event = Objects.requireNonNull(next);
        next = null;
        return event;
      }
    };
  }

  /// The events as a sequential stream, which is closed with [#close]. Interrupts are as with
  /// [#iterator].
  public Stream<ExecEvent> stream() {
    int traits = Spliterator.ORDERED | Spliterator.NONNULL | Spliterator.IMMUTABLE;
    return StreamSupport.stream(Spliterators.spliteratorUnknownSize(iterator(), traits), false)
        .onClose(this::close);
  }

  /// Hands the events to a subscriber, as it requests them, on a virtual thread of its own; then
  /// calls `onComplete`, also after [ExecEvent.Lost]. To cancel is to [#close]; when somebody else
  /// closes them it gets `onError` with a [CancellationException]. A subscriber that throws has
  /// cancelled, and the default handler of uncaught exceptions gets what it threw.
  @Override
  public void subscribe(Flow.Subscriber<? super ExecEvent> subscriber) {
    Objects.requireNonNull(subscriber);
    boolean first = consumed.compareAndSet(false, true);
    Thread.ofVirtual()
        .name("msb-events")
        .start(
            first
                ? new ExecSubscription(this, subscriber)
                : () -> ExecSubscription.refuse(subscriber));
  }

  // For a subscription.

  /// Waits until something holds that comes true with an event or a [#changed].
  void await(BooleanSupplier condition) throws InterruptedException {
    arrivals.await(condition);
  }

  void changed() {
    arrivals.changed();
  }

  /// Whether the last event was taken, or none is wanted.
  boolean isOver() {
    return ended || closed;
  }

  /// Whether they were closed before the last one was taken.
  boolean wereClosed() {
    return !ended;
  }

  private void consume() {
    if (!consumed.compareAndSet(false, true)) {
      throw new IllegalStateException(TAKEN);
    }
  }

  private @Nullable ExecEvent takeOrCancel() {
    try {
      return take();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      CancellationException cancelled = new CancellationException("interrupted");
      cancelled.initCause(e);
      throw cancelled;
    }
  }

  /// Waits for the next event and takes it; null after the last.
  @Nullable ExecEvent take() throws InterruptedException {
    if (isOver()) {
      return null;
    }
    if (!begun) {
      begun = true;
      return new ExecEvent.Started(exec.id(), exec.pid());
    }
    int count = arrivals.take(MOST_BYTES, () -> closed || exec.lastEvent() != null);
    if (closed) {
      return null;
    }
    if (count == 0) {
      ended = true;
      connection.close();
      return exec.lastEvent();
    }
    return count > 0
        ? new ExecEvent.Stdout(bytes(exec.stdout(), count))
        : new ExecEvent.Stderr(bytes(exec.stderr(), -count));
  }

  private static ByteBuffer bytes(InboundStream stream, int count) {
    try {
      return ByteBuffer.wrap(stream.readNBytes(count)); // they have come, so this does not wait
    } catch (IOException e) {
      throw new IllegalStateException("output that had come is gone", e);
    }
  }

  // For exec.

  /// Writes all of its stdin, on a thread of its own.
  void feed(byte[] input) {
    Thread.ofVirtual()
        .name("msb-stdin")
        .start(() -> {
          try (OutputStream out = exec.stdin()) {
            out.write(input);
          } catch (IOException e) {
            // it did not want all of it, which is its business
          }
        });
  }

  /// Lets nothing of the process live on.
  void abandon() {
    exec.abandon();
    close();
  }
}
