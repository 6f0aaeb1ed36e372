package dev.msb.protocol;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/// Strings that are bytes to the guest's kernel (arguments, environment, paths) and text to Java.
///
/// Valid UTF-8 becomes text. Anything else is kept byte for byte: each byte that cannot be decoded
/// becomes a lone surrogate U+DC80 to U+DCFF, as Python's `surrogateescape` does (PEP 383).
public final class Bytes {
  private Bytes() {}

  /// The text of some bytes.
  public static String text(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    return text.indexOf('\ufffd') < 0 ? text : escaped(bytes);
  }

  /// The bytes of a text.
  public static byte[] of(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (isEscape(text, i)) {
        return unescaped(text);
      }
    }
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /// How many bytes a text is to the guest, if that may be more than so many. A text that cannot be
  /// is not counted.
  ///
  /// @return 0 if it is not more
  public static int excess(String text, int most) {
    if (text.length() <= most / 3) {
      return 0;
    }
    int bytes = of(text).length;
    return bytes > most ? bytes : 0;
  }

  private static boolean isEscape(String text, int i) {
    char c = text.charAt(i);
    return c >= '\udc80'
        && c <= '\udcff'
        && (i == 0 || !Character.isHighSurrogate(text.charAt(i - 1)));
  }

  private static String escaped(byte[] bytes) {
    StringBuilder text = new StringBuilder(bytes.length);
    int i = 0;
    while (i < bytes.length) {
      int length = sequenceLength(bytes, i);
      if (length == 0) {
        text.append((char) (0xdc00 | (bytes[i] & 0xff)));
        i++;
      } else {
        text.append(new String(bytes, i, length, StandardCharsets.UTF_8));
        i += length;
      }
    }
    return text.toString();
  }

  /// The length of the valid UTF-8 sequence at `i`, 0 if there is none.
  private static int sequenceLength(byte[] bytes, int i) {
    int first = bytes[i] & 0xff;
    int length = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 0;
    if (length == 0 || i + length > bytes.length) {
      return 0;
    }
    return new String(bytes, i, length, StandardCharsets.UTF_8).indexOf('\ufffd') < 0
            || isReplacementCharacter(bytes, i, length)
        ? length
        : 0;
  }

  private static boolean isReplacementCharacter(byte[] bytes, int i, int length) {
    return length == 3
        && (bytes[i] & 0xff) == 0xef
        && (bytes[i + 1] & 0xff) == 0xbf
        && (bytes[i + 2] & 0xff) == 0xbd;
  }

  private static byte[] unescaped(String text) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length() + 16);
    int i = 0;
    while (i < text.length()) {
      if (isEscape(text, i)) {
        bytes.write(text.charAt(i) & 0xff);
        i++;
      } else {
        int next = i + Character.charCount(text.codePointAt(i));
        bytes.writeBytes(text.substring(i, next).getBytes(StandardCharsets.UTF_8));
        i = next;
      }
    }
    return bytes.toByteArray();
  }
}
