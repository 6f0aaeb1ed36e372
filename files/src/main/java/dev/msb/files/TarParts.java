package dev.msb.files;

import java.nio.file.FileSystemException;
import java.util.Arrays;

/// Where a file of a guest has data, as the guest says before its content.
final class TarParts {
  private static final int MOST = 1 << 20;

  private long[] numbers = new long[0]; // offset and length of each
  private int count;

  boolean isEmpty() {
    return count == 0;
  }

  void add(String path, long offset, long length) throws FileSystemException {
    long end = count == 0 ? 0 : numbers[count - 2] + numbers[count - 1];
    if (offset < end || length < 0 || offset > Long.MAX_VALUE - length) {
      throw new FileSystemException(path, null, "the guest tells parts that are none");
    }
    if (count == 2 * MOST) {
      throw new FileSystemException(path, null, "a file of more than " + MOST + " parts");
    }
    if (count == numbers.length) {
      numbers = Arrays.copyOf(numbers, Math.max(16, 2 * count));
    }
    numbers[count++] = offset;
    numbers[count++] = length;
  }

  /// Offset and length of each part of a file of this size; all of it if no part was told.
  long[] of(long size) throws FileSystemException {
    if (count == 0) {
      return new long[] {0, size};
    }
    // A file that grew meanwhile is cut.
    int kept = count;
    while (kept > 0 && numbers[kept - 2] >= size) {
      kept -= 2;
    }
    long[] parts = Arrays.copyOf(numbers, kept);
    if (kept > 0) {
      parts[kept - 1] = Math.min(parts[kept - 1], size - parts[kept - 2]);
    }
    return parts;
  }
}
