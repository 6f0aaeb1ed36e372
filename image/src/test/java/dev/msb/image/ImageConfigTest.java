package dev.msb.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImageConfigTest {
  private static final String DIGEST = "sha256:" + "b".repeat(64);

  @Test
  void aWholeConfigurationIsRead() throws ImageException {
    ImageConfig config =
        ImageConfig.parse(
            TestImage.bytes(
                """
                {"created": "2024-05-06T07:08:09.123456789+02:00", "os": "linux",
                 "architecture": "arm64", "variant": "v8",
                 "config": {"Entrypoint": ["/entry", ""], "Cmd": ["run"],
                   "Env": ["PATH=/bin", "EMPTY=", "NOVALUE", "=x"], "WorkingDir": "/work",
                   "User": "1000:1000", "StopSignal": "SIGINT", "ExposedPorts": {"80/tcp": {}},
                   "Labels": {"a": "b"}, "ArgsEscaped": true, "Volumes": null},
                 "rootfs": {"type": "layers", "diff_ids": ["%s"]}, "history": [{"empty_layer": true}]}
                """
                    .formatted(DIGEST)));
    assertThat(config.platform()).contains(new Platform("linux", "arm64", ""));
    assertThat(config.entrypoint()).containsExactly("/entry", "");
    assertThat(config.cmd()).containsExactly("run");
    assertThat(config.env()).containsExactly("PATH=/bin", "EMPTY=");
    assertThat(config.workingDirectory()).isEqualTo("/work");
    assertThat(config.user()).isEqualTo("1000:1000");
    assertThat(config.stopSignal()).isEqualTo("SIGINT");
    assertThat(config.exposedPorts()).containsExactly("80/tcp");
    assertThat(config.labels()).containsEntry("a", "b");
    assertThat(config.diffIds()).containsExactly(Digest.parse(DIGEST));
    assertThat(config.created()).contains(Instant.parse("2024-05-06T05:08:09.123456789Z"));
  }

  @Test
  void whatIsNotSaidIsEmpty() throws ImageException {
    ImageConfig config =
        ImageConfig.parse(
            TestImage.bytes(
                "{\"config\":{\"Cmd\":null,\"Env\":null,\"Labels\":null},\"rootfs\":{}}"));
    assertThat(config.platform()).isEmpty();
    assertThat(config.cmd()).isEmpty();
    assertThat(config.user()).isEmpty();
    assertThat(config.diffIds()).isEmpty();
    assertThat(config.created()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "no rootfs | {} | lacks \"rootfs\"",
        "a word for words | {\"config\":{\"Cmd\":\"sh\"},\"rootfs\":{}} | \"Cmd\" is not a list",
        "numbers for words | {\"config\":{\"Cmd\":[1]},\"rootfs\":{}} | \"Cmd\" is not a list of strings",
        "null for a word | {\"config\":{\"Cmd\":[null]},\"rootfs\":{}} | \"Cmd\" is not a list of strings",
        "NUL in a word | {\"config\":{\"Cmd\":[\"a\\u0000b\"]},\"rootfs\":{}} | has a NUL in \"Cmd\"",
        "NUL in the user | {\"config\":{\"User\":\"\\u0000\"},\"rootfs\":{}} | has a NUL in \"User\"",
        "diff id | {\"rootfs\":{\"diff_ids\":[\"sha512:00\"]}} | has a digest that is not sha256:HEX",
        "root | {\"rootfs\":{\"type\":\"disk\"}} | a root of an unknown type: disk",
        "time | {\"created\":\"yesterday\",\"rootfs\":{}} | \"created\" is no time: yesterday",
        "label | {\"config\":{\"Labels\":{\"a\":1}},\"rootfs\":{}} | \"Labels\" is not an object of strings",
      })
  void whatIsNoConfigurationIsRefused(String name, String json, String reason) {
    assertThatThrownBy(() -> ImageConfig.parse(TestImage.bytes(json)))
        .isInstanceOf(ImageException.class)
        .message()
        .startsWith("the image's configuration")
        .contains(reason);
  }
}
