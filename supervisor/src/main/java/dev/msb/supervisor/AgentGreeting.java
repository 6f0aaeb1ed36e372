package dev.msb.supervisor;

import dev.msb.posix.Posix;
import dev.msb.protocol.Frame;
import dev.msb.protocol.FrameCodec;
import dev.msb.protocol.FrameParser;
import dev.msb.protocol.FrameType;
import dev.msb.protocol.ProtocolException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.Serial;
import java.nio.ByteBuffer;

/// Waits until the agent of a guest says that it is there, before a [Relay] talks with it.
final class AgentGreeting {
  /// It did not; the message says what happened instead.
  static final class MissingException extends IOException {
    @Serial private static final long serialVersionUID = 1;

    MissingException(String message) {
      super(message);
    }
  }

  private AgentGreeting() {}

  /// Waits for READY.
  ///
  /// @param signals a descriptor that gives the wait up when it is readable; -1 for none
  /// @return the frame
  /// @throws MissingException if it does not come
  /// @throws InterruptedIOException if there was a signal
  static byte[] await(Qemu qemu, long millis, int signals) throws IOException {
    return await(qemu, FrameType.READY, millis, signals);
  }

  /// Asks an agent that said READY long ago whether it is there, and waits for the answer.
  ///
  /// @throws MissingException if it does not answer
  static void ask(Qemu qemu, long millis) throws IOException {
    byte[] ping = FrameCodec.encode(new Frame.Ping(0));
    ByteBuffer out = ByteBuffer.allocateDirect(ping.length).put(ping);
    Posix.check(Posix.write(qemu.agentFd(), out, 0, ping.length), "cannot write to the agent");
    await(qemu, FrameType.PONG, millis, -1);
  }

  /// Waits for a frame, reading the guest's console so that it does not wait for us.
  private static byte[] await(Qemu qemu, int type, long millis, int signals) throws IOException {
    long deadline = System.nanoTime() + millis * 1_000_000;
    Connection agent = new Connection(qemu.agentFd());
    Console console = new Console(qemu.consoleFd());
    ByteBuffer buffer = Connection.newReceiveBuffer();
    FrameParser parser = new FrameParser(buffer);
    byte[][] found = {null};
    Frame.BootFailed[] failed = {null};
    int[] fds = {qemu.agentFd(), qemu.pidfd(), qemu.consoleFd(), signals, qemu.words().fd()};
    short[] wanted = {Posix.POLLIN, Posix.POLLIN, Posix.POLLIN, Posix.POLLIN, Posix.POLLIN};
    short[] ready = {0, 0, 0, 0, 0};
    while (true) {
      long left = (deadline - System.nanoTime()) / 1_000_000;
      if (left <= 0) {
        throw new MissingException("no guest came up on it within " + millis / 1000 + " s");
      }
      Posix.check(Posix.poll(fds, wanted, ready, fds.length, (int) left + 1), "poll");
      if (ready[2] != 0 && !console.receive()) {
        fds[2] = -1;
      }
      if (ready[4] != 0 && !qemu.words().receive()) {
        fds[4] = -1;
      }
      try {
        if (ready[0] != 0
            && !agent.receive(
                buffer,
                parser,
                frame -> {
                  if (frame.type() == type) {
                    found[0] = FrameCodec.encode(frame.decode());
                  } else if (frame.decode() instanceof Frame.BootFailed f) {
                    failed[0] = f;
                  }
                })) {
          throw new MissingException("QEMU ended");
        }
      } catch (ProtocolException e) {
        throw new MissingException("the guest's agent said nonsense: " + e.getMessage());
      }
      if (found[0] != null) {
        return found[0];
      }
      if (failed[0] != null) {
        throw new MissingException(
            "the guest failed: " + failed[0].step() + " " + failed[0].subject());
      }
      if (ready[1] != 0) {
        throw new MissingException("QEMU ended");
      }
      if (ready[3] != 0) {
        throw new InterruptedIOException("it is to stop");
      }
    }
  }
}
