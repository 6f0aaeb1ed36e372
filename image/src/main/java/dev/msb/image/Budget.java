package dev.msb.image;

import dev.msb.archive.TreeLimits;

/// What a build has taken of its limits.
final class Budget implements TreeLimits {
  private final ImageLimits limits;
  private long bytes;
  private long metadata;
  private int entries;

  Budget(ImageLimits limits) {
    this.limits = limits;
  }

  ImageLimits limits() {
    return limits;
  }

  void bytes(long count) throws ImageException {
    if (count > limits.uncompressedBytes() - bytes) {
      throw over("the image unpacks to", limits.uncompressedBytes(), "bytes", "uncompressedBytes");
    }
    bytes += count;
  }

  @Override
  public void entry() throws ImageException {
    if (entries == limits.entries()) {
      throw over("the image has", limits.entries(), "entries", "entries");
    }
    entries++;
  }

  @Override
  public void metadata(long count) throws ImageException {
    if (count > limits.metadataBytes() - metadata) {
      throw over(
          "names, links and attributes of the image take",
          limits.metadataBytes(),
          "bytes",
          "metadataBytes");
    }
    metadata += count;
  }

  void path(int length) throws ImageException {
    if (length > limits.pathBytes()) {
      throw over("a path has", limits.pathBytes(), "bytes", "pathBytes");
    }
  }

  @Override
  public void depth(int depth) throws ImageException {
    if (depth > limits.depth()) {
      throw over("it lies below", limits.depth(), "directories", "depth");
    }
  }

  @Override
  public void xattrs(long count) throws ImageException {
    if (count > limits.xattrBytes()) {
      throw over("its extended attributes take", limits.xattrBytes(), "bytes", "xattrBytes");
    }
  }

  static ImageException over(String what, long limit, String name) {
    return over(what, limit, "bytes", name);
  }

  private static ImageException over(String what, long limit, String unit, String name) {
    return new ImageException(
        what
            + " more than the "
            + limit
            + " "
            + unit
            + " allowed (raise limit."
            + name
            + " in images.properties)");
  }
}
