package dev.msb.supervisor;

import dev.msb.posix.Posix;
import java.io.IOException;
import java.util.Arrays;

/// The descriptors that a loop waits for in one round: what it waits for, and who handles it.
///
/// The set is filled anew for each round, so that nothing in it can be out of date when the wait
/// begins. Handlers are called in the order in which their descriptors were added. A round makes no
/// objects.
final class PollSet {
  /// Takes what came on a descriptor. Whoever adds one makes its handler once, not in each round.
  interface Handler {
    /// The descriptor is ready.
    ///
    /// @param events for what; errors and hang-ups also where nothing was asked for
    void ready(int events) throws IOException;
  }

  private int[] fds = new int[16];
  private short[] wanted = new short[16];
  private short[] ready = new short[16];
  private Handler[] handlers = new Handler[16];
  private int size;

  /// Begins a round.
  void clear() {
    Arrays.fill(handlers, 0, size, null); // they may hold much
    size = 0;
  }

  /// Adds a descriptor.
  ///
  /// @param fd negative for one that is not there now, which adds nothing
  /// @param events what to wait for; with 0 only errors and hang-ups are told
  void add(int fd, int events, Handler handler) {
    if (fd < 0) {
      return;
    }
    if (size == fds.length) {
      fds = Arrays.copyOf(fds, 2 * size);
      wanted = Arrays.copyOf(wanted, 2 * size);
      ready = Arrays.copyOf(ready, 2 * size);
      handlers = Arrays.copyOf(handlers, 2 * size);
    }
    fds[size] = fd;
    wanted[size] = (short) events;
    ready[size] = 0;
    handlers[size] = handler;
    size++;
  }

  /// Waits until one of them is ready, at most this long.
  void await(int timeoutMillis) throws IOException {
    Posix.check(Posix.poll(fds, wanted, ready, size, timeoutMillis), "poll");
  }

  /// Calls the handler of each descriptor that was found ready. A handler adds nothing.
  void serve() throws IOException {
    for (int i = 0; i < size; i++) {
      if (ready[i] != 0) {
        handlers[i].ready(ready[i]);
      }
    }
  }

  /// Leaves a descriptor out of the rest of the round. Whoever closes one says so here first: the
  /// next to be opened may get its number, and what was found ready is not that one's.
  void forget(int fd) {
    for (int i = 0; i < size; i++) {
      if (fds[i] == fd) {
        fds[i] = -1;
        ready[i] = 0;
      }
    }
  }
}
