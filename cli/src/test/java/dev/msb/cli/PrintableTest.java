package dev.msb.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.msb.cli.output.ExecTable;
import dev.msb.cli.output.Json;
import dev.msb.cli.output.Table;
import dev.msb.sdk.GuestText;
import dev.msb.sdk.ProcessInfo;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// What strangers named, in tables and in JSON: nothing of it commands a terminal.
class PrintableTest {

  @Test
  void aCommandIsOneRow() {
    Table table = ExecTable.empty();
    List<String> argv =
        List.of("sh", "-c", "echo\u001b]52;c;bXNi\u0007\nmsb: fine", "\u009b2J\u202e");
    ExecTable.row(
        table, "box", new ProcessInfo(1, 7, true, Optional.empty(), Duration.ofSeconds(3), argv));
    assertThat(table.text())
        .isEqualTo(
            """
            ID     PID  STATE     AGE  COMMAND
            box/1  7    attached  3s   sh -c echo\\x1b]52;c;bXNi\\x07\\nmsb: fine \\u009b2J\\u202e
            """);
  }

  @Test
  void jsonIsPrintableAndMeansTheSame() {
    for (int c = 0; c <= Character.MAX_CODE_POINT; c++) {
      String text = Character.toString(c);
      String json = Json.string(text);
      boolean printable = json.codePoints().allMatch(GuestText::isPrintable);
      if (!printable || !unescaped(json).equals(text)) {
        fail("U+%04x becomes %s", c, json);
      }
    }
  }

  private static String unescaped(String json) {
    StringBuilder text = new StringBuilder();
    for (int i = 1; i < json.length() - 1; i++) {
      char c = json.charAt(i);
      if (c != '\\') {
        text.append(c);
      } else if (json.charAt(i + 1) == 'u') {
        text.append((char) Integer.parseInt(json.substring(i + 2, i + 6), 16));
        i += 5;
      } else {
        text.append(json.charAt(++i));
      }
    }
    return text.toString();
  }
}
