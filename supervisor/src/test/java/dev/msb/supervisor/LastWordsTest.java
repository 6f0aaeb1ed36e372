package dev.msb.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class LastWordsTest {
  private static byte[] console(String... lines) {
    return (String.join("\r\n", lines) + "\r\n").getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void panicIsToldWithWhatLedToIt() {
    byte[] console =
        console(
            "[    0.557751] PCI: Fatal: No config space access function found",
            "[    3.100000] random: something",
            "[    3.180000] init[1]: segfault at 7f12 ip 4051c4 sp 7ffe error 4",
            "[    3.180050] Code: 40 00 48 c7 c2 e0 ff ff ff f7 d8 64 89 02 48",
            "[    3.180100] Kernel panic - not syncing: Attempted to kill init! exitcode=0x0b",
            "[    3.180200] CPU: 0 PID: 1 Comm: init Not tainted 6.1.0 #1",
            "[    3.180300] Kernel Offset: disabled");
    assertThat(LastWords.ofPanic(console))
        .isEqualTo(
            "; its console ends with \"random: something\","
                + " \"init[1]: segfault at 7f12 ip 4051c4 sp 7ffe error 4\","
                + " \"Kernel panic - not syncing: Attempted to kill init! exitcode=0x0b\"");
    assertThat(LastWords.ofAgent(console)).isEmpty();
  }

  @Test
  void rebootHasNoLastWords() {
    assertThat(LastWords.ofPanic(console("[    9.000000] reboot: Restarting system"))).isEmpty();
    assertThat(LastWords.ofPanic(new byte[0])).isEmpty();
  }

  @Test
  void agentIsHeardIfItSpokeLast() {
    assertThat(
            LastWords.ofAgent(
                console("text", "msb-agent: no memory for an exec", "[ 3.1] reboot: Power down")))
        .isEqualTo("; its console ends with \"msb-agent: no memory for an exec\"");
    assertThat(LastWords.ofAgent(console("msb-agent: long ago", "text", "reboot: Power down")))
        .isEmpty();
  }

  @Test
  void wordsOfAGuestArePrintableAndShort() {
    String words =
        LastWords.of(console("gone", "\u001b]0;a\u0007", "[x]  y", "[1] ", "z".repeat(9000)));
    assertThat(words)
        .isEqualTo(
            "; its console ends with \"\\x1b]0;a\\x07\", \"[x] y\", \""
                + "z".repeat(157)
                + "...\"");
  }
}
