package dev.msb.supervisor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;

/// Facts about the host's time for the guest.
final class HostClock {
  private HostClock() {}

  static long realtimeNanos() {
    Instant now = Instant.now();
    return now.getEpochSecond() * 1_000_000_000 + now.getNano();
  }

  /// The rate of the processor's time stamp counter, 0 if the host does not tell. The kernel's
  /// "bogomips" are the counter's rate in MHz, doubled.
  static int tscKhz() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/cpuinfo"))) {
      if (line.startsWith("bogomips")) {
        return (int) (Double.parseDouble(line.substring(line.indexOf(':') + 1).strip()) * 500);
      }
    }
    return 0;
  }
}
