package dev.msb.supervisor;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/// Which QEMU is there.
final class QemuVersion {
  private QemuVersion() {}

  /// The first line that QEMU says of itself.
  ///
  /// @throws IOException if it cannot be run
  static String find() throws IOException {
    Process process =
        new ProcessBuilder(Qemu.binary(), "--version").redirectErrorStream(true).start();
    try (var out = process.getInputStream()) {
      String text = new String(out.readAllBytes(), StandardCharsets.UTF_8);
      return Qemu.binary() + ": " + text.lines().findFirst().orElse("says nothing");
    }
  }
}
