package dev.msb.sdk;

/// An amount of memory, in whole mebibytes.
///
/// @param mebibytes 1 MiB is 1,048,576 bytes; at least 1
public record MemorySize(int mebibytes) {
  /// Checks the amount.
  ///
  /// @throws IllegalArgumentException if it is less than 1
  public MemorySize {
    if (mebibytes < 1) {
      throw new IllegalArgumentException("memory of " + mebibytes + " MiB");
    }
  }

  /// So many MiB.
  public static MemorySize mebibytes(int mebibytes) {
    return new MemorySize(mebibytes);
  }

  /// So many GiB.
  public static MemorySize gibibytes(int gibibytes) {
    return new MemorySize(Math.multiplyExact(gibibytes, 1024));
  }
}
