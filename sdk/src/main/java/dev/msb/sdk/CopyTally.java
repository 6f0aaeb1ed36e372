package dev.msb.sdk;

import java.nio.file.FileSystemException;
import java.util.ArrayList;
import java.util.List;

/// Counts what a copy does, tells its listener, and stops it at its limits. One thread's.
final class CopyTally {
  private static final int MOST_NAMED = 100;

  private final CopyOptions options;
  private long files;
  private long directories;
  private long links;
  private long bytes;
  private long skippedCount;
  private final List<String> skipped = new ArrayList<>();

  CopyTally(CopyOptions options) {
    this.options = options;
  }

  void begin(String path, FileInfo.Type type) throws FileSystemException {
    switch (type) {
      case REGULAR -> files++;
      case DIRECTORY -> directories++;
      case SYMBOLIC_LINK -> links++;
      case SPECIAL -> {}
    }
    if (files + directories + links > options.maxFiles()) {
      throw new FileSystemException(
          path, null, "more than the " + options.maxFiles() + " files that may be copied");
    }
    options.listener().begins(path);
  }

  /// Before these bytes are written.
  void content(String path, int count) throws FileSystemException {
    if (bytes > options.maxBytes() - count) {
      throw new FileSystemException(
          path, null, "more than the " + options.maxBytes() + " bytes that may be copied");
    }
    bytes += count;
    options.listener().copied(bytes);
  }

  void skip(String path) {
    skippedCount++;
    if (skipped.size() < MOST_NAMED) {
      skipped.add(path);
    }
    options.listener().skipped(path);
  }

  CopySummary summary() {
    return new CopySummary(files, directories, links, bytes, skippedCount, List.copyOf(skipped));
  }
}
