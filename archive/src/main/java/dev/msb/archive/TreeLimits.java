package dev.msb.archive;

import java.io.IOException;

/// The limits of a tree whose makers may be hostile. Each method counts, and fails where it is too
/// much.
public interface TreeLimits {
  /// One more entry.
  void entry() throws IOException;

  /// So many bytes more of names, links and attributes, which are held in memory.
  void metadata(long bytes) throws IOException;

  /// An entry below so many directories.
  void depth(int directories) throws IOException;

  /// An entry whose extended attributes take so many bytes.
  void xattrs(long bytes) throws IOException;
}
