package dev.msb.cli.commands;

import dev.msb.cli.output.JsonObject;
import dev.msb.sdk.LoggedOutput;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;

/// A line of an exec's output.
///
/// @param time when its first byte came
/// @param bytes as they are; the last is the line's end, but for an unfinished or a very long line
@SuppressWarnings("ArrayRecordComponent") // lines are never compared
public record LogLine(Instant time, long exec, LoggedOutput.Source source, byte[] bytes) {
  boolean isFinished() {
    return bytes[bytes.length - 1] == '\n';
  }

  /// Without its end; what is no UTF-8 is replaced.
  String text() {
    return new String(bytes, 0, bytes.length - (isFinished() ? 1 : 0), StandardCharsets.UTF_8);
  }

  /// As it is, behind its time.
  byte[] stamped() {
    byte[] stamp = (time + " ").getBytes(StandardCharsets.US_ASCII);
    byte[] stamped = Arrays.copyOf(stamp, stamp.length + bytes.length);
    System.arraycopy(bytes, 0, stamped, stamp.length, bytes.length);
    return stamped;
  }

  /// As `docs/cli.md` says.
  public JsonObject json() {
    JsonObject json = new JsonObject();
    json.text("time", time.toString()).number("exec", exec);
    json.text("stream", source == LoggedOutput.Source.STDOUT ? "stdout" : "stderr");
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
      json.text("text", text());
    } catch (CharacterCodingException e) {
      int length = bytes.length - (isFinished() ? 1 : 0);
      ByteBuffer line = Base64.getEncoder().encode(ByteBuffer.wrap(bytes, 0, length));
      json.text("base64", StandardCharsets.ISO_8859_1.decode(line).toString());
    }
    return isFinished() ? json : json.flag("unfinished", true);
  }
}
