package dev.msb.cli.commands;

import java.nio.file.FileSystemException;

/// Where `msb cp` puts what it copies: docker cp's rules, which are those of `cp -a` but for a
/// source that ends in `/.`.
final class CopyRules {
  /// What is at a place.
  enum Kind {
    /// Nothing.
    NONE,
    /// A directory, or a link to one.
    DIRECTORY,
    /// Anything else.
    FILE
  }

  private CopyRules() {}

  /// Whether the copy goes into the target, under the source's name, and not to the target itself.
  ///
  /// @throws FileSystemException if there is no such copy
  static boolean goesInto(CopyPlace from, Kind source, CopyPlace to, Kind target)
      throws FileSystemException {
    if (source != Kind.DIRECTORY && from.endsWithSlash()) {
      throw new FileSystemException(from.path(), null, "no directory");
    }
    return switch (target) {
      case DIRECTORY -> !(source == Kind.DIRECTORY && (from.meansContents() || noName(from)));
      case FILE -> {
        if (source == Kind.DIRECTORY || to.endsWithSlash()) {
          throw new FileSystemException(to.path(), null, "no directory");
        }
        yield false;
      }
      case NONE -> {
        if (source != Kind.DIRECTORY && to.endsWithSlash()) {
          throw new FileSystemException(to.path(), null, "the directory is not there");
        }
        yield false;
      }
    };
  }

  private static boolean noName(CopyPlace place) {
    return place.name().isEmpty();
  }
}
