package dev.msb.supervisor;

import dev.msb.home.Log;
import dev.msb.posix.Posix;
import dev.msb.protocol.OneLine;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/// What a supervisor tells the process that started it, as lines on its standard output: any number
/// of `notice TEXT` and `progress TEXT`, then `ready` or `failed TEXT`, then end of file.
final class StartReport {
  private final FileOutputStream out;
  private boolean over;

  StartReport() {
    this(new FileOutputStream(FileDescriptor.out));
  }

  /// One that is written elsewhere.
  StartReport(FileOutputStream out) {
    this.out = out;
  }

  void notice(String text) {
    line("notice " + OneLine.of(text, OneLine.LONGEST_MESSAGE));
  }

  /// What is being done from now on.
  void progress(String text) {
    line("progress " + OneLine.of(text, OneLine.LONGEST_MESSAGE));
  }

  /// The sandbox is up.
  ///
  /// @return false if nobody waits for it any more
  boolean ready() {
    boolean heard = line("ready");
    end();
    return heard;
  }

  void failed(String text) {
    line("failed " + OneLine.of(text, OneLine.LONGEST_MESSAGE));
    end();
  }

  private boolean line(String line) {
    if (over) {
      return true;
    }
    try {
      out.write((line + "\n").getBytes(StandardCharsets.UTF_8));
      return true;
    } catch (IOException e) {
      Log.line("the starter has gone");
      return false;
    }
  }

  private void end() {
    over = true;
    int devNull = Posix.open("/dev/null".getBytes(StandardCharsets.UTF_8), Posix.O_RDWR, 0);
    Posix.dup2(devNull, 1); // not closed, so that nothing else becomes descriptor 1
    Posix.close(devNull);
  }
}
