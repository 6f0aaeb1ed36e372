package dev.msb.supervisor;

import dev.msb.posix.Posix;
import java.io.IOException;
import java.util.Arrays;

/// The descriptors that the supervisor's loop waits for, by the order in which they were added.
final class PollSet {
  private int[] fds = new int[16];
  private short[] wanted = new short[16];
  private short[] ready = new short[16];
  private int size;

  void clear() {
    size = 0;
  }

  /// Adds a descriptor; -1 takes a place but is not waited for.
  void add(int fd, int events) {
    if (size == fds.length) {
      fds = Arrays.copyOf(fds, 2 * size);
      wanted = Arrays.copyOf(wanted, 2 * size);
      ready = Arrays.copyOf(ready, 2 * size);
    }
    fds[size] = fd;
    wanted[size] = (short) events;
    ready[size] = 0;
    size++;
  }

  int size() {
    return size;
  }

  /// Waits until one of them is ready, at most this long.
  void await(int timeoutMillis) throws IOException {
    Posix.check(Posix.poll(fds, wanted, ready, size, timeoutMillis), "poll");
  }

  /// What the descriptor at this place is ready for; 0 for nothing.
  short ready(int place) {
    return ready[place];
  }
}
