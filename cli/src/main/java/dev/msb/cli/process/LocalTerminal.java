package dev.msb.cli.process;

import dev.msb.posix.Posix;
import dev.msb.sdk.TerminalSize;
import java.io.IOException;

/// Our own terminal, on descriptor 0, while it passes everything on as typed.
final class LocalTerminal {
  private static final int STDIN = 0;

  private final byte[] saved;

  private LocalTerminal(byte[] saved) {
    this.saved = saved;
  }

  static boolean isTerminal(int fd) {
    return Posix.isatty(fd) == 1;
  }

  /// Its size now; 24 by 80 if it does not tell.
  static TerminalSize size() {
    int size = Posix.windowSize(STDIN);
    return size <= 0 ? new TerminalSize(24, 80) : new TerminalSize(size >>> 16, size & 0xffff);
  }

  /// Passes every key on, until closed.
  static LocalTerminal raw() throws IOException {
    byte[] saved = Posix.rawMode(STDIN, isAlone());
    if (saved == null) {
      throw new IOException("stdin is no terminal any more");
    }
    return new LocalTerminal(saved);
  }

  /// Passes every key on again, after we were stopped: whoever had the terminal meanwhile may have
  /// left it in another mode. One that has gone is left alone.
  void resume() {
    Posix.rawMode(STDIN, isAlone());
  }

  /// Whether what is shown comes from us only. A program that reads our stdout may write to the
  /// terminal, too, and needs its lines to begin at the left.
  private static boolean isAlone() {
    return Posix.fileType(1) != Posix.S_IFIFO;
  }

  /// Stops this process, with the terminal as it was before; returns when it is continued.
  void suspend() {
    close();
    Posix.raise(Posix.SIGTSTP);
    resume(); // where nobody could continue us the kernel does not stop us either
  }

  /// As it was before.
  void close() {
    Posix.restoreMode(STDIN, saved);
  }
}
