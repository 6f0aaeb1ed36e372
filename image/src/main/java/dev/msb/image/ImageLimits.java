package dev.msb.image;

import java.util.HashSet;

/// How much of an image is taken before it is refused. Layers are hostile input: they are counted
/// while they stream, so none of these is overrun by more than one buffer.
///
/// @param layerBytes one layer as it is fetched, compressed or not; what its manifest declares
/// @param imageBytes all layers of an image as they are fetched, together
/// @param uncompressedBytes the tars of all layers together, uncompressed, and the holes of their
///   sparse files; the disk must have as much room again for the time of the build
/// @param entries entries of all layers together, and the directories that they imply
/// @param metadataBytes names, link targets and extended attributes that are held in memory
/// @param pathBytes one path in a layer
/// @param depth directories above one entry
/// @param xattrBytes names and values of the extended attributes of one entry
public record ImageLimits(
    long layerBytes,
    long imageBytes,
    long uncompressedBytes,
    int entries,
    long metadataBytes,
    int pathBytes,
    int depth,
    int xattrBytes) {

  /// 16 GiB a layer and 32 GiB an image to fetch; 64 GiB, two million entries, 256 MiB of names and
  /// the like, paths of 4,096 bytes, 1,024 directories deep, 64 KiB of extended attributes.
  public static final ImageLimits DEFAULT =
      new ImageLimits(16L << 30, 32L << 30, 64L << 30, 2_000_000, 256L << 20, 4096, 1024, 64 << 10);

  /// Checks the numbers.
  ///
  /// @throws IllegalArgumentException if one is not positive, or the depth is more than 4,096
  public ImageLimits {
    if (layerBytes <= 0
        || imageBytes <= 0
        || uncompressedBytes <= 0
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
    return new ImageLimits(
        layerBytes, imageBytes, bytes, entries, metadataBytes, pathBytes, depth, xattrBytes);
  }

  /// Checks what a manifest declares, before any of it is fetched.
  ///
  /// @throws ImageException if it is too much
  void check(Manifest manifest) throws ImageException {
    long all = 0;
    for (Descriptor layer : new HashSet<>(manifest.layers())) {
      if (layer.size() > layerBytes) {
        throw Budget.over(
            "layer " + layer.digest() + " has " + layer.size() + " bytes,",
            layerBytes,
            "layerBytes");
      }
      if (layer.size() > imageBytes - all) {
        throw Budget.over("its layers together have", imageBytes, "imageBytes");
      }
      all += layer.size();
    }
  }

  /// These limits with another one for entries.
  public ImageLimits withEntries(int count) {
    return new ImageLimits(
        layerBytes,
        imageBytes,
        uncompressedBytes,
        count,
        metadataBytes,
        pathBytes,
        depth,
        xattrBytes);
  }
}
