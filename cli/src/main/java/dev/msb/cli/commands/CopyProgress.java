package dev.msb.cli.commands;

import dev.msb.cli.output.Output;
import dev.msb.cli.output.PullProgress;
import dev.msb.cli.output.StartProgress;
import dev.msb.files.CopyListener;

/// Tells on stderr, if that is a terminal, how far a copy is. No names: they may be a guest's.
final class CopyProgress implements CopyListener {
  private static final long REDRAW_NANOS = 100_000_000;

  private final boolean shown;
  private long files;
  private long bytes;
  private long wholeFiles; // before the one under way
  private long wholeBytes;
  private long drawn = System.nanoTime();

  CopyProgress(boolean quiet) {
    shown = !quiet && StartProgress.isTerminal();
  }

  @Override
  public void begins(String guestPath) {
    wholeFiles = files;
    wholeBytes = bytes;
    files++;
    draw();
  }

  @Override
  public void copied(long totalBytes) {
    bytes = totalBytes;
    draw();
  }

  /// Whether there is something before what is under way, which a failure may have removed.
  boolean hasWhole() {
    return wholeFiles > 0;
  }

  /// How much was copied before what is under way.
  String whole() {
    return amount(wholeFiles, wholeBytes);
  }

  private static String amount(long files, long bytes) {
    return files + (files == 1 ? " file, " : " files, ") + PullProgress.size(bytes);
  }

  private void draw() {
    long now = System.nanoTime();
    if (shown && now - drawn >= REDRAW_NANOS) {
      drawn = now;
      Output.errorText("\r\033[Kmsb: copying: " + amount(files, bytes));
    }
  }

  /// Wipes it.
  void end() {
    if (shown) {
      Output.errorText("\r\033[K");
    }
  }
}
