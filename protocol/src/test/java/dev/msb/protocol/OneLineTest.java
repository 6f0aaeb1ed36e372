package dev.msb.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class OneLineTest {
  /// What a terminal obeys: C0, DEL, C1; what turns text around; what ends lines; what is not seen.
  static List<Integer> commands() {
    return IntStream.of(
            0x061c, 0x200b, 0x200c, 0x200d, 0x200e, 0x200f, 0x2028, 0x2029, 0x00ad, 0xfeff, 0xfffe,
            0xe0001, 0xe0041, 0x2800, 0x3164, 0x00a0, 0x3000, 0xd800, 0xdc00, 0xdfff)
        .collect(() -> new java.util.ArrayList<>(everyControl()), List::add, List::addAll);
  }

  private static List<Integer> everyControl() {
    return IntStream.of(0, 0x7f, 0x202a, 0x2066)
        .flatMap(first ->
            switch (first) {
              case 0 -> IntStream.range(0, 0x20);
              case 0x7f -> IntStream.range(0x7f, 0xa0);
              case 0x202a -> IntStream.rangeClosed(0x202a, 0x202e);
              default -> IntStream.rangeClosed(0x2066, 0x2069);
            })
        .boxed()
        .toList();
  }

  @ParameterizedTest
  @MethodSource("commands")
  void whatATerminalObeysIsEscaped(int codePoint) {
    String hostile = "a" + Character.toString(codePoint) + "b";
    assertThat(OneLine.isPrintable(codePoint)).isFalse();
    assertThat(OneLine.of(hostile)).matches("a\\\\[nrt]b|a\\\\(x..|u....|U........)b");
    assertThat(OneLine.escaped(hostile)).isEqualTo(OneLine.of(hostile));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "plain | plain",
        "ESC[2J | \\x1b[2J",
        "LFmsb: all is well | \\nmsb: all is well",
        "aCRTABb | a\\r\\tb",
        "CSIA | \\u009bA",
        "RLO | \\u202e",
        "TAG | \\U000e0001",
        "'  two  blanks  ' | two blanks",
        "\u00fc\u20ac\u4e2d\ud83d\ude00 | \u00fc\u20ac\u4e2d\ud83d\ude00",
        "a\\nb | a\\nb",
      })
  void itIsOnePrintableLine(String written, String line) {
    String text =
        written
            .replace("ESC", "\u001b")
            .replace("LF", "\n")
            .replace("CR", "\r")
            .replace("TAB", "\t")
            .replace("CSI", "\u009b")
            .replace("RLO", "\u202e")
            .replace("TAG", "\udb40\udc01");
    assertThat(OneLine.of(text)).isEqualTo(line);
  }

  @Test
  void bytesThatAreNoTextAreShown() {
    byte[] bytes = {'a', (byte) 0x9b, 'J', (byte) 0xff, (byte) 0xc3};
    assertThat(OneLine.of(Bytes.text(bytes))).isEqualTo("a\\x9bJ\\xff\\xc3");
  }

  /// A supervisor, a client and a terminal may each pass it on.
  @Test
  void aSecondPassChangesNothing() {
    for (int c = 0; c <= Character.MAX_CODE_POINT; c++) {
      String line = OneLine.of(" " + Character.toString(c) + "  x" + Character.toString(c));
      if (!OneLine.of(line).equals(line) || !line.codePoints().allMatch(OneLine::isPrintable)) {
        fail("U+%04x becomes %s", c, line);
      }
    }
    for (int length = 0; length < 40; length++) {
      String line = OneLine.of("ab  \n".repeat(length), 20);
      assertThat(OneLine.of(line, 20)).isEqualTo(line);
    }
  }

  @Test
  void itIsBoundedAndNothingIsCutInTwo() {
    assertThat(OneLine.of("x".repeat(OneLine.LONGEST))).isEqualTo("x".repeat(OneLine.LONGEST));
    assertThat(OneLine.of("x".repeat(OneLine.LONGEST + 1)))
        .isEqualTo("x".repeat(OneLine.LONGEST - 3) + "...");
    assertThat(OneLine.of("abc" + " ".repeat(100_000), 10)).isEqualTo("abc");
    assertThat(OneLine.of("\u001b".repeat(100_000), 14)).isEqualTo("\\x1b\\x1b...");
    for (int longest = 10; longest < 20; longest++) {
      String line = OneLine.of("\ud83d\ude00".repeat(50), longest);
      assertThat(line).hasSizeLessThanOrEqualTo(longest).matches("(\ud83d\ude00)+\\.\\.\\.");
    }
    byte[] utf8 = OneLine.of("\u4e2d".repeat(2000)).getBytes(StandardCharsets.UTF_8);
    assertThat(utf8).hasSizeLessThan(4096); // what a frame has room for
  }

  @Test
  void theConsolesBlanksStay() {
    assertThat(OneLine.escaped("  a   b\u001b[m ")).isEqualTo("  a   b\\x1b[m ");
  }
}
