package dev.msb.supervisor;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.msb.posix.Posix;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/// QEMU's machine protocol: one JSON object a line, in both directions.
///
/// ```
///   QEMU: {"QMP": {...}}                                   greeting
///   us:   {"execute": "qmp_capabilities"}
///   QEMU: {"return": {}}                                   or {"error": {"class", "desc"}}
///   QEMU: {"event": "SHUTDOWN", "data": {...}, ...}        at any time, also ahead of a return
/// ```
///
/// Everything here runs in one thread.
final class Qmp {
  private static final int LONGEST_LINE_BYTES = 1024 * 1024;
  private static final JsonFactory JSON = new JsonFactory();
  private static final String NOTHING = "{\"event\":\"\",\"data\":{\"reason\":\"\"}}";

  private final int fd;
  private final ByteBuffer input = ByteBuffer.allocateDirect(8 * 1024);
  private final StringBuilder line = new StringBuilder();
  private final ArrayDeque<String> lines = new ArrayDeque<>();
  private final ArrayDeque<String> events = new ArrayDeque<>();
  private boolean open = true;
  private String greeting = "";

  /// Over a connected, non-blocking socket.
  Qmp(int fd) {
    this.fd = fd;
  }

  int fd() {
    return fd;
  }

  /// Waits for the greeting and agrees on the plain protocol.
  ///
  /// @throws IOException if QEMU does not answer within the time or at all
  void open(long timeoutMillis) throws IOException {
    long deadline = System.nanoTime() + timeoutMillis * 1_000_000;
    // The parser's first use takes 20 ms, which Java's BigDecimal needs to prepare its powers of
    // five, about as long as QEMU takes to come up; so it is beside that.
    parse(NOTHING);
    greeting = nextLine(deadline);
    execute("{\"execute\":\"qmp_capabilities\"}", timeoutMillis);
  }

  /// The line with which QEMU introduced itself, which has its exact version; empty before [#open].
  String greeting() {
    return greeting;
  }

  /// Waits for one of these events, each given as [#readEvents] gives it, and returns it. Other
  /// events are kept.
  ///
  /// @throws IOException if none comes within the time, or QEMU ends
  String awaitEvent(long timeoutMillis, String... wanted) throws IOException {
    long deadline = System.nanoTime() + timeoutMillis * 1_000_000;
    while (true) {
      for (String event : wanted) {
        if (events.remove(event)) {
          return event;
        }
      }
      Message message = parse(nextLine(deadline));
      if (message.event() != null) {
        events.add(message.event());
      }
    }
  }

  /// Runs a command, given as JSON without line breaks, and waits for its end.
  ///
  /// @throws IOException if it fails, or does not end within the time
  void execute(String command, long timeoutMillis) throws IOException {
    long deadline = System.nanoTime() + timeoutMillis * 1_000_000;
    send(command);
    while (true) {
      Message message = parse(nextLine(deadline));
      if (message.event() != null) {
        events.add(message.event());
      } else if (message.error() != null) {
        throw new IOException("QEMU refused " + command + ": " + message.error());
      } else {
        return;
      }
    }
  }

  /// Sends a command whose answer nobody needs.
  void send(String command) throws IOException {
    byte[] bytes = (command + "\n").getBytes(StandardCharsets.UTF_8);
    ByteBuffer out = ByteBuffer.allocateDirect(bytes.length).put(bytes);
    Posix.check(Posix.write(fd, out, 0, bytes.length), "cannot write to QEMU");
  }

  /// Whether QEMU has not closed its end.
  boolean isOpen() {
    return open;
  }

  /// Agrees on the plain protocol without waiting for the answer, so that events come; does nothing
  /// after [#open].
  ///
  /// @throws IOException if QEMU is gone
  void openLater() throws IOException {
    if (greeting.isEmpty()) {
      send("{\"execute\":\"qmp_capabilities\"}");
    }
  }

  /// The events that have come, without waiting: their names, with the reason or status if there is
  /// one.
  ArrayDeque<String> readEvents() throws IOException {
    open = read();
    while (!lines.isEmpty()) {
      String event = parse(lines.remove()).event();
      if (event != null) {
        events.add(event);
      }
    }
    ArrayDeque<String> all = new ArrayDeque<>(events);
    events.clear();
    return all;
  }

  /// Forgets what has been told so far, which was of the start.
  void forgetEvents() {
    events.clear();
  }

  private String nextLine(long deadlineNanos) throws IOException {
    int[] fds = {fd};
    short[] wanted = {Posix.POLLIN};
    short[] ready = {0};
    while (lines.isEmpty()) {
      long left = (deadlineNanos - System.nanoTime()) / 1_000_000;
      if (left <= 0) {
        throw new IOException("QEMU does not answer");
      }
      Posix.check(Posix.poll(fds, wanted, ready, 1, (int) left + 1), "poll");
      if (ready[0] != 0 && !read()) {
        throw new IOException("QEMU ended");
      }
    }
    return lines.remove();
  }

  private boolean read() throws IOException {
    int count = Posix.read(fd, input, 0, input.capacity());
    if (count == -Posix.EAGAIN) {
      return true;
    }
    for (int i = 0; i < count; i++) {
      char c = (char) (input.get(i) & 0xff);
      if (c == '\n') {
        lines.add(line.toString());
        line.setLength(0);
      } else if (line.length() < LONGEST_LINE_BYTES) {
        line.append(c);
      } else {
        throw new IOException("QEMU sends a line of more than " + LONGEST_LINE_BYTES + " bytes");
      }
    }
    return count > 0;
  }

  /// What matters of a line; both null for a return.
  private record Message(@Nullable String event, @Nullable String error) {}

  private static Message parse(String json) throws IOException {
    String event = null;
    String error = null;
    String reason = "";
    try (JsonParser parser = JSON.createParser(json)) {
      parser.nextToken();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        parser.nextToken();
        switch (name) {
          case "event" -> event = parser.getText();
          case "data" -> reason = member(parser, "reason", "status");
          case "error" -> error = member(parser, "desc", "desc");
          default -> parser.skipChildren();
        }
      }
    }
    return new Message(event == null ? null : (event + " " + reason).strip(), error);
  }

  /// The text of one of two members of the object that follows; the empty string if it has none.
  private static String member(JsonParser parser, String wanted, String orWanted)
      throws IOException {
    String text = "";
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      parser.nextToken();
      if (name.equals(wanted) || name.equals(orWanted)) {
        text = parser.getText();
      } else {
        parser.skipChildren();
      }
    }
    return text;
  }
}
