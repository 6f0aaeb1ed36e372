package dev.msb.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What the part "JSON" of `docs/cli.md` promises of one output.
///
/// @param members each with its type, as it is described
record JsonPromise(Map<String, String> members) {
  private static final Pattern TITLE = Pattern.compile("### `(?:--)?([a-z -]+)`.*");
  private static final Pattern MEMBER = Pattern.compile("\\| `(\\w+)` \\| ([^|]+) \\| .+ \\|");
  private static final Pattern ALL_OF = Pattern.compile(".*All of `(\\w+)`, and:");

  /// The promises of all outputs, by their names in the directory of golden files.
  static Map<String, JsonPromise> all() throws IOException {
    Map<String, JsonPromise> all = new LinkedHashMap<>();
    Map<String, String> members = new LinkedHashMap<>();
    for (String line : section(Golden.documentation(), "JSON")) {
      Matcher title = TITLE.matcher(line);
      Matcher member = MEMBER.matcher(line);
      Matcher allOf = ALL_OF.matcher(line);
      if (title.matches()) {
        members = new LinkedHashMap<>();
        all.put(title.group(1).replace(' ', '-'), new JsonPromise(members));
      } else if (member.matches()) {
        members.put(member.group(1), member.group(2));
      } else if (allOf.matches()) {
        members.putAll(among(all, allOf.group(1)).members);
      }
    }
    return all;
  }

  static JsonPromise of(String output) throws IOException {
    return among(all(), output);
  }

  private static JsonPromise among(Map<String, JsonPromise> promises, String output) {
    JsonPromise promise = promises.get(output);
    if (promise == null) {
      throw new AssertionError("docs/cli.md does not describe the JSON of " + output);
    }
    return promise;
  }

  private static List<String> section(String document, String title) {
    List<String> lines = document.lines().dropWhile(line -> !line.equals("## " + title)).toList();
    return lines.stream().skip(1).takeWhile(line -> !line.startsWith("## ")).toList();
  }

  /// Checks examples that are to show all that there can be: each member, and each null.
  void check(String json) throws IOException {
    Set<String> seen = new HashSet<>();
    Set<String> seenNull = new HashSet<>();
    for (Map<String, String> object : objects(json)) {
      assertThat(members.keySet()).containsAll(object.keySet());
      object.forEach((name, type) -> {
        String promised = members.getOrDefault(name, "");
        boolean kept =
            type.equals("null") ? promised.endsWith("or null") : promised.startsWith(type);
        assertThat(kept).as("%s is %s, promised is %s", name, type, promised).isTrue();
        (type.equals("null") ? seenNull : seen).add(name);
      });
      members.forEach((name, type) -> {
        if (!type.endsWith("optional")) {
          assertThat(object).containsKey(name);
        }
      });
    }
    assertThat(seen).containsExactlyInAnyOrderElementsOf(members.keySet());
    members.forEach((name, type) ->
        assertThat(seenNull.contains(name)).as(name).isEqualTo(type.endsWith("or null")));
  }

  /// The members' types of the objects in an array, or one after the other.
  private static List<Map<String, String>> objects(String json) throws IOException {
    List<Map<String, String>> objects = new ArrayList<>();
    try (JsonParser parser = new JsonFactory().createParser(json)) {
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        if (token == JsonToken.START_OBJECT) {
          objects.add(new LinkedHashMap<>());
        } else if (token == JsonToken.FIELD_NAME) {
          String name = parser.currentName();
          objects.getLast().put(name, type(parser));
        }
      }
    }
    return objects;
  }

  private static String type(JsonParser parser) throws IOException {
    return switch (parser.nextToken()) {
      case VALUE_STRING -> "string";
      case VALUE_NUMBER_INT -> "number";
      case VALUE_TRUE, VALUE_FALSE -> "boolean";
      case VALUE_NULL -> "null";
      case START_ARRAY -> {
        JsonToken first = parser.nextToken();
        boolean ofObjects = first == JsonToken.START_OBJECT;
        boolean empty = first == JsonToken.END_ARRAY;
        skipToEndOfArray(parser, first);
        yield empty ? "array of" : ofObjects ? "array of objects" : "array of strings";
      }
      case START_OBJECT -> {
        parser.skipChildren();
        yield "object";
      }
      default -> throw new AssertionError("unexpected " + parser.currentToken());
    };
  }

  private static void skipToEndOfArray(JsonParser parser, JsonToken first) throws IOException {
    for (JsonToken token = first; token != JsonToken.END_ARRAY; token = parser.nextToken()) {
      parser.skipChildren();
    }
  }
}
