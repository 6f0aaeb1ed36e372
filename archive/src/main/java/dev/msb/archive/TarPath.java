package dev.msb.archive;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Paths in tars. They are bytes: most are UTF-8, none has to be.
public final class TarPath {
  private static final int SHOWN_BYTES = 200;

  private TarPath() {}

  /// The names of a path below the root: without empty ones and `.`, and `..` takes away the name
  /// before it, if there is one. So no path leaves the root.
  public static List<byte[]> clean(byte[] path) {
    List<byte[]> names = new ArrayList<>();
    for (byte[] name : split(path)) {
      if (!isParent(name)) {
        names.add(name);
      } else if (!names.isEmpty()) {
        names.removeLast();
      }
    }
    return names;
  }

  /// The names of a path without empty ones and `.`; those that are `..` are kept.
  public static List<byte[]> split(byte[] path) {
    List<byte[]> names = new ArrayList<>();
    int start = 0;
    for (int i = 0; i <= path.length; i++) {
      if (i == path.length || path[i] == '/') {
        if (i > start && !(i == start + 1 && path[start] == '.')) {
          names.add(Arrays.copyOfRange(path, start, i));
        }
        start = i + 1;
      }
    }
    return names;
  }

  /// Whether a name is `..`.
  public static boolean isParent(byte[] name) {
    return name.length == 2 && name[0] == '.' && name[1] == '.';
  }

  /// A path for a message: bytes that could disturb a terminal are shown as `\xNN`.
  public static String show(byte[] path) {
    int length = Math.min(path.length, SHOWN_BYTES);
    String end = length < path.length ? "..." : "";
    try {
      String text =
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(path, 0, length)).toString();
      if (text.codePoints().allMatch(TarPath::isPlain)) {
        return '"' + text + end + '"';
      }
    } catch (CharacterCodingException e) {
      // Shown byte by byte.
    }
    StringBuilder text = new StringBuilder("\"");
    for (int i = 0; i < length; i++) {
      int b = path[i] & 0xff;
      if (b >= ' ' && b < 0x7f && b != '\\') {
        text.append((char) b);
      } else {
        text.append("\\x").append(Character.forDigit(b >> 4, 16));
        text.append(Character.forDigit(b & 15, 16));
      }
    }
    return text.append(end).append('"').toString();
  }

  private static boolean isPlain(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.UNASSIGNED ->
          false;
      default -> true;
    };
  }
}
