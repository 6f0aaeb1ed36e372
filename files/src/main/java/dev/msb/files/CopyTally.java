package dev.msb.files;

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
  private long overhead;
  private long skippedCount;
  private final List<String> skipped = new ArrayList<>();
  private final List<String> notEntered = new ArrayList<>();

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
    count(path);
    options.listener().begins(path);
  }

  private void count(String path) throws FileSystemException {
    if (files + directories + links + skippedCount > options.maxFiles()) {
      throw new CopyLimitException(
          path, "more than the " + options.maxFiles() + " files that may be copied");
    }
  }

  /// Before these bytes are written.
  void content(String path, long count) throws FileSystemException {
    room(path, count);
    if (count > 0) {
      bytes += count;
      options.listener().copied(bytes);
    }
  }

  /// Bytes of a tar beside the content of files.
  void overhead(String path, long count) throws FileSystemException {
    room(path, count);
    overhead += count;
  }

  /// Fails if there may not be so many bytes more.
  void room(String path, long count) throws FileSystemException {
    if (count > options.maxBytes() - bytes - overhead) {
      throw new CopyLimitException(
          path, "more than the " + options.maxBytes() + " bytes that may be copied");
    }
  }

  void skip(String path) throws FileSystemException {
    skippedCount++;
    count(path);
    if (skipped.size() < MOST_NAMED) {
      skipped.add(path);
    }
    options.listener().skipped(path);
  }

  /// A file system that the kernel makes up: its directory is made, its files are left out.
  void notEntered(String path) {
    if (notEntered.size() < MOST_NAMED) {
      notEntered.add(path);
    }
    options.listener().notEntered(path);
  }

  CopySummary summary() {
    return new CopySummary(
        files,
        directories,
        links,
        bytes,
        skippedCount,
        List.copyOf(skipped),
        List.copyOf(notEntered));
  }
}
