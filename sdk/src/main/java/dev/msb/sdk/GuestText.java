package dev.msb.sdk;

import dev.msb.protocol.Bytes;
import dev.msb.protocol.OneLine;

/// Text of strangers: words and names that come from a guest, an image or a registry.
///
/// Programs get it exactly as it is, see [ProcessInfo#argv], [dev.msb.files.FileInfo] and
/// [ImageInfo]. Before people see it, [#line] makes one printable line of it, which commands no
/// terminal and cannot pass for several lines. The messages of a [SandboxException] are such lines
/// already.
public final class GuestText {
  private GuestText() {}

  /// The text of bytes, such as a name of a file or an argument: UTF-8, and a lone surrogate U+DC80
  /// to U+DCFF for each byte that is no UTF-8, as Python's `surrogateescape` has it. All methods of
  /// this package take such text, and give the guest its very bytes.
  public static String of(byte[] bytes) {
    return Bytes.text(bytes);
  }

  /// The bytes of such text.
  public static byte[] bytes(String text) {
    return Bytes.of(text);
  }

  /// The text as one line of at most 1,024 characters.
  public static String line(String text) {
    return OneLine.of(text);
  }

  /// The text as one line: an escape (`\n`, `\x1b`, `\u202e`) in place of each character that is
  /// not printable, no blanks at its ends, one blank for several. A second pass changes nothing.
  ///
  /// @param most characters; a longer line is cut, and ends with three dots
  public static String line(String text, int most) {
    return OneLine.of(text, most);
  }

  /// All of the text with such escapes, and with its blanks.
  public static String escaped(String text) {
    return OneLine.escaped(text);
  }

  /// Whether a character takes its place in a line and does nothing else.
  public static boolean isPrintable(int codePoint) {
    return OneLine.isPrintable(codePoint);
  }
}
