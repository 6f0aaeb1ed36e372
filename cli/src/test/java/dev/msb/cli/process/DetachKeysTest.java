package dev.msb.cli.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msb.cli.words.UsageException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DetachKeysTest {
  /// Chunks stand apart by spaces. What is typed, passed on and still held back, all of it in
  /// letters; `!` is where the keys are complete.
  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource({
    "'a,b',     'xyz',       'xyz',      ''",
    "'a,b',     'ab',        '!',        ''",
    "'a,b',     'a b',       '!',        ''",
    "'a,b',     'xaby',      'x!',       ''",
    "'a,b',     'ab cd',     '!',        ''",
    "'a,b',     'xa',        'x',        'a'",
    "'a,b',     'a x',       'ax',       ''",
    "'a,b',     'aab',       'a!',       ''",
    "'a,b',     'a a a b',   'aa!',      ''",
    "'a,a',     'aa',        '!',        ''",
    "'a,a,b',   'aaab',      'a!',       ''",
    "'a,a,b',   'aaxaa',     'aax',      'aa'",
    "'a,b,a,c', 'ababac',    'ab!',      ''",
    "'a,b,a,c', 'aba b abx', 'abababx',  ''",
    "'a,b,a,b', 'ababx',     '!',        ''",
    "'a',       'xay',       'x!',       ''",
    "'',        'abc',       'abc',      ''",
    "'',        '',          '',         ''",
  })
  void whatIsNoDetachKeyIsPassedOn(String text, String typed, String passed, String held)
      throws UsageException {
    DetachKeys keys = DetachKeys.parse("--detach-keys", text);
    StringBuilder seen = new StringBuilder();
    for (String chunk : typed.split(" ", -1)) {
      if (!keys.areComplete()) {
        byte[] bytes = chunk.getBytes(StandardCharsets.UTF_8);
        seen.append(new String(keys.pass(bytes, bytes.length), StandardCharsets.UTF_8));
      }
    }
    if (keys.areComplete()) {
      assertThat(seen + "!").isEqualTo(passed);
      return;
    }
    assertThat(seen).asString().isEqualTo(passed);
    assertThat(keys.areBegun()).isEqualTo(!held.isEmpty());
    assertThat(keys.giveUp()).asString(StandardCharsets.UTF_8).isEqualTo(held);
    assertThat(keys.areBegun()).isFalse();
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "'ctrl-p,ctrl-q',             1011",
    "'CTRL-P,Ctrl-q',             1011",
    "'ctrl-a,d',                  0164",
    "'ctrl-@',                    00",
    "'ctrl-z',                    1a",
    "'ctrl-[,ctrl-\\,ctrl-]',     1b1c1d",
    "'ctrl-^,ctrl-_',             1e1f",
    "'DEL',                       7f",
    "'~,.',                       7e2e",
    "' ',                         20",
    "'ü',                         c3bc",
  })
  void theKeysAreWrittenAsDockerHasThem(String text, String bytes) throws UsageException {
    DetachKeys keys = DetachKeys.parse("--detach-keys", text);
    byte[] typed = HexFormat.of().parseHex(bytes);
    assertThat(keys.pass(typed, typed.length)).isEmpty();
    assertThat(keys.areComplete()).isTrue();
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(
      strings = {"ctrl", "ctrl-", "ctrl-1", "ctrl-pp", "ab", ",", "a,,b", "a,", "alt-x", "del"})
  void whatIsNoKeyIsSaid(String text) {
    assertThatThrownBy(() -> DetachKeys.parse("--detach-keys", text))
        .isInstanceOf(UsageException.class)
        .hasMessage(
            "--detach-keys \""
                + text
                + "\" is no list of keys: write ctrl-p,ctrl-q or a,b, or nothing for none");
  }

  /// Nothing that is typed, in whatever pieces, is lost, added or changed without the keys.
  @Test
  void chunksDoNotMatter() throws UsageException {
    byte[] typed = "abaabababcababaabacabab".getBytes(StandardCharsets.UTF_8);
    for (int chunk = 1; chunk <= typed.length; chunk++) {
      DetachKeys keys = DetachKeys.parse("--detach-keys", "a,b,a,b,b");
      StringBuilder seen = new StringBuilder();
      for (int at = 0; at < typed.length; at += chunk) {
        byte[] piece = Arrays.copyOfRange(typed, at, Math.min(at + chunk, typed.length));
        seen.append(new String(keys.pass(piece, piece.length), StandardCharsets.UTF_8));
      }
      seen.append(new String(keys.giveUp(), StandardCharsets.UTF_8));
      assertThat(seen).asString().isEqualTo(new String(typed, StandardCharsets.UTF_8));
    }
  }
}
