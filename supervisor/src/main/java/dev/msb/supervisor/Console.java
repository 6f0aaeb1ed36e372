package dev.msb.supervisor;

import dev.msb.home.MsbHome;
import dev.msb.posix.Posix;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;

/// The last of what the guest's kernel printed. The guest may print without end: only the newest 32
/// KiB are kept, in memory, and written out when they are needed.
final class Console {
  private static final int KEPT_BYTES = 32 * 1024;

  private final int fd;
  private final byte[] ring = new byte[KEPT_BYTES];
  private final ByteBuffer input = ByteBuffer.allocateDirect(4 * 1024);
  private long count;
  private long saved;

  Console(int fd) {
    this.fd = fd;
  }

  int fd() {
    return fd;
  }

  /// Takes what is there.
  ///
  /// @return false at the end
  boolean receive() {
    int read = Posix.read(fd, input, 0, input.capacity());
    for (int i = 0; i < read; i++) {
      ring[(int) (count++ % KEPT_BYTES)] = input.get(i);
    }
    return read > 0 || read == -Posix.EAGAIN;
  }

  /// Whether more came than was saved.
  boolean hasUnsaved() {
    return count > saved;
  }

  /// What is kept.
  byte[] kept() {
    int kept = (int) Math.min(count, KEPT_BYTES);
    int first = (int) ((count - kept) % KEPT_BYTES);
    byte[] text = Arrays.copyOfRange(ring, first, Math.min(first + kept, KEPT_BYTES));
    byte[] wrapped = Arrays.copyOf(ring, kept - text.length);
    byte[] all = Arrays.copyOf(text, kept);
    System.arraycopy(wrapped, 0, all, text.length, wrapped.length);
    return all;
  }

  /// Writes what is kept to a file, in place of what it held.
  void save(Path file) throws IOException {
    MsbHome.write(file, kept());
    saved = count;
  }
}
