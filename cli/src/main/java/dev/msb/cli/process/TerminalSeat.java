package dev.msb.cli.process;

import dev.msb.posix.Posix;
import dev.msb.sdk.SandboxProcess;
import dev.msb.sdk.Signal;
import dev.msb.sdk.TerminalSize;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;

/// The seat at the terminal of a process: what is typed here goes there, and its size follows ours,
/// until the process ends, the person leaves by the detach keys, or a signal ends us.
final class TerminalSeat {
  private static final int CHUNK_BYTES = 4096;

  /// How long a key that may be the first of the detach keys is held back. Without an end to it, a
  /// shell's ctrl-p would come with the next key only.
  private static final int PATIENCE_MILLIS = 1000;

  private final SandboxProcess process;
  private final LocalTerminal terminal;
  private final DetachKeys keys;
  private volatile boolean left;
  private volatile int endedBy;

  private TerminalSeat(SandboxProcess process, LocalTerminal terminal, DetachKeys keys) {
    this.process = process;
    this.terminal = terminal;
    this.keys = keys;
  }

  /// Sits down. The signals that matter at a terminal are among the pump's from now on.
  ///
  /// @param isNew whether the process was started with the size that we have
  static TerminalSeat take(SandboxProcess process, DetachKeys keys, boolean isNew)
      throws IOException {
    int[] more = {Signal.WINCH.number(), Signal.TSTP.number(), Signal.CONT.number()};
    Posix.check(Posix.signalPipe(more), "cannot take signals");
    TerminalSeat seat = new TerminalSeat(process, LocalTerminal.raw(), keys);
    if (!isNew) {
      seat.showSize();
    }
    return seat;
  }

  /// Gives the terminal back as it was.
  void leave() {
    terminal.close();
  }

  /// Whether the person left, and the process is to go on.
  boolean isLeft() {
    return left;
  }

  /// The signal that ended us; 0 if none did.
  int endedBy() {
    return endedBy;
  }

  /// Passes on what is typed, until `stop` is ready, the terminal has gone or the person leaves.
  void type(int stop) {
    ByteBuffer buffer = ByteBuffer.allocateDirect(CHUNK_BYTES);
    byte[] typed = new byte[CHUNK_BYTES];
    int[] fds = {0, stop};
    short[] wanted = {Posix.POLLIN, Posix.POLLIN};
    short[] ready = {0, 0};
    OutputStream out = process.getOutputStream(); // closed only if the terminal has gone
    try {
      while (true) {
        int timeout = keys.areBegun() ? PATIENCE_MILLIS : -1;
        if (Posix.check(Posix.poll(fds, wanted, ready, 2, timeout), "poll") == 0) {
          out.write(keys.giveUp());
          continue;
        }
        if (ready[1] != 0) {
          return;
        }
        int count = Posix.read(0, buffer, 0, CHUNK_BYTES);
        if (count == -Posix.EAGAIN) {
          continue;
        }
        if (count <= 0) {
          out.write(keys.giveUp());
          out.close();
          return;
        }
        buffer.get(0, typed, 0, count);
        out.write(keys.pass(typed, count));
        if (keys.areComplete()) {
          left = true;
          return;
        }
      }
    } catch (IOException e) {
      // the process is gone; its end tells
    }
  }

  /// Does what a signal to us means at a terminal.
  ///
  /// Those that end a terminal's window end us, and with us the process's terminal: to a shell they
  /// would mean nothing, and keys come as bytes, not as signals.
  ///
  /// @return false if that is our end
  boolean handle(Signal signal) throws IOException {
    switch (signal) {
      case HUP, INT, QUIT, TERM -> {
        endedBy = signal.number();
        return false;
      }
      case WINCH -> showSize();
      case TSTP -> terminal.suspend(); // CONT follows
      case CONT -> {
        terminal.resume();
        showSize();
      }
      default -> process.signal(signal);
    }
    return true;
  }

  /// Has the process's terminal take our size, and its programs draw their screen.
  private void showSize() throws IOException {
    TerminalSize size = LocalTerminal.size();
    process.resize(size);
  }
}
