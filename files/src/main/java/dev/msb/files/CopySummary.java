package dev.msb.files;

import java.util.List;

/// The outcome of a copy between host and guest.
///
/// @param files regular files copied, hard links among them
/// @param directories directories made or merged with
/// @param links symbolic links copied
/// @param bytes content copied
/// @param skippedCount devices, FIFOs and sockets that were left out
/// @param skipped their paths, the first hundred
/// @param notEntered file systems that the kernel makes up and that are not copied, such as
///   `/proc`, `/sys` and `/dev`: the paths of their directories, the first hundred
public record CopySummary(
    long files,
    long directories,
    long links,
    long bytes,
    long skippedCount,
    List<String> skipped,
    List<String> notEntered) {

  /// Whether nothing was left out.
  public boolean complete() {
    return skippedCount == 0 && notEntered.isEmpty();
  }
}
