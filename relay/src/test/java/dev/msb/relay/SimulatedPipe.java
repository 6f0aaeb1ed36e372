package dev.msb.relay;

import dev.msb.protocol.FrameParser;
import dev.msb.protocol.Protocol;
import dev.msb.protocol.ProtocolException;
import java.nio.ByteBuffer;
import java.util.Random;

/// One direction of a connection: a kernel's buffer of a random size between a writer and a reader,
/// which moves bytes in pieces that have nothing to do with frames, and at times not at all.
final class SimulatedPipe {
  private final Random random;
  private final ByteBuffer kernel; // ready to be read
  private final ByteBuffer input = ByteBuffer.allocate(Protocol.MAX_FRAME_BYTES + 16).flip();
  private final FrameParser parser = new FrameParser(input);
  private ByteBuffer unsent = ByteBuffer.allocate(0);

  /// A hop that stalls moves nothing until this step.
  int stalledUntil;

  SimulatedPipe(Random random) {
    this.random = random;
    this.kernel = ByteBuffer.allocate(1 << (9 + random.nextInt(8))).flip();
  }

  boolean hasUnsent() {
    return unsent.hasRemaining();
  }

  boolean isEmpty() {
    return !unsent.hasRemaining() && !kernel.hasRemaining();
  }

  /// Takes a buffer of which nothing can be overtaken any more. Only when [#hasUnsent] is false.
  void send(ByteBuffer bytes) {
    unsent = bytes;
  }

  /// Moves bytes from the writer to the kernel.
  boolean write() {
    int room = kernel.capacity() - kernel.remaining();
    int count = piece(Math.min(room, unsent.remaining()));
    if (count == 0) {
      return false;
    }
    kernel.compact().put(unsent.slice(unsent.position(), count)).flip();
    unsent.position(unsent.position() + count);
    return true;
  }

  /// Moves bytes from the kernel to the reader, and hands on every frame that is whole. Takes the
  /// frames that arrive.
  interface Receiver {
    void frame(FrameParser frame) throws ProtocolException;
  }

  boolean read(Receiver receiver) throws ProtocolException {
    int count = piece(Math.min(input.capacity() - input.remaining(), kernel.remaining()));
    if (count == 0) {
      return false;
    }
    input.compact().put(kernel.slice(kernel.position(), count)).flip();
    kernel.position(kernel.position() + count);
    while (parser.next()) {
      receiver.frame(parser);
    }
    return true;
  }

  private int piece(int most) {
    if (most <= 1) {
      return most;
    }
    return random.nextInt(6) == 0 ? 1 + random.nextInt(Math.min(most, 40)) : most;
  }

  @Override
  public String toString() {
    return "unsent "
        + unsent.remaining()
        + ", in the kernel "
        + kernel.remaining()
        + ", incomplete "
        + input.remaining();
  }
}
