package dev.msb.cli.output;

import dev.msb.sdk.GuestText;

/// The little JSON that msb writes. What is not printable is escaped, so that it commands no
/// terminal either.
public final class Json {
  private Json() {}

  /// A string, quoted.
  public static String string(String text) {
    StringBuilder json = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        json.append('\\').append(c);
      } else if (!GuestText.isPrintable(c)) {
        String hex = Integer.toHexString(c);
        json.append("\\u").append("0".repeat(4 - hex.length())).append(hex);
      } else {
        json.append(c);
      }
    }
    return json.append('"').toString();
  }
}
