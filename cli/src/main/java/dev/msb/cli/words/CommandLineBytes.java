package dev.msb.cli.words;

import dev.msb.sdk.GuestText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The words of this process's command line as they were given, which may be any bytes: Java has
/// U+FFFD in place of those that are no UTF-8.
public final class CommandLineBytes {
  private CommandLineBytes() {}

  /// These words, with all of their bytes as [GuestText#of] has them.
  public static List<String> restored(List<String> words) {
    byte[] line;
    try {
      line = Files.readAllBytes(Path.of("/proc/self/cmdline"));
    } catch (IOException e) {
      return words;
    }
    List<String> all = new ArrayList<>();
    int start = 0;
    for (int i = 0; i < line.length; i++) {
      if (line[i] == 0) {
        all.add(GuestText.of(java.util.Arrays.copyOfRange(line, start, i)));
        start = i + 1;
      }
    }
    // Before ours are those of the JVM.
    return all.size() < words.size() ? words : all.subList(all.size() - words.size(), all.size());
  }
}
