package dev.msb.cli.output;

import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A JSON object that is being written: its members in the order in which they are added.
public final class JsonObject {
  private final StringBuilder json = new StringBuilder("{");

  public JsonObject text(String name, @Nullable String value) {
    return raw(name, value == null ? "null" : Json.string(value));
  }

  public JsonObject number(String name, @Nullable Long value) {
    return raw(name, String.valueOf(value));
  }

  public JsonObject number(String name, long value) {
    return raw(name, Long.toString(value));
  }

  public JsonObject flag(String name, boolean value) {
    return raw(name, Boolean.toString(value));
  }

  JsonObject texts(String name, Collection<String> values) {
    return raw(name, "[" + String.join(",", values.stream().map(Json::string).toList()) + "]");
  }

  JsonObject texts(String name, Map<String, String> values) {
    JsonObject object = new JsonObject();
    new TreeMap<>(values).forEach(object::text);
    return raw(name, object.toString());
  }

  /// A member whose value is JSON already.
  JsonObject raw(String name, String value) {
    json.append(json.length() > 1 ? "," : "").append(Json.string(name)).append(':').append(value);
    return this;
  }

  @Override
  public String toString() {
    return json + "}";
  }
}
