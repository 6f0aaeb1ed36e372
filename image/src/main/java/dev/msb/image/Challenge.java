package dev.msb.image;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// How a registry wants to be told who asks: one challenge of a `WWW-Authenticate` header.
///
/// @param scheme in lower case, `bearer` or `basic`
/// @param parameters by their names in lower case
record Challenge(String scheme, Map<String, String> parameters) {
  private static final int LONGEST_HEADER = 8 * 1024;

  /// All challenges of all headers, in their order. What cannot be read is left out.
  static List<Challenge> parse(List<String> headers) {
    List<Challenge> challenges = new ArrayList<>();
    for (String header : headers) {
      if (header.length() <= LONGEST_HEADER) {
        new Reader(header).read(challenges);
      }
    }
    return challenges;
  }

  String parameter(String name) {
    return parameters.getOrDefault(name, "");
  }

  /// `SCHEME name=value, name="value", SCHEME ...`: a word is a parameter if `=` follows it, else
  /// it starts the next challenge.
  private static final class Reader {
    private final String text;
    private int at;

    Reader(String text) {
      this.text = text;
    }

    void read(List<Challenge> into) {
      Map<String, String> parameters = new HashMap<>();
      while (true) {
        skip(" \t,");
        String word = word();
        if (word.isEmpty()) {
          return;
        }
        int end = at;
        skip(" \t");
        if (at < text.length() && text.charAt(at) == '=') {
          at++;
          skip(" \t");
          parameters.putIfAbsent(word.toLowerCase(Locale.ROOT), value());
        } else {
          at = end;
          parameters = new HashMap<>();
          into.add(new Challenge(word.toLowerCase(Locale.ROOT), parameters));
        }
      }
    }

    private String value() {
      if (at >= text.length() || text.charAt(at) != '"') {
        return word();
      }
      StringBuilder value = new StringBuilder();
      for (at++; at < text.length() && text.charAt(at) != '"'; at++) {
        if (text.charAt(at) == '\\' && at + 1 < text.length()) {
          at++;
        }
        value.append(text.charAt(at));
      }
      at++;
      return value.toString();
    }

    private String word() {
      int start = at;
      while (at < text.length() && " \t,=\"".indexOf(text.charAt(at)) < 0) {
        at++;
      }
      return text.substring(start, Math.min(at, text.length()));
    }

    private void skip(String characters) {
      while (at < text.length() && characters.indexOf(text.charAt(at)) >= 0) {
        at++;
      }
    }
  }
}
