package dev.msb.supervisor;

import dev.msb.posix.Posix;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/// The place beside a loop for work that may block: finding a name, connecting, a file. Each job
/// has a thread of its own for as long as it takes, and its result comes back to the loop.
///
/// Everything but [Job#work] happens in the loop's thread. Nothing is made before the first job, so
/// a loop that has none pays nothing. The threads are the system's, as a virtual one that waits in
/// a system call would keep a carrier from the others.
final class Workers implements PollSet.Handler, AutoCloseable {
  /// Something that may block. One of [#done] and [#discard] is called, and once.
  interface Job {
    /// Does it, in a thread of its own. It must touch nothing of the loop's.
    void work() throws IOException;

    /// Takes the result, in the loop's thread.
    ///
    /// @param failure null if the work succeeded
    void done(@Nullable IOException failure);

    /// The loop has ended: closes the descriptors that the work has opened. Any thread may call it.
    void discard();
  }

  private record Result(Job job, @Nullable IOException failure) {}

  /// How long [#close] waits for the jobs under way.
  private static final long END_NANOS = 1_000_000_000;

  private final int most;
  private final ByteBuffer bytes = ByteBuffer.allocateDirect(64); // what is in it does not matter
  private int underWay; // submitted, and not given back to the loop
  private int readFd = -1; // readable when there are results
  private int writeFd = -1;

  // The rest is guarded by this.
  private final Queue<Result> results = new ArrayDeque<>();
  private int running;
  private boolean closed;

  /// @param most jobs under way at a time
  Workers(int most) {
    this.most = most;
  }

  /// Adds what is to be waited for.
  void watch(PollSet poll) {
    poll.add(readFd, Posix.POLLIN, this);
  }

  /// Has a job done.
  ///
  /// @return false if there are as many as there may be: nothing will come of this one
  /// @throws IOException if there is no descriptor left to tell of its end
  boolean submit(Job job) throws IOException {
    if (underWay == most) {
      return false;
    }
    if (readFd < 0) {
      open();
    }
    Thread thread = Thread.ofPlatform().daemon().name("worker").unstarted(() -> run(job));
    synchronized (this) {
      thread.start();
      running++;
    }
    underWay++;
    return true;
  }

  private void open() throws IOException {
    int[] pipe = new int[2];
    Posix.check(Posix.pipe(pipe), "cannot make a pipe");
    readFd = pipe[0];
    writeFd = pipe[1];
    Posix.check(Posix.nonBlocking(readFd, true), "cannot set a pipe to non-blocking");
    Posix.check(Posix.nonBlocking(writeFd, true), "cannot set a pipe to non-blocking");
  }

  private void run(Job job) {
    IOException failure = null;
    try {
      job.work();
    } catch (IOException e) {
      failure = e;
    } catch (RuntimeException | Error e) {
      failure = new IOException(e.toString(), e);
    }
    if (!handBack(new Result(job, failure))) {
      job.discard();
    }
    ended();
  }

  /// Returns false if nobody takes results any more.
  private synchronized boolean handBack(Result result) {
    if (closed) {
      return false;
    }
    if (results.isEmpty()) {
      Posix.write(writeFd, bytes, 0, 1); // a full pipe is readable, too
    }
    results.add(result);
    return true;
  }

  private synchronized void ended() {
    running--;
    notifyAll();
  }

  /// Gives the results back to those who wanted them.
  @Override
  public void ready(int events) {
    Posix.read(readFd, bytes, 0, bytes.capacity()); // first: what comes now is told again
    for (Result result = next(); result != null; result = next()) {
      underWay--;
      result.job().done(result.failure());
    }
  }

  private synchronized @Nullable Result next() {
    return results.poll();
  }

  /// Takes no more results. Waits a moment for the jobs under way; one that takes longer is left
  /// behind, and discarded when it ends.
  @Override
  public void close() {
    stop();
    for (Result result = next(); result != null; result = next()) {
      result.job().discard();
    }
    if (readFd >= 0) {
      Posix.close(readFd);
      Posix.close(writeFd); // nobody writes to it any more
      readFd = -1;
    }
  }

  private synchronized void stop() {
    closed = true;
    long end = System.nanoTime() + END_NANOS;
    try {
      for (long left = END_NANOS; running > 0 && left > 0; left = end - System.nanoTime()) {
        wait(left / 1_000_000 + 1);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
