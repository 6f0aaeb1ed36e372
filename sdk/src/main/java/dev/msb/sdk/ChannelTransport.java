package dev.msb.sdk;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import jdk.net.ExtendedSocketOptions;

/// By the JDK alone. The socket's path may have at most 107 bytes.
///
/// The channel does not block, as an interrupt closes one that does: an interrupted thread that
/// tells its process to end must not lose the connection over it.
final class ChannelTransport implements Transport {
  private static final int LONGEST_PATH_BYTES = 107;

  private final SocketChannel channel;
  private final Selector readable;
  private final Selector writable;

  private ChannelTransport(SocketChannel channel) throws IOException {
    this.channel = channel;
    channel.configureBlocking(false);
    readable = Selector.open();
    writable = Selector.open();
    channel.register(readable, SelectionKey.OP_READ);
    channel.register(writable, SelectionKey.OP_WRITE);
  }

  static ChannelTransport connect(Path socket) throws IOException, InterruptedException {
    if (socket.toString().length() > LONGEST_PATH_BYTES) {
      throw new SandboxException(
          "the path "
              + socket
              + " is too long for a socket without msb's native library: move MSB_HOME to a shorter"
              + " one, or set the system property msb.native to the file libmsb.so");
    }
    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      channel.connect(UnixDomainSocketAddress.of(socket));
      check(channel, socket);
      return new ChannelTransport(channel);
    } catch (ClosedByInterruptException e) {
      Thread.interrupted();
      InterruptedException interrupted = new InterruptedException("while connecting");
      interrupted.initCause(e);
      throw interrupted;
    } catch (SandboxException e) {
      channel.close();
      throw e;
    } catch (IOException e) {
      channel.close();
      throw new IOException("cannot connect to " + socket + ": " + e.getMessage(), e);
    }
  }

  private static void check(SocketChannel channel, Path socket) throws IOException {
    UserPrincipal user = channel.getOption(ExtendedSocketOptions.SO_PEERCRED).user();
    if (!user.equals(Files.getOwner(Path.of("/proc/self")))
        && !user.equals(
            socket.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("0"))) {
      throw SandboxException.foreign(socket, user.getName());
    }
  }

  @Override
  public int read(ByteBuffer direct) {
    try {
      int count = channel.read(direct);
      while (count == 0) {
        readable.select();
        readable.selectedKeys().clear();
        count = channel.read(direct);
      }
      return count;
    } catch (IOException e) {
      return -1; // shut down here, or reset by a peer that went away with bytes unread
    }
  }

  @Override
  public void write(ByteBuffer direct) throws IOException {
    boolean interrupted = false;
    try {
      while (direct.hasRemaining()) {
        if (channel.write(direct) == 0) {
          writable.select();
          writable.selectedKeys().clear();
          interrupted |= Thread.interrupted(); // or it would no longer wait
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
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
      readable.close(); // which lets go of the socket
      writable.close();
    } catch (IOException e) {
      // nothing is left that could be done
    }
  }
}
