package dev.msb.cli;

import dev.msb.posix.Posix;
import dev.msb.sdk.TerminalSize;
import java.io.IOException;

/// Our own terminal, on descriptor 0, while it passes everything on as typed.
final class LocalTerminal {
  private final byte[] saved;

  private LocalTerminal(byte[] saved) {
    this.saved = saved;
  }

  /// Its size now; 24 by 80 if it does not tell.
  static TerminalSize size() {
    int size = Posix.windowSize(0);
    return size <= 0 ? new TerminalSize(24, 80) : new TerminalSize(size >>> 16, size & 0xffff);
  }

  /// Passes every key on, until closed.
  static LocalTerminal raw() throws IOException {
    byte[] saved = Posix.rawMode(0);
    if (saved == null) {
      throw new IOException("stdin is no terminal any more");
    }
    return new LocalTerminal(saved);
  }

  /// As it was before.
  void close() {
    Posix.restoreMode(0, saved);
  }
}
