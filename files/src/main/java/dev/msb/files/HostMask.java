package dev.msb.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// This process's umask, which the JDK has no method for.
final class HostMask {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final String FIELD = "Umask:";
  private static final int USUAL = 022;

  private HostMask() {}

  /// As Linux tells it; where nobody tells it, the usual one.
  static int current() {
    try {
      for (String line : Files.readAllLines(STATUS)) {
        if (line.startsWith(FIELD)) {
          return Integer.parseInt(line.substring(FIELD.length()).strip(), 8);
        }
      }
    } catch (IOException | NumberFormatException e) {
      return USUAL;
    }
    return USUAL;
  }
}
