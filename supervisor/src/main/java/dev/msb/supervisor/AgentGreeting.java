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
import org.jspecify.annotations.Nullable;

/// The wait until the agent of a guest says that it is there, before a [Relay] talks with it.
final class AgentGreeting {
  /// It did not; the message says what happened instead.
  static final class MissingException extends IOException {
    @Serial private static final long serialVersionUID = 1;

    MissingException(String message) {
      super(message);
    }
  }

  private final int type;
  private final Qemu qemu;
  private final Connection agent;
  private final Console console;
  private final Connection.Buffers buffers = new Connection.Buffers();
  private final PollSet.Handler consoleReady = events -> receiveConsole();
  private final PollSet.Handler wordsReady = events -> receiveWords();
  private final PollSet.Handler agentReady = events -> receive();
  private final PollSet.Handler endReady = events -> ended = true;
  private final PollSet.Handler signalReady = events -> signalled = true;
  private boolean consoleOpen = true;
  private boolean wordsOpen = true;
  private byte @Nullable [] found;
  private Frame.@Nullable BootFailed failed;
  private boolean ended;
  private boolean signalled;

  /// @param type of the frame that is waited for
  private AgentGreeting(Qemu qemu, int type) {
    this.qemu = qemu;
    this.type = type;
    this.agent = new Connection(qemu.agentFd());
    this.console = new Console(qemu.consoleFd());
  }

  /// Waits for READY.
  ///
  /// @param signals a descriptor that gives the wait up when it is readable; -1 for none
  /// @return the frame
  /// @throws MissingException if it does not come
  /// @throws InterruptedIOException if there was a signal
  static byte[] await(Qemu qemu, long millis, int signals) throws IOException {
    return new AgentGreeting(qemu, FrameType.READY).await(millis, signals);
  }

  /// Asks an agent that said READY long ago whether it is there, and waits for the answer.
  ///
  /// @throws MissingException if it does not answer
  static void ask(Qemu qemu, long millis) throws IOException {
    byte[] ping = FrameCodec.encode(new Frame.Ping(0));
    ByteBuffer out = ByteBuffer.allocateDirect(ping.length).put(ping);
    Posix.check(Posix.write(qemu.agentFd(), out, 0, ping.length), "cannot write to the agent");
    new AgentGreeting(qemu, FrameType.PONG).await(millis, -1);
  }

  /// Waits for the frame, reading the guest's console so that it does not wait for us.
  private byte[] await(long millis, int signals) throws IOException {
    long deadline = System.nanoTime() + millis * 1_000_000;
    PollSet poll = new PollSet();
    while (true) {
      long left = (deadline - System.nanoTime()) / 1_000_000;
      if (left <= 0) {
        throw new MissingException("no guest came up on it within " + millis / 1000 + " s");
      }
      poll.clear();
      watch(poll);
      poll.add(signals, Posix.POLLIN, signalReady);
      poll.await((int) left + 1);
      poll.serve();
      if (found != null) {
        return found;
      }
      if (failed != null) {
        throw new MissingException("the guest failed: " + failed.step() + " " + failed.subject());
      }
      if (ended) {
        throw new MissingException("QEMU ended");
      }
      if (signalled) {
        throw new InterruptedIOException("it is to stop");
      }
    }
  }

  private void watch(PollSet poll) {
    if (consoleOpen) {
      poll.add(console.fd(), Posix.POLLIN, consoleReady);
    }
    if (wordsOpen) {
      poll.add(qemu.words().fd(), Posix.POLLIN, wordsReady);
    }
    poll.add(agent.fd(), Posix.POLLIN, agentReady);
    poll.add(qemu.pidfd(), Posix.POLLIN, endReady);
  }

  private void receiveConsole() {
    consoleOpen = console.receive();
  }

  private void receiveWords() {
    wordsOpen = qemu.words().receive();
  }

  private void receive() throws MissingException {
    try {
      if (!agent.receive(buffers, this::look)) {
        throw new MissingException("QEMU ended");
      }
    } catch (ProtocolException e) {
      throw new MissingException("the guest's agent said nonsense: " + e.getMessage());
    }
  }

  private void look(FrameParser frame) throws ProtocolException {
    if (frame.type() == type) {
      found = FrameCodec.encode(frame.decode());
    } else if (frame.decode() instanceof Frame.BootFailed f) {
      failed = f;
    }
  }
}
