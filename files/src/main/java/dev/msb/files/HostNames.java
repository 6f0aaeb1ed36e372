package dev.msb.files;

import dev.msb.protocol.Bytes;
import java.net.URI;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.util.HexFormat;

/// Names of files of this machine as the bytes that Linux has, which Java's paths keep but do not
/// tell: only their URI does. Elsewhere a path is its text.
final class HostNames {
  private HostNames() {}

  /// The last part of a path, as a name for the guest.
  static String name(Path path) {
    Path name = path.getFileName();
    if (name == null) {
      return "";
    }
    return text(name);
  }

  /// A path as text for the guest.
  static String text(Path path) {
    String text = path.toString();
    if (text.indexOf('\ufffd') < 0 || !isOurs(path)) {
      return text;
    }
    // A relative one is made absolute by its URI.
    String raw = FileSystems.getDefault().getPath("/").resolve(path).toUri().getRawPath();
    byte[] bytes = new byte[raw.length()];
    int length = 0;
    for (int i = path.isAbsolute() ? 0 : 1; i < raw.length(); i++) {
      if (raw.charAt(i) == '%') {
        bytes[length++] = (byte) HexFormat.fromHexDigits(raw, i + 1, i + 3);
        i += 2;
      } else {
        bytes[length++] = (byte) raw.charAt(i);
      }
    }
    boolean slash = length > 1 && bytes[length - 1] == '/';
    return Bytes.text(java.util.Arrays.copyOf(bytes, slash ? length - 1 : length));
  }

  private static boolean isOurs(Path path) {
    return path.getFileSystem().equals(FileSystems.getDefault());
  }

  /// A path for a host directory's file system.
  ///
  /// @throws java.nio.file.InvalidPathException if it cannot be said there
  static Path path(Path like, String text) {
    boolean ascii = text.chars().allMatch(c -> c < 0x80);
    if (ascii || !isOurs(like)) {
      return like.getFileSystem().getPath(text);
    }
    StringBuilder uri = new StringBuilder("file://");
    boolean absolute = text.startsWith("/");
    if (!absolute) {
      uri.append('/');
    }
    for (byte b : Bytes.of(text)) {
      boolean plain = b == '/' || (b >= '0' && b <= '9') || (b >= 'a' && b <= 'z');
      if (plain) {
        uri.append((char) b);
      } else {
        uri.append('%').append(HexFormat.of().toHexDigits(b));
      }
    }
    Path path = Path.of(URI.create(uri.toString()));
    return absolute ? path : path.subpath(0, path.getNameCount());
  }
}
