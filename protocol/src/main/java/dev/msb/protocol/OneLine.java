package dev.msb.protocol;

/// Text of strangers as one printable line: it commands no terminal, and nothing in it can pass for
/// a line of ours.
///
/// What a guest, a client, a registry or an image sends as text for people goes through here where
/// it enters, and all that is written to a terminal goes through here once more. A second pass
/// changes nothing.
///
/// What is not printable is shown as an escape: `\n`, `\x1b`, `\u202e`; a byte that is no UTF-8
/// (see [Bytes]) as `\xff`. Printable is what Python's `str.isprintable` takes for it, without
/// letters that look like blanks. Blanks at both ends are dropped, and a run of them is shown as
/// one, so that nobody can fill a terminal's row with them and go on in the next.
public final class OneLine {
  /// The longest text of a guest, in characters.
  public static final int LONGEST = 1024;

  /// The longest message in characters, which may have paths in it.
  public static final int LONGEST_MESSAGE = 16 * 1024;

  private static final String CUT = "...";
  private static final String HEX = "0123456789abcdef";

  private OneLine() {}

  /// The text as a line of at most [#LONGEST] characters.
  public static String of(String text) {
    return of(text, LONGEST);
  }

  /// The text as a line of at most `longest` characters. One that is longer is cut, and ends with
  /// three dots.
  public static String of(String text, int longest) {
    if (isPlain(text) && text.length() <= longest) {
      return text;
    }
    StringBuilder line = new StringBuilder(Math.min(text.length(), longest) + 16);
    boolean blank = false;
    int uncut = 0;
    int next;
    for (int i = 0; i < text.length() && line.length() <= longest; i = next) {
      int c = text.codePointAt(i);
      next = i + Character.charCount(c);
      if (c == ' ') {
        blank = !line.isEmpty();
        continue;
      }
      if (blank) {
        line.append(' ');
        blank = false;
      }
      append(line, c);
      if (line.length() <= longest - CUT.length()) {
        uncut = line.length();
      }
    }
    if (line.length() > longest) {
      line.setLength(uncut);
      line.append(CUT);
    }
    return line.toString();
  }

  /// The text with an escape in place of each character that is not printable: all of it, and with
  /// its blanks. A line of it that is shown alone can fill a terminal's rows.
  public static String escaped(String text) {
    StringBuilder escaped = new StringBuilder(text.length() + 16);
    int next;
    for (int i = 0; i < text.length(); i = next) {
      int c = text.codePointAt(i);
      next = i + Character.charCount(c);
      append(escaped, c);
    }
    return escaped.toString();
  }

  /// Whether there is nothing to do, as in most cases.
  private static boolean isPlain(String text) {
    char last = ' ';
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < ' ' || c > '~' || (c == ' ' && last == ' ')) {
        return false;
      }
      last = c;
    }
    return text.isEmpty() || last != ' ';
  }

  /// Whether a character takes its place in a line, and does nothing else.
  public static boolean isPrintable(int codePoint) {
    if (codePoint < 0x7f) {
      return codePoint >= ' ';
    }
    return switch (codePoint) {
      case 0x115f, 0x1160, 0x2800, 0x3164, 0xffa0 -> false; // letters that look like blanks
      default ->
          switch (Character.getType(codePoint)) {
            case Character.CONTROL,
                Character.FORMAT,
                Character.SURROGATE,
                Character.PRIVATE_USE,
                Character.UNASSIGNED,
                Character.LINE_SEPARATOR,
                Character.PARAGRAPH_SEPARATOR,
                Character.SPACE_SEPARATOR ->
                false;
            default -> true;
          };
    };
  }

  private static void append(StringBuilder line, int c) {
    if (isPrintable(c)) {
      line.appendCodePoint(c);
    } else if (c == '\n') {
      line.append("\\n");
    } else if (c == '\r') {
      line.append("\\r");
    } else if (c == '\t') {
      line.append("\\t");
    } else if (c < 0x80) {
      hex(line.append("\\x"), c, 2);
    } else if (c >= 0xdc80 && c <= 0xdcff) {
      hex(line.append("\\x"), c & 0xff, 2);
    } else if (c <= 0xffff) {
      hex(line.append("\\u"), c, 4);
    } else {
      hex(line.append("\\U"), c, 8);
    }
  }

  private static void hex(StringBuilder line, int value, int digits) {
    for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) {
      line.append(HEX.charAt(value >>> shift & 0xf));
    }
  }
}
