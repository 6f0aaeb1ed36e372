package dev.msb.home;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Where words of a guest get to from here: into the sandbox's `state`, into the home's events.
class GuestTextTest {
  private static final String HOSTILE = "\u001b[2J\nmsb: all is well\u009b\u202e\u2028\u007f";
  private static final String SHOWN = "\\x1b[2J\\nmsb: all is well\\u009b\\u202e\\u2028\\x7f";

  @Test
  void theStateIsOneLine() {
    assertThat(Ending.failed(HOSTILE).state()).isEqualTo("stopped failed " + SHOWN);
    assertThat(Ending.failed("\u4e2d".repeat(5000)).state()).hasSizeLessThan(1100);
  }

  @Test
  void anEventIsOneLine(@TempDir Path directory) throws Exception {
    EventLog events = new EventLog(directory.resolve("events"));
    events.add("box", "stopped", "reason=failed", "detail=" + HOSTILE);
    String line = Files.readString(events.file());
    assertThat(line).endsWith(" box stopped reason=failed detail=" + SHOWN + "\n").hasLineCount(1);
  }
}
