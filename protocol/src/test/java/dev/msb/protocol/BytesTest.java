package dev.msb.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BytesTest {

  @ParameterizedTest
  @ValueSource(strings = {"", "plain", "\u00fc\u20ac", "\ud83d\ude00", "\ufffd", "a\ufffdb"})
  void textIsUtf8(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    assertThat(Bytes.of(text)).isEqualTo(utf8);
    assertThat(Bytes.text(utf8)).isEqualTo(text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"ff", "c3", "61c3", "80", "f09f98", "edb0bf", "c0af", "61ff62c3bc80"})
  void bytesThatAreNoTextSurvive(String hex) {
    byte[] bytes = HexFormat.of().parseHex(hex);
    assertThat(Bytes.of(Bytes.text(bytes))).isEqualTo(bytes);
  }

  @Test
  void everyPairOfBytesSurvives() {
    for (int i = 0; i < 65_536; i++) {
      byte[] bytes = {(byte) (i >> 8), (byte) i, 'x'};
      assertThat(Bytes.of(Bytes.text(bytes))).isEqualTo(bytes);
    }
  }
}
