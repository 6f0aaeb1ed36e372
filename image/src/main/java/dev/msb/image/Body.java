package dev.msb.image;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The body of an answer, taken piece by piece by one blocking reader that notices when nothing
/// comes.
///
/// The JDK's own body as a stream waits for ever: a request's timeout ends with the headers. At
/// most one piece (16 KiB) waits here, as the next is asked for when it has been taken.
final class Body implements HttpResponse.BodySubscriber<Body>, AutoCloseable {
  private sealed interface Event {}

  private record Piece(List<ByteBuffer> buffers) implements Event {}

  private record Failed(Throwable reason) implements Event {}

  private record Ended() implements Event {}

  private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
  private final CompletableFuture<Flow.Subscription> subscription = new CompletableFuture<>();

  /// Waits for more.
  ///
  /// @return null at the end
  /// @throws HttpTimeoutException if nothing comes within the time
  /// @throws IOException if the connection breaks
  @Nullable List<ByteBuffer> next(Duration stall) throws IOException, InterruptedException {
    return switch (events.poll(stall.toNanos(), TimeUnit.NANOSECONDS)) {
      case null -> throw new HttpTimeoutException("no byte for " + stall.toMillis() + " ms");
      case Piece piece -> {
        var _ = subscription.thenAccept(s -> s.request(1));
        yield piece.buffers();
      }
      case Failed failed -> throw new IOException(failed.reason());
      case Ended ended -> {
        events.add(ended);
        yield null;
      }
    };
  }

  /// Gives up what has not come; the connection is closed unless all has.
  @Override
  public void close() {
    var _ = subscription.thenAccept(Flow.Subscription::cancel);
  }

  @Override
  public CompletionStage<Body> getBody() {
    return CompletableFuture.completedFuture(this);
  }

  @Override
  public void onSubscribe(Flow.Subscription given) {
    if (subscription.complete(given)) {
      given.request(1);
    } else {
      given.cancel();
    }
  }

  @Override
  public void onNext(List<ByteBuffer> buffers) {
    events.add(new Piece(buffers));
  }

  @Override
  public void onError(Throwable reason) {
    events.add(new Failed(reason));
  }

  @Override
  public void onComplete() {
    events.add(new Ended());
  }
}
