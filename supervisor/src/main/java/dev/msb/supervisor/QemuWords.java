package dev.msb.supervisor;

import dev.msb.posix.Posix;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.function.Consumer;

/// What QEMU says: its standard output and error, and the events it tells. A guest can have QEMU
/// say something without end, so only the first 32 KiB are passed on as they come, and of what
/// follows the newest lines when QEMU has ended.
final class QemuWords {
  private static final int MOST_PASSED_ON = 32 * 1024;
  private static final int LONGEST_LINE = 500;
  private static final int MOST_KEPT_LINES = 20;
  private static final int MOST_DRAINED_BYTES = 1024 * 1024;

  private final int fd;
  private final Consumer<String> log;
  private final ByteBuffer input = ByteBuffer.allocateDirect(4 * 1024);
  private final byte[] line = new byte[LONGEST_LINE];
  private int length; // of the line under way
  private int passedOn; // characters
  private final ArrayDeque<String> newest = new ArrayDeque<>();
  private long leftOut; // lines
  private String last = "";

  /// @param fd the reading end of a non-blocking pipe
  /// @param log takes lines
  QemuWords(int fd, Consumer<String> log) {
    this.fd = fd;
    this.log = log;
  }

  int fd() {
    return fd;
  }

  /// Takes what is there.
  ///
  /// @return false at the end
  boolean receive() {
    int read = read();
    return read > 0 || read == -Posix.EAGAIN;
  }

  private int read() {
    int read = Posix.read(fd, input, 0, input.capacity());
    for (int i = 0; i < read; i++) {
      byte b = input.get(i);
      if (b == '\n') {
        endLine();
      } else if (length < LONGEST_LINE) {
        line[length++] = b;
      }
    }
    return read;
  }

  private void endLine() {
    String text = new String(line, 0, length, StandardCharsets.UTF_8);
    length = 0;
    StringBuilder printable = new StringBuilder();
    text.codePoints().forEach(c -> printable.appendCodePoint(isPlain(c) ? c : ' '));
    if (!printable.toString().isBlank()) {
      last = printable.toString().strip();
      say(last);
    }
  }

  private static boolean isPlain(int c) {
    return !Character.isISOControl(c)
        && Character.getType(c) != Character.FORMAT
        && c != '\u2028'
        && c != '\u2029';
  }

  /// Takes a line of QEMU's that came another way.
  void say(String words) {
    if (passedOn < MOST_PASSED_ON) {
      passedOn += words.length();
      log.accept("QEMU: " + words);
      return;
    }
    if (leftOut++ == 0) {
      log.accept("QEMU says more; its last lines follow when it has ended");
    }
    newest.add(words);
    if (newest.size() > MOST_KEPT_LINES) {
      newest.remove();
    }
  }

  /// The last line on its output or error; empty if there was none.
  String last() {
    return last;
  }

  /// QEMU has ended: takes what it left, and passes on what was kept.
  void end() {
    int drained = 0;
    for (int read = read(); read > 0 && drained < MOST_DRAINED_BYTES; read = read()) {
      drained += read;
    }
    endLine();
    if (leftOut > newest.size()) {
      log.accept("QEMU: " + (leftOut - newest.size()) + " lines are left out here");
    }
    newest.forEach(words -> log.accept("QEMU: " + words));
    newest.clear();
    leftOut = 0;
  }
}
