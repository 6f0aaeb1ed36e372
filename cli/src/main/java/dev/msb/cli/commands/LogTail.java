package dev.msb.cli.commands;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;

/// Lets only the last lines through of those that come before [#release], and all after it.
final class LogTail implements Consumer<LogLine> {
  private final int most;
  private final Consumer<LogLine> lines;
  private final Deque<LogLine> last = new ArrayDeque<>();
  private boolean released;

  /// With `most` below 0 all lines are let through.
  LogTail(int most, Consumer<LogLine> lines) {
    this.most = most;
    this.lines = lines;
    this.released = most < 0;
  }

  @Override
  public void accept(LogLine line) {
    if (released) {
      lines.accept(line);
      return;
    }
    last.addLast(line);
    if (last.size() > most) {
      last.removeFirst();
    }
  }

  void release() {
    released = true;
    last.forEach(lines);
    last.clear();
  }
}
