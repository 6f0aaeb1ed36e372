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
                   "Labels": {"a": "b"}, "ArgsEscaped": true, "Volumes": {"/data": {}, "cache": {}, "": {}}},
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
    assertThat(config.volumes()).containsExactlyInAnyOrder("/data", "/cache");
    assertThat(config.labels()).containsEntry("a", "b");
    assertThat(config.diffIds()).containsExactly(Digest.parse(DIGEST));
    assertThat(config.created()).contains(Instant.parse("2024-05-06T05:08:09.123456789Z"));
  }

  @Test
  void whatIsNotSaidIsEmpty() throws ImageException {
    ImageConfig config =
        ImageConfig.parse(
            TestImage.bytes(
                "{\"config\":{\"Entrypoint\":[],\"Cmd\":null,\"Env\":null,\"Labels\":null,"
                    + "\"Volumes\":null},\"rootfs\":{}}"));
    assertThat(config.entrypoint()).isEmpty();
    assertThat(config.volumes()).isEmpty();
    assertThat(config.workingDirectory()).isEmpty();
    assertThat(config.platform()).isEmpty();
    assertThat(config.cmd()).isEmpty();
    assertThat(config.user()).isEmpty();
    assertThat(config.diffIds()).isEmpty();
    assertThat(config.created()).isEmpty();
  }

  @Test
  void oneEmptyWordIsNoEntrypoint() throws ImageException {
    assertThat(run("\"Entrypoint\":[\"\"],\"Cmd\":[\"sh\"]").entrypoint()).isEmpty();
    assertThat(run("\"Entrypoint\":[\"/bin/sh\",\"-c\",\"a b\"]").entrypoint())
        .containsExactly("/bin/sh", "-c", "a b");
  }

  @Test
  void aRelativeDirectoryIsBelowTheRoot() throws ImageException {
    assertThat(run("\"WorkingDir\":\"srv/app\"").workingDirectory()).isEqualTo("/srv/app");
  }

  @Test
  void whatExecveWouldNotTakeIsRefusedByName() throws ImageException {
    String word = "x".repeat(131_071 - 4);
    run("\"Env\":[\"BIG=" + word + "\"]").check();
    assertRefused(
        "\"Env\":[\"A=b\",\"BIG=x" + word + "\"]",
        "the variable BIG takes 131072 bytes, more than the 131071 possible");
    String many = ("\"A=" + word + "\",").repeat(15);
    assertRefused("\"Env\":[" + many + "\"B=\"]", "the environment takes ");
    assertRefused("\"Cmd\":[\"12345" + word + "\"]", "a word of the command takes 131072 bytes");
    assertRefused("\"Entrypoint\":[\"12345" + word + "\"]", "a word of the entrypoint takes ");
    assertRefused("\"WorkingDir\":\"/" + "d".repeat(4095) + "\"", "the working directory takes ");
    assertRefused("\"User\":\"" + "u".repeat(256) + "\"", "the user takes 256 bytes");
    assertRefused("\"Volumes\":{\"/" + "v".repeat(4095) + "\":{}}", "a volume takes 4096 bytes");
  }

  private static ImageConfig run(String fields) throws ImageException {
    return ImageConfig.parse(
        TestImage.bytes("{\"config\":{" + fields + "},\"rootfs\":{\"type\":\"layers\"}}"));
  }

  private static void assertRefused(String fields, String reason) {
    assertThatThrownBy(() -> run(fields).check())
        .isInstanceOf(ImageException.class)
        .message()
        .startsWith("the image's configuration: ")
        .contains(reason);
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
