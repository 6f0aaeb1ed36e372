package dev.msb.cli.commands;

import dev.msb.sdk.LoggedOutput;
import java.io.ByteArrayOutputStream;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/// Puts pieces of output together to lines, each stream of each exec for itself, and passes on
/// those that are wanted.
final class LogLines {
  /// A longer line is cut: a command may write without ever ending one.
  private static final int LONGEST = 64 * 1024;

  private record Stream(long exec, LoggedOutput.Source source) {}

  private static final class Begun {
    private final Instant time;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    Begun(Instant time) {
      this.time = time;
    }
  }

  private final LogFilter filter;
  private final Consumer<LogLine> lines;
  private final Map<Stream, Begun> begun = new LinkedHashMap<>();

  LogLines(LogFilter filter, Consumer<LogLine> lines) {
    this.filter = filter;
    this.lines = lines;
  }

  void add(LoggedOutput output) {
    if (!filter.takes(output)) {
      return;
    }
    Stream stream = new Stream(output.exec(), output.source());
    if (!output.bytes().hasRemaining()) {
      endOf(stream);
    }
    while (output.bytes().hasRemaining()) {
      byte b = output.bytes().get();
      Begun line = begun.computeIfAbsent(stream, s -> new Begun(output.time()));
      line.bytes.write(b);
      if (b == '\n' || line.bytes.size() == LONGEST) {
        begun.remove(stream);
        end(stream, line);
      }
    }
  }

  private void endOf(Stream stream) {
    Begun line = begun.remove(stream);
    if (line != null) {
      end(stream, line);
    }
  }

  /// Nothing more comes: unfinished lines are over.
  void end() {
    begun.forEach(this::end);
    begun.clear();
  }

  private void end(Stream stream, Begun line) {
    LogLine whole = new LogLine(line.time, stream.exec, stream.source, line.bytes.toByteArray());
    if (filter.takes(whole)) {
      lines.accept(whole);
    }
  }
}
