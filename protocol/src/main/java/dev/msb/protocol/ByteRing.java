package dev.msb.protocol;

import java.nio.ByteBuffer;

/// The bytes of a stream between two absolute offsets, in a ring that grows with need and shrinks
/// when empty, so that an idle stream costs little. Not for use by several threads at once.
public final class ByteRing {
  private static final int SMALLEST_BYTES = 4 * 1024;

  /// A larger ring is let go when it is empty: one frame fits, so a steady stream allocates
  /// nothing.
  private static final int KEPT_BYTES = 32 * 1024;

  private static final byte[] NONE = new byte[0];

  private byte[] ring = NONE; // its length is 0 or a power of two
  private long start;
  private long end;

  /// A ring whose first byte will have this offset.
  public ByteRing(long offset) {
    start = offset;
    end = offset;
  }

  /// The offset of the first byte kept.
  public long start() {
    return start;
  }

  /// The offset after the last byte kept.
  public long end() {
    return end;
  }

  /// Adds `length` bytes of `source`, from its index `at`.
  public void append(ByteBuffer source, int at, int length) {
    reserve(length);
    int index = index(end);
    int first = Math.min(length, ring.length - index);
    source.get(at, ring, index, first);
    source.get(at + first, ring, 0, length - first);
    end += length;
  }

  /// Writes the `length` bytes that begin at `offset` into `out`.
  ///
  /// @throws IllegalArgumentException if not all of them are kept
  public void copyTo(long offset, int length, ByteBuffer out) {
    check(offset, length);
    int index = index(offset);
    int first = Math.min(length, ring.length - index);
    out.put(ring, index, first).put(ring, 0, length - first);
  }

  /// Copies the `length` bytes that begin at `offset` to index `at` of `out`.
  ///
  /// @throws IllegalArgumentException if not all of them are kept
  public void copyTo(long offset, int length, byte[] out, int at) {
    check(offset, length);
    int index = index(offset);
    int first = Math.min(length, ring.length - index);
    System.arraycopy(ring, index, out, at, first);
    System.arraycopy(ring, 0, out, at + first, length - first);
  }

  /// Forgets the bytes before `offset`.
  public void dropBefore(long offset) {
    if (offset > start) {
      start = Math.min(offset, end);
      if (start == end && ring.length > KEPT_BYTES) {
        ring = NONE;
      }
    }
  }

  /// The memory that a ring takes which holds this many bytes at most.
  public static int memoryFor(int bytes) {
    return Math.max(SMALLEST_BYTES, Integer.highestOneBit(bytes - 1) << 1);
  }

  private void check(long offset, int length) {
    if (offset < start || offset + length > end) {
      throw new IllegalArgumentException(
          offset + "+" + length + " is not within " + start + " to " + end);
    }
  }

  private int index(long offset) {
    return ring.length == 0 ? 0 : (int) (offset & (ring.length - 1));
  }

  private void reserve(int length) {
    int kept = (int) (end - start);
    if (kept + length <= ring.length) {
      return;
    }
    int capacity = memoryFor(kept + length);
    byte[] larger = new byte[capacity];
    for (long at = start; at < end; ) {
      int from = index(at);
      int to = (int) (at & (capacity - 1));
      int piece = (int) Math.min(end - at, Math.min(ring.length - from, capacity - to));
      System.arraycopy(ring, from, larger, to, piece);
      at += piece;
    }
    ring = larger;
  }
}
