package dev.msb.image;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;

/// The little JSON that we write.
final class Json {
  private static final JsonFactory JSON = new JsonFactory();

  private Json() {}

  /// A descriptor as an object.
  static String descriptor(Descriptor descriptor) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(text)) {
      json.writeStartObject();
      json.writeStringField("mediaType", descriptor.mediaType());
      json.writeStringField("digest", descriptor.digest().toString());
      json.writeNumberField("size", descriptor.size());
      if (!descriptor.annotations().isEmpty()) {
        json.writeObjectFieldStart("annotations");
        for (var annotation : descriptor.annotations().entrySet()) {
          json.writeStringField(annotation.getKey(), annotation.getValue());
        }
        json.writeEndObject();
      }
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("a string cannot be written to", e);
    }
    return text.toString();
  }
}
