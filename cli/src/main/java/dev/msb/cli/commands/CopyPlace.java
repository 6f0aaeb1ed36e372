package dev.msb.cli.commands;

import dev.msb.cli.words.UsageException;
import org.jspecify.annotations.Nullable;

/// One end of `msb cp`, as it was written.
///
/// @param sandbox null for this machine
/// @param path `-` of this machine is stdin or stdout
record CopyPlace(@Nullable String sandbox, String path) {
  /// `SANDBOX:PATH`, `PATH` or `-`. What begins with a slash or a dot is a path here, also with a
  /// colon. A path of a sandbox begins at its root.
  static CopyPlace parse(String word) throws UsageException {
    if (word.isEmpty()) {
      throw new UsageException("cp: an empty path");
    }
    int colon = word.indexOf(':');
    int slash = word.indexOf('/');
    boolean here = colon <= 0 || word.startsWith(".") || (slash >= 0 && slash < colon);
    if (here) {
      return new CopyPlace(null, word);
    }
    String path = word.substring(colon + 1);
    return new CopyPlace(word.substring(0, colon), path.startsWith("/") ? path : "/" + path);
  }

  boolean isStream() {
    return sandbox == null && path.equals("-");
  }

  /// Whether it says that it is a directory.
  boolean endsWithSlash() {
    return path.endsWith("/") || meansContents();
  }

  /// Whether it is what a directory has in it, and not the directory.
  boolean meansContents() {
    return path.equals(".") || path.endsWith("/.") || path.equals("/");
  }

  /// The last name of the path: empty for the root and for what ends in `..`.
  String name() {
    int end = path.length();
    while (end > 0 && path.charAt(end - 1) == '/') {
      end--;
    }
    String name = path.substring(path.lastIndexOf('/', end - 1) + 1, end);
    return name.equals("..") || name.equals(".") ? "" : name;
  }

  @Override
  public String toString() {
    return sandbox == null ? path : sandbox + ":" + path;
  }
}
