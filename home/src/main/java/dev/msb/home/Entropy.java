package dev.msb.home;

import java.io.FileInputStream;
import java.io.IOException;

/// Random bytes from the host's kernel.
public final class Entropy {
  private static final String SOURCE = "/dev/urandom";

  private Entropy() {}

  /// As many as are wanted. May be called from any thread.
  ///
  /// @throws IllegalStateException if the kernel gives none
  public static byte[] bytes(int count) {
    // Not SecureRandom: finding out which of them to use takes 30 ms of a start.
    try (FileInputStream in = new FileInputStream(SOURCE)) {
      byte[] bytes = in.readNBytes(count);
      if (bytes.length < count) {
        throw new IllegalStateException(SOURCE + " ends");
      }
      return bytes;
    } catch (IOException e) {
      throw new IllegalStateException("cannot read " + SOURCE, e);
    }
  }
}
