package dev.msb.sdk;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/// By the JDK alone. The socket's path may have at most 107 bytes.
final class ChannelTransport implements Transport {
  private final SocketChannel channel;

  private ChannelTransport(SocketChannel channel) {
    this.channel = channel;
  }

  static ChannelTransport connect(Path socket) throws IOException {
    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      channel.connect(UnixDomainSocketAddress.of(socket));
      return new ChannelTransport(channel);
    } catch (IOException e) {
      channel.close();
      throw new IOException("cannot connect to " + socket + ": " + e.getMessage(), e);
    }
  }

  @Override
  public int read(ByteBuffer direct) throws IOException {
    try {
      return channel.read(direct);
    } catch (ClosedChannelException e) {
      return -1;
    }
  }

  @Override
  public void write(ByteBuffer direct) throws IOException {
    while (direct.hasRemaining()) {
      channel.write(direct);
    }
  }

  @Override
  public void shutdown() {
    try {
      channel.shutdownInput();
      channel.shutdownOutput();
    } catch (IOException e) {
      // it is down already
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      // nothing is left that could be done
    }
  }
}
