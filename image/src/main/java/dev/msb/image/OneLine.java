package dev.msb.image;

/// Makes text of strangers fit to be shown: one line, no control characters, not long.
final class OneLine {
  private OneLine() {}

  /// At most `longest` characters of the text, with what a terminal could take for a command or for
  /// the end of the line replaced by spaces.
  static String of(String text, int longest) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean plain = !Character.isISOControl(c) && Character.getType(c) != Character.FORMAT;
      char shown = plain && c != '\u2028' && c != '\u2029' ? c : ' ';
      if (shown == ' ' && (line.isEmpty() || line.charAt(line.length() - 1) == ' ')) {
        continue;
      }
      if (line.length() == longest) {
        return line.toString().strip() + "...";
      }
      line.append(shown);
    }
    return line.toString().strip();
  }
}
