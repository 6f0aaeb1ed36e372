package dev.msb.image;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import dev.msb.protocol.OneLine;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/// A JSON object that a stranger wrote, read into a tree of bounded size.
///
/// A member that is `null` counts as absent: that is how Go writes an empty list or map. A member
/// of another type than the asked one is an [ImageException]. No message holds a value, as some of
/// what is read here is secret.
final class JsonObject {
  private static final int DEEPEST = 32;
  private static final int MOST_TOKENS = 200_000;

  private static final JsonFactory JSON =
      JsonFactory.builder()
          // interned names are never given back
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(DEEPEST)
                  .maxTokenCount(MOST_TOKENS)
                  .maxNumberLength(64)
                  .build())
          .build();

  /// Stands for numbers that are not 64-bit integers.
  private static final Object OTHER_NUMBER = new Object();

  private final String what;
  private final Map<String, Object> members;

  private JsonObject(String what, Map<String, Object> members) {
    this.what = what;
    this.members = members;
  }

  /// Reads a whole document.
  ///
  /// @param what names the document in messages
  /// @throws ImageException if it is not one JSON object, is nested deeper than 32 or has more than
  ///   200,000 tokens
  static JsonObject parse(byte[] bytes, String what) throws ImageException {
    try (JsonParser parser = JSON.createParser(bytes)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new ImageException(what + " is not a JSON object");
      }
      JsonObject object = new JsonObject(what, members(parser, what));
      if (parser.nextToken() != null) {
        throw new ImageException(what + " goes on after its end");
      }
      return object;
    } catch (ImageException e) {
      throw e;
    } catch (StreamConstraintsException e) {
      throw new ImageException(what + " is nested too deep or has too many parts");
    } catch (JsonProcessingException e) {
      // not the parser's message: it quotes the text
      String place =
          e.getLocation() == null
              ? ""
              : " (line "
                  + e.getLocation().getLineNr()
                  + ", column "
                  + e.getLocation().getColumnNr()
                  + ")";
      throw new ImageException(what + " is not JSON" + place);
    } catch (IOException e) {
      // bytes that are no UTF-8
      throw new ImageException(what + " is not JSON");
    }
  }

  private static Map<String, Object> members(JsonParser parser, String what) throws IOException {
    Map<String, Object> members = new LinkedHashMap<>();
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      parser.nextToken();
      if (parser.currentToken() == JsonToken.VALUE_NULL) {
        members.remove(name);
      } else {
        members.put(name, value(parser, what + ", \"" + shown(name) + "\""));
      }
    }
    return members;
  }

  // As deep as the parser allows.
  private static Object value(JsonParser parser, String what) throws IOException {
    return switch (parser.currentToken()) {
      case START_OBJECT -> new JsonObject(what, members(parser, what));
      case START_ARRAY -> {
        List<Object> elements = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          elements.add(value(parser, what));
        }
        yield elements;
      }
      case VALUE_STRING -> parser.getText();
      case VALUE_NUMBER_INT ->
          parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER
              ? OTHER_NUMBER
              : (Object) parser.getLongValue();
      case VALUE_NUMBER_FLOAT -> OTHER_NUMBER;
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      default -> OTHER_NUMBER; // null in a list, which nobody may ask for
    };
  }

  /// Whether there is such a member.
  boolean has(String name) {
    return members.containsKey(name);
  }

  /// The names of the members, in their order.
  Set<String> names() {
    return members.keySet();
  }

  Optional<String> string(String name) throws ImageException {
    Object value = members.get(name);
    if (value == null) {
      return Optional.empty();
    }
    if (value instanceof String text) {
      return Optional.of(text);
    }
    throw wrong(name, "a string");
  }

  OptionalLong number(String name) throws ImageException {
    Object value = members.get(name);
    if (value == null) {
      return OptionalLong.empty();
    }
    if (value instanceof Long number) {
      return OptionalLong.of(number);
    }
    throw wrong(name, "a whole number of 64 bits");
  }

  Optional<JsonObject> object(String name) throws ImageException {
    Object value = members.get(name);
    if (value == null) {
      return Optional.empty();
    }
    if (value instanceof JsonObject object) {
      return Optional.of(object);
    }
    throw wrong(name, "an object");
  }

  /// The objects of a list; none if it is absent.
  List<JsonObject> objects(String name) throws ImageException {
    List<JsonObject> objects = new ArrayList<>();
    for (Object element : list(name)) {
      if (!(element instanceof JsonObject object)) {
        throw wrong(name, "a list of objects");
      }
      objects.add(object);
    }
    return List.copyOf(objects);
  }

  /// The strings of a list; none if it is absent.
  List<String> strings(String name) throws ImageException {
    List<String> strings = new ArrayList<>();
    for (Object element : list(name)) {
      if (!(element instanceof String string)) {
        throw wrong(name, "a list of strings");
      }
      strings.add(string);
    }
    return List.copyOf(strings);
  }

  /// An object all of whose members are strings; empty if it is absent.
  Map<String, String> stringMap(String name) throws ImageException {
    Optional<JsonObject> object = object(name);
    if (object.isEmpty()) {
      return Map.of();
    }
    Map<String, String> map = new LinkedHashMap<>();
    for (Map.Entry<String, Object> member : object.get().members.entrySet()) {
      if (!(member.getValue() instanceof String string)) {
        throw wrong(name, "an object of strings");
      }
      map.put(member.getKey(), string);
    }
    return Map.copyOf(map);
  }

  /// Reads a digest that stands in this.
  Digest digest(String text) throws ImageException {
    try {
      return Digest.parse(text);
    } catch (IllegalArgumentException e) {
      throw new ImageException(
          what + " has a digest that is not sha256:HEX: " + OneLine.of(text, 80), e);
    }
  }

  /// What an absent member is reported as.
  ImageException lacks(String name) {
    return new ImageException(what + " lacks \"" + name + "\"");
  }

  /// What this is, for messages.
  String what() {
    return what;
  }

  private List<?> list(String name) throws ImageException {
    Object value = members.get(name);
    if (value == null) {
      return List.of();
    }
    if (value instanceof List<?> list) {
      return list;
    }
    throw wrong(name, "a list");
  }

  private ImageException wrong(String name, String wanted) {
    return new ImageException(what + ": \"" + name + "\" is not " + wanted);
  }

  private static String shown(String name) {
    return OneLine.of(name, 40);
  }
}
