package dev.msb.image;

/// How much of an image is taken before it is refused. Layers are hostile input: they are counted
/// while they stream, so none of these is overrun by more than one buffer.
///
/// @param uncompressedBytes the tars of all layers together, uncompressed, and the holes of their
///   sparse files; the disk must have as much room again for the time of the build
/// @param entries entries of all layers together, and the directories that they imply
/// @param metadataBytes names, link targets and extended attributes that are held in memory
/// @param pathBytes one path in a layer
/// @param depth directories above one entry
/// @param xattrBytes names and values of the extended attributes of one entry
public record ImageLimits(
    long uncompressedBytes,
    int entries,
    long metadataBytes,
    int pathBytes,
    int depth,
    int xattrBytes) {

  /// 64 GiB, two million entries, 256 MiB of names and the like, paths of 4,096 bytes, 1,024
  /// directories deep, 64 KiB of extended attributes.
  public static final ImageLimits DEFAULT =
      new ImageLimits(64L << 30, 2_000_000, 256L << 20, 4096, 1024, 64 << 10);

  /// Checks the numbers.
  ///
  /// @throws IllegalArgumentException if one is not positive, or the depth is more than 4,096
  public ImageLimits {
    if (uncompressedBytes <= 0
        || entries <= 0
        || metadataBytes <= 0
        || pathBytes <= 0
        || depth <= 0
        || xattrBytes <= 0) {
      throw new IllegalArgumentException("a limit of an image must be positive");
    }
    // Trees are walked recursively.
    if (depth > 4096) {
      throw new IllegalArgumentException("a depth of " + depth + ", more than the 4096 possible");
    }
  }

  /// These limits with another one for uncompressed bytes.
  public ImageLimits withUncompressedBytes(long bytes) {
    return new ImageLimits(bytes, entries, metadataBytes, pathBytes, depth, xattrBytes);
  }

  /// These limits with another one for entries.
  public ImageLimits withEntries(int count) {
    return new ImageLimits(uncompressedBytes, count, metadataBytes, pathBytes, depth, xattrBytes);
  }
}
