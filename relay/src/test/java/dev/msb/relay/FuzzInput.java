package dev.msb.relay;

import java.util.Arrays;

/// A fuzzer's bytes, taken as choices. When they are used up every choice is 0.
final class FuzzInput {
  private final byte[] bytes;
  private int at;

  FuzzInput(byte[] bytes) {
    this.bytes = bytes;
  }

  boolean hasMore() {
    return at < bytes.length;
  }

  /// 0 to 255.
  int next() {
    return at < bytes.length ? bytes[at++] & 0xff : 0;
  }

  /// 0 to `bound` - 1.
  int next(int bound) {
    return next() % bound;
  }

  /// A number of any size, mostly small or next to a power of two.
  long amount() {
    int choice = next();
    return choice < 128 ? choice : (1L << (choice / 2 % 64)) + next(3) - 1;
  }

  /// The same, for what fits an int and is not negative.
  int smallAmount(int most) {
    return Math.clamp(amount(), 0, most);
  }

  byte[] bytes(int length) {
    int end = Math.min(bytes.length, at + length);
    byte[] taken = Arrays.copyOf(Arrays.copyOfRange(bytes, at, end), length);
    at = end;
    return taken;
  }
}
