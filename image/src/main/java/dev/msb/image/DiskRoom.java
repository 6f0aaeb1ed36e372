package dev.msb.image;

import java.nio.file.Path;

/// What is left of a disk that images are written to. A part of it is not touched: sandboxes write
/// to the same disk, and stop when there is nothing left.
final class DiskRoom {
  private static final long LARGEST_RESERVE_BYTES = 1L << 30;
  private static final int RESERVED_PART = 20;
  private static final long STEP_BYTES = 16L << 20;

  private final Path directory;
  private long unseen; // bytes written since it was looked at

  /// The disk that this directory is on.
  DiskRoom(Path directory) {
    this.directory = directory;
  }

  /// The bytes that may be written: what is free, but for a twentieth of the disk, or 1 GiB.
  long bytes() {
    long total = directory.toFile().getTotalSpace();
    long free = directory.toFile().getUsableSpace();
    return Math.max(0, free - Math.min(total / RESERVED_PART, LARGEST_RESERVE_BYTES));
  }

  /// Checks that there is room for something, before it is begun.
  ///
  /// @throws ImageException if there is not
  void need(String what, long bytes) throws ImageException {
    long room = bytes();
    if (bytes > room) {
      throw new ImageException(
          what
              + " takes "
              + bytes
              + " bytes, and the disk with "
              + directory
              + " has room for "
              + room
              + ": free some, or have images elsewhere by MSB_HOME");
    }
  }

  /// Looks again, now and then, after so many bytes were written.
  ///
  /// @throws ImageException if nothing more may be written
  void written(long bytes) throws ImageException {
    unseen += bytes;
    if (unseen >= STEP_BYTES) {
      unseen = 0;
      if (bytes() == 0) {
        throw new ImageException(
            "the disk with "
                + directory
                + " is almost full: free some, or have images elsewhere by"
                + " MSB_HOME");
      }
    }
  }
}
