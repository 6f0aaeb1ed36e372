package dev.msb.image;

import dev.msb.protocol.OneLine;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.zip.GZIPInputStream;

/// An answer of which the headers are there. Closing it gives up the rest of its body.
final class Response implements AutoCloseable {
  private static final int LARGEST_ERROR_BYTES = 64 * 1024;

  private final HttpResponse<Body> response;
  private final Duration stallTimeout;
  private final List<String> secrets;

  /// @param secrets what must not be shown, should the server repeat it
  Response(HttpResponse<Body> response, Duration stallTimeout, List<String> secrets) {
    this.response = response;
    this.stallTimeout = stallTimeout;
    this.secrets = secrets;
  }

  int status() {
    return response.statusCode();
  }

  Optional<String> header(String name) {
    return response.headers().firstValue(name);
  }

  List<String> headers(String name) {
    return response.headers().allValues(name);
  }

  /// Whether a person rather than a registry is spoken to, such as by the login page of a network.
  boolean isHtml() {
    return header("Content-Type").orElse("").toLowerCase(Locale.ROOT).startsWith("text/html");
  }

  /// Takes the next bytes.
  ///
  /// @return empty at the end
  List<ByteBuffer> next() throws IOException, InterruptedException {
    while (true) {
      List<ByteBuffer> buffers = response.body().next(stallTimeout);
      if (buffers == null) {
        return List.of();
      }
      if (!buffers.isEmpty()) {
        return buffers;
      }
    }
  }

  /// Takes the whole body, of at most `limit` bytes and one, so that the caller can tell.
  byte[] read(int limit) throws IOException, InterruptedException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    while (true) {
      List<ByteBuffer> buffers = next();
      if (buffers.isEmpty()) {
        return bytes.toByteArray();
      }
      for (ByteBuffer buffer : buffers) {
        byte[] piece = new byte[Math.min(buffer.remaining(), limit + 1 - bytes.size())];
        buffer.get(piece);
        bytes.writeBytes(piece);
      }
      if (bytes.size() > limit) {
        return bytes.toByteArray();
      }
    }
  }

  /// What the registry says of an error, in one line with ": " before; empty if it says nothing
  /// that can be shown.
  String reason() throws InterruptedException {
    try {
      byte[] body = read(LARGEST_ERROR_BYTES);
      if (header("Content-Encoding").orElse("").equalsIgnoreCase("gzip")) {
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(body))) {
          body = in.readNBytes(LARGEST_ERROR_BYTES);
        }
      }
      if (isHtml()) {
        return "";
      }
      if (body.length == 0 || body[0] != '{') {
        return text(new String(body, StandardCharsets.UTF_8));
      }
      JsonObject json = JsonObject.parse(body, "the error");
      List<JsonObject> errors = json.objects("errors");
      Optional<String> message =
          errors.isEmpty() ? Optional.empty() : errors.getFirst().string("message");
      if (message.isEmpty() && !errors.isEmpty()) {
        message = errors.getFirst().string("code");
      }
      // what the token servers of some registries send
      return text(message.or(() -> details(json)).orElse(""));
    } catch (IOException e) {
      return ""; // the status alone has to do
    }
  }

  private static Optional<String> details(JsonObject json) {
    for (String name : List.of("details", "error_description", "message")) {
      try {
        Optional<String> text = json.string(name);
        if (text.isPresent()) {
          return text;
        }
      } catch (ImageException e) {
        // of another type, so it is something else
      }
    }
    return Optional.empty();
  }

  private String text(String reason) {
    if (secrets.stream().anyMatch(reason::contains)) {
      return "";
    }
    String line = OneLine.of(reason, 160);
    return line.isEmpty() ? "" : ": " + line;
  }

  @Override
  public void close() {
    response.body().close();
  }
}
