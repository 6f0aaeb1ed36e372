package dev.msb.cli;

import dev.msb.sdk.CopyListener;

/// Tells on stderr, if that is a terminal, how far a copy is. No names: they may be a guest's.
final class CopyProgress implements CopyListener {
  private static final long REDRAW_NANOS = 100_000_000;

  private final boolean shown;
  private long files;
  private long bytes;
  private long drawn = System.nanoTime();

  CopyProgress(boolean quiet) {
    shown = !quiet && StartProgress.isTerminal();
  }

  @Override
  public void begins(String guestPath) {
    files++;
    draw();
  }

  @Override
  public void copied(long totalBytes) {
    bytes = totalBytes;
    draw();
  }

  boolean hasCopied() {
    return files > 1 || bytes > 0;
  }

  /// How much was copied.
  String soFar() {
    return files + (files == 1 ? " file, " : " files, ") + PullProgress.size(bytes);
  }

  private void draw() {
    long now = System.nanoTime();
    if (shown && now - drawn >= REDRAW_NANOS) {
      drawn = now;
      Msb.errorText("\r\033[Kmsb: copying: " + soFar());
    }
  }

  /// Wipes it.
  void end() {
    if (shown) {
      Msb.errorText("\r\033[K");
    }
  }
}
