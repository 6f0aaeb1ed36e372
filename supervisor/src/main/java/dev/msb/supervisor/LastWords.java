package dev.msb.supervisor;

import dev.msb.protocol.OneLine;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// The lines of a guest's console that say why it ended, for the message about that. They are the
/// guest's: whoever is root there can have written them.
final class LastWords {
  private static final int MOST_LINES = 3;
  private static final int LONGEST_LINE = 160;
  private static final String PANIC = "Kernel panic - not syncing";
  private static final String AGENT = "msb-agent: ";

  /// What each guest says, and what nobody reads.
  private static final Set<String> NOISE = Set.of("PCI: Fatal: No config", "Code: ");

  private LastWords() {}

  /// What ended the guest's kernel: the panic and what led to it.
  static String ofPanic(byte[] console) {
    List<String> lines = lines(console);
    for (int i = lines.size() - 1; i >= 0; i--) {
      if (lines.get(i).startsWith(PANIC)) {
        return quoted(lines.subList(0, i + 1));
      }
    }
    return "";
  }

  /// What the agent said last, if that was the last at all but for the kernel's farewell.
  static String ofAgent(byte[] console) {
    List<String> lines = lines(console);
    int end = lines.size();
    while (end > 0 && lines.get(end - 1).startsWith("reboot: ")) {
      end--;
    }
    int start = end;
    while (start > 0 && lines.get(start - 1).startsWith(AGENT)) {
      start--;
    }
    return quoted(lines.subList(start, end));
  }

  /// The last lines, whatever they are.
  static String of(byte[] console) {
    return quoted(lines(console));
  }

  private static String quoted(List<String> lines) {
    if (lines.isEmpty()) {
      return "";
    }
    List<String> last = lines.subList(Math.max(0, lines.size() - MOST_LINES), lines.size());
    return "; its console ends with \"" + String.join("\", \"", last) + "\"";
  }

  /// The lines that are not empty, each without its time, printable and cut.
  private static List<String> lines(byte[] console) {
    List<String> lines = new ArrayList<>();
    for (String line : new String(console, StandardCharsets.ISO_8859_1).lines().toList()) {
      String text = OneLine.of(withoutTime(line), LONGEST_LINE);
      if (!text.isEmpty() && NOISE.stream().noneMatch(text::startsWith)) {
        lines.add(text);
      }
    }
    return lines;
  }

  /// `[ 2.826180] text` is `text`.
  private static String withoutTime(String line) {
    int end = line.startsWith("[") ? line.indexOf("] ") : -1;
    return end > 0 && line.substring(1, end).strip().matches("[0-9.]+")
        ? line.substring(end + 2)
        : line;
  }
}
