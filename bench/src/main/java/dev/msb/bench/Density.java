package dev.msb.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/// What the processes of a home's sandboxes take: supervisors and their children.
final class Density {
  private static final double TICKS_PER_SECOND = 100;

  private final Path home;

  Density(Path home) {
    this.home = home;
  }

  private List<Path> processes() {
    return ProcessHandle.allProcesses()
        .filter(process -> process.info().commandLine().orElse("").contains(home + "/sandboxes/"))
        .map(process -> Path.of("/proc", "" + process.pid()))
        .toList();
  }

  /// Proportional set size of all of them, in MiB: pages that several share count in parts.
  double mebibytes() throws IOException {
    long kibibytes = 0;
    for (Path process : processes()) {
      try {
        for (String line : Files.readAllLines(process.resolve("smaps_rollup"))) {
          if (line.startsWith("Pss:")) {
            kibibytes += Long.parseLong(line.replaceAll("\\D", ""));
          }
        }
      } catch (NoSuchFileException e) {
        // ended meanwhile
      }
    }
    return kibibytes / 1024.0;
  }

  /// Processor time of all of them since they started, in seconds.
  double processorSeconds() throws IOException {
    double ticks = 0;
    for (Path process : processes()) {
      String stat = Files.readString(process.resolve("stat"));
      // Behind the name, which may hold anything, are the fields from the third on.
      List<String> fields = List.of(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1));
      ticks += Long.parseLong(fields.get(11)) + Long.parseLong(fields.get(12));
    }
    return ticks / TICKS_PER_SECOND;
  }
}
