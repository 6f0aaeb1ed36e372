package dev.msb.supervisor;

import dev.msb.posix.Posix;
import dev.msb.protocol.FrameParser;
import dev.msb.protocol.Protocol;
import dev.msb.protocol.ProtocolException;
import dev.msb.relay.Outbox;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// A non-blocking socket that carries frames. It holds bytes only between calls: the start of a
/// frame whose rest has not come, and what the kernel did not take. The large buffers are the
/// loop's, so that an idle connection costs next to nothing.
final class Connection {
  /// What takes the frames of a connection.
  interface Receiver {
    void frame(FrameParser frame) throws ProtocolException;
  }

  /// What is large and needed only within a call: one for all connections of a loop.
  static final class Buffers {
    private final ByteBuffer input = ByteBuffer.allocateDirect(2 * Protocol.MAX_FRAME_BYTES);
    private final FrameParser parser = new FrameParser(input);
    private final ByteBuffer output = ByteBuffer.allocateDirect(Outbox.FILL_BYTES);

    /// Hands on every whole frame of these bytes.
    void parse(ByteBuffer bytes, Receiver receiver) throws ProtocolException {
      input.clear().put(bytes).flip();
      while (parser.next()) {
        receiver.frame(parser);
      }
    }
  }

  private final int fd;
  private @Nullable ByteBuffer incomplete;
  private @Nullable ByteBuffer unsent;

  Connection(int fd) {
    this.fd = fd;
  }

  int fd() {
    return fd;
  }

  /// Reads once, and hands on every whole frame.
  ///
  /// @return false if the peer has ended the connection
  /// @throws ProtocolException if the receiver or the parser finds a rule broken
  boolean receive(Buffers buffers, Receiver receiver) throws ProtocolException {
    ByteBuffer buffer = buffers.input;
    FrameParser parser = buffers.parser;
    buffer.clear();
    if (incomplete != null) {
      buffer.put(incomplete);
      incomplete = null;
    }
    int kept = buffer.position();
    int count = Posix.read(fd, buffer, kept, buffer.capacity() - kept);
    boolean more = count > 0 || count == -Posix.EAGAIN;
    buffer.position(0).limit(kept + Math.max(count, 0));
    while (parser.next()) {
      receiver.frame(parser);
    }
    if (more && buffer.hasRemaining()) {
      incomplete = ByteBuffer.allocate(buffer.remaining()).put(buffer).flip();
    }
    return more;
  }

  /// Writes what the outbox has until it is empty or the kernel takes no more.
  ///
  /// @return false if the connection is broken
  boolean send(Outbox outbox, Buffers buffers) {
    ByteBuffer buffer = buffers.output;
    while (true) {
      if (unsent == null) {
        if (outbox.isEmpty()) {
          return true;
        }
        buffer.clear().limit(Outbox.FILL_BYTES);
        outbox.fill(buffer);
        buffer.flip();
        if (!buffer.hasRemaining()) {
          return true;
        }
        if (!write(buffer)) {
          return false;
        }
        if (buffer.hasRemaining()) {
          unsent = ByteBuffer.allocateDirect(buffer.remaining()).put(buffer).flip();
          return true;
        }
      } else {
        if (!write(unsent)) {
          return false;
        }
        if (unsent.hasRemaining()) {
          return true;
        }
        unsent = null;
      }
    }
  }

  /// Whether the kernel took less than there was: to be polled for writing.
  boolean hasUnsent() {
    return unsent != null;
  }

  private boolean write(ByteBuffer bytes) {
    int count = Posix.write(fd, bytes, bytes.position(), bytes.remaining());
    if (count == -Posix.EAGAIN) {
      return true;
    }
    if (count < 0) {
      return false;
    }
    bytes.position(bytes.position() + count);
    return true;
  }

  void close() {
    Posix.close(fd);
  }
}
