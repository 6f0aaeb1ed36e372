package dev.msb.sdk;

import dev.msb.posix.Posix;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/// By system calls: half of the start-up time of [ChannelTransport], and no limit on the path.
///
/// The descriptor is let go of when it was closed and nobody uses it any more: its number may be
/// another connection's a moment later.
final class PosixTransport implements Transport {
  private static final int ROOT = 0;

  private final int fd;
  private int uses = 1; // one until it is closed; guarded by this

  private PosixTransport(int fd) {
    this.fd = fd;
  }

  static PosixTransport connect(Path socket) throws IOException {
    byte[] path = socket.toString().getBytes(StandardCharsets.UTF_8);
    int fd = Posix.check(Posix.connect(path), "cannot connect to " + socket);
    int uid = Posix.peerUid(fd);
    if (uid != ROOT && uid != Posix.getuid()) { // as TrustedUsers, which is one more class to load
      Posix.close(fd);
      throw SandboxException.foreign(socket, Integer.toString(uid));
    }
    return new PosixTransport(fd);
  }

  @Override
  public int read(ByteBuffer direct) throws IOException {
    int count = Posix.read(fd, direct, direct.position(), direct.remaining());
    if (count == -Posix.ECONNRESET || count == 0) {
      return -1;
    }
    Posix.check(count, "cannot read from the supervisor");
    direct.position(direct.position() + count);
    return count;
  }

  @Override
  public void write(ByteBuffer direct) throws IOException {
    if (!use()) {
      throw new IOException("the connection is closed");
    }
    try {
      while (direct.hasRemaining()) {
        int count = Posix.write(fd, direct, direct.position(), direct.remaining());
        Posix.check(count, "cannot write to the supervisor");
        direct.position(direct.position() + count);
      }
    } finally {
      unuse();
    }
  }

  @Override
  public void shutdown() {
    if (use()) {
      Posix.shutdown(fd, Posix.SHUT_RDWR);
      unuse();
    }
  }

  @Override
  public void close() {
    Posix.shutdown(fd, Posix.SHUT_RDWR); // for a write that waits
    unuse();
  }

  private synchronized boolean use() {
    if (uses == 0) {
      return false;
    }
    uses++;
    return true;
  }

  private synchronized void unuse() {
    if (--uses == 0) {
      Posix.close(fd);
    }
  }
}
