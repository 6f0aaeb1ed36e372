package dev.msb.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReferenceTest {
  private static final String HEX = "0123456789abcdef".repeat(4);

  @ParameterizedTest
  @CsvSource({
    "alpine, docker.io/library/alpine:latest, alpine:latest",
    "python:3.12, docker.io/library/python:3.12, python:3.12",
    "team/app, docker.io/team/app:latest, team/app:latest",
    "library/alpine, docker.io/library/alpine:latest, alpine:latest",
    "docker.io/alpine, docker.io/library/alpine:latest, alpine:latest",
    "index.docker.io/library/alpine:3, docker.io/library/alpine:3, alpine:3",
    "localhost/app, localhost/app:latest, localhost/app:latest",
    "localhost:5000/team/app:1, localhost:5000/team/app:1, localhost:5000/team/app:1",
    "Registry/app, Registry/app:latest, Registry/app:latest",
    "[::1]:5000/app, [::1]:5000/app:latest, [::1]:5000/app:latest",
    "example.org/a__b/c--d.e:V_1.2-x, example.org/a__b/c--d.e:V_1.2-x, example.org/a__b/c--d.e:V_1.2-x",
  })
  void whatUsersWriteIsCompleted(String text, String canonical, String familiar) {
    Reference reference = Reference.parse(text);
    assertThat(reference).hasToString(canonical);
    assertThat(reference.familiar()).isEqualTo(familiar);
    assertThat(Reference.parse(canonical)).isEqualTo(reference);
    assertThat(Reference.parse(familiar)).isEqualTo(reference);
  }

  @Test
  void aDigestStandsInThePlaceOfTheTag() {
    Reference reference = Reference.parse("localhost:5000/app@sha256:" + HEX);
    assertThat(reference.tag()).isEmpty();
    assertThat(reference.digest()).contains(new Digest(HEX));
    assertThat(reference).hasToString("localhost:5000/app@sha256:" + HEX);
  }

  @Test
  void aTagAndADigestAreBothKept() {
    Reference reference = Reference.parse("alpine:3.20@sha256:" + HEX);
    assertThat(reference.tag()).contains("3.20");
    assertThat(reference.digest()).contains(new Digest(HEX));
    assertThat(reference.familiar()).isEqualTo("alpine:3.20@sha256:" + HEX);
    assertThat(Reference.parse("alpine:3.20").withDigest(new Digest(HEX))).isEqualTo(reference);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ":",
        "/",
        "@",
        "a:",
        "a@",
        "a/",
        "/a",
        "a//b",
        "a..b",
        "a___b",
        "-a",
        "a-",
        "_a",
        "a b",
        "a:b:c",
        "a:.b",
        "a:-b",
        "a:b/c",
        "a@sha256:0123",
        "a@md5:0123",
        "example.org:0/a",
        "example.org:65536/a",
        "example.org:123456/a",
        "example..org/a",
        "-example.org/a",
        "exam_ple.org/a",
        "http://example.org/a",
        "user@example.org/a",
        "[::1/a",
        "a\nb",
        "é",
        "../a",
        "a/../b",
        "a?b",
        "a%2fb",
      })
  void whatIsNoReferenceIsRefusedInOneLine(String text) {
    assertThatThrownBy(() -> Reference.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .message()
        .contains("is no image reference: ")
        .doesNotContain("\n");
  }

  @Test
  void capitalsAreNamedAsTheReason() {
    assertThatThrownBy(() -> Reference.parse("team/App"))
        .hasMessage(
            "\"team/App\" is no image reference: repository \"team/App\" is not in lower case");
  }

  @Test
  void theIdOfAnImageIsNotTakenForAName() {
    assertThatThrownBy(() -> Reference.parse(HEX))
        .hasMessageEndingWith("it is the id of an image, not a name");
  }

  @Test
  void lengthsAreLimited() {
    assertThat(Reference.parse("example.org/" + "a".repeat(255)).repository()).hasSize(255);
    assertThatThrownBy(() -> Reference.parse("example.org/" + "a".repeat(256)))
        .hasMessageEndingWith("its repository has 256 characters, more than 255");
    assertThat(Reference.parse("a:" + "t".repeat(128)).tag().orElseThrow()).hasSize(128);
    assertThatThrownBy(() -> Reference.parse("a:" + "t".repeat(129)))
        .hasMessageEndingWith("its tag has 129 characters, more than 128");
    assertThatThrownBy(() -> Reference.parse("a".repeat(1_000_000)))
        .hasMessage("an image reference of 1000000 characters, more than 720");
  }

  @ParameterizedTest
  @CsvSource({
    "docker.io, docker.io",
    "https://index.docker.io/v1/, docker.io",
    "registry-1.docker.io, docker.io",
    "https://example.org:5000/, example.org:5000",
    "http://localhost:5000/v2/, localhost:5000",
  })
  void aRegistryIsKnownUnderManyNames(String text, String registry) {
    assertThat(Reference.registryOf(text)).isEqualTo(registry);
  }

  @Test
  void anAddressWithAPathIsNoRegistry() {
    assertThatThrownBy(() -> Reference.registryOf("example.org/team"))
        .hasMessage("\"example.org/team\" is no registry, HOST or HOST:PORT");
  }
}
