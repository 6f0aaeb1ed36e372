package dev.msb.archive;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/// Compresses one block at a time into LZ4's block format. Not for two threads at once.
final class Lz4 {
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private static final int HASH_BITS = 13;
  private static final int MIN_MATCH = 4;
  private static final int MAX_DISTANCE = 65535;

  // Rules of the format: the last match begins 12 bytes before the end, and ends 5 before it.
  private static final int LAST_MATCH_START = 12;
  private static final int LAST_LITERALS = 5;

  // After so many misses the search takes larger steps: data that does not compress passes quickly.
  private static final int SKIP_SHIFT = 6;

  /// The place after the last sequence with this hash, 0 if there was none.
  private final int[] table = new int[1 << HASH_BITS];

  private byte[] to = {};
  private int out;

  /// The most that `length` bytes can become.
  static int bound(int length) {
    return length + length / 255 + 16;
  }

  /// Compresses the first `length` bytes of `from` into `into`, which has room for the bound.
  ///
  /// @return how many bytes they have become, possibly more than they were
  int compress(byte[] from, int length, byte[] into) {
    Arrays.fill(table, 0);
    to = into;
    out = 0;
    int anchor = 0;
    int at = 0;
    while (true) {
      int match = -1;
      int misses = 1 << SKIP_SHIFT;
      while (at <= length - LAST_MATCH_START) {
        int sequence = (int) INT.get(from, at);
        int slot = hash(sequence);
        int candidate = table[slot] - 1;
        table[slot] = at + 1;
        if (candidate >= 0
            && at - candidate <= MAX_DISTANCE
            && (int) INT.get(from, candidate) == sequence) {
          match = candidate;
          break;
        }
        at += misses++ >> SKIP_SHIFT;
      }
      if (match < 0) {
        sequence(from, anchor, length - anchor, 0, 0);
        return out;
      }
      while (at > anchor && match > 0 && from[at - 1] == from[match - 1]) {
        at--;
        match--;
      }
      int equal =
          MIN_MATCH + equal(from, match + MIN_MATCH, at + MIN_MATCH, length - LAST_LITERALS);
      sequence(from, anchor, at - anchor, at - match, equal);
      at += equal;
      anchor = at;
      if (at <= length - LAST_MATCH_START) {
        table[hash((int) INT.get(from, at - 2))] = at - 1;
      }
    }
  }

  private static int equal(byte[] bytes, int first, int second, int end) {
    int at = second;
    int delta = first - second;
    while (at + 8 <= end) {
      long difference = (long) LONG.get(bytes, at) ^ (long) LONG.get(bytes, at + delta);
      if (difference != 0) {
        return at - second + (Long.numberOfTrailingZeros(difference) >> 3);
      }
      at += 8;
    }
    while (at < end && bytes[at] == bytes[at + delta]) {
      at++;
    }
    return at - second;
  }

  /// Literals, and then a match; the last sequence of a block has none.
  private void sequence(byte[] from, int start, int literals, int distance, int match) {
    int token = out++;
    int high = Math.min(literals, 15);
    length(literals - 15);
    System.arraycopy(from, start, to, out, literals);
    out += literals;
    int low = 0;
    if (match > 0) {
      to[out++] = (byte) distance;
      to[out++] = (byte) (distance >> 8);
      low = Math.min(match - MIN_MATCH, 15);
      length(match - MIN_MATCH - 15);
    }
    to[token] = (byte) (high << 4 | low);
  }

  /// The rest of a length that the token has no room for.
  private void length(int rest) {
    if (rest < 0) {
      return;
    }
    int left = rest;
    while (left >= 255) {
      to[out++] = (byte) 255;
      left -= 255;
    }
    to[out++] = (byte) left;
  }

  private static int hash(int sequence) {
    return (sequence * -1640531535) >>> (32 - HASH_BITS);
  }
}
