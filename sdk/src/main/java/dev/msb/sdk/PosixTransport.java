package dev.msb.sdk;

import dev.msb.posix.Posix;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/// By system calls: half of the start-up time of [ChannelTransport], and no limit on the path.
final class PosixTransport implements Transport {
  private final int fd;

  private PosixTransport(int fd) {
    this.fd = fd;
  }

  static PosixTransport connect(Path socket) throws IOException {
    byte[] path = socket.toString().getBytes(StandardCharsets.UTF_8);
    return new PosixTransport(Posix.check(Posix.connect(path), "cannot connect to " + socket));
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
    while (direct.hasRemaining()) {
      int count = Posix.write(fd, direct, direct.position(), direct.remaining());
      Posix.check(count, "cannot write to the supervisor");
      direct.position(direct.position() + count);
    }
  }

  @Override
  public void shutdown() {
    Posix.shutdown(fd, Posix.SHUT_RDWR);
  }

  @Override
  public void close() {
    Posix.close(fd);
  }
}
