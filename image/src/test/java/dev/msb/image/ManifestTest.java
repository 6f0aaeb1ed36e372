package dev.msb.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ManifestTest {
  private static final String DIGEST = "sha256:" + "a".repeat(64);
  private static final String OCI_CONFIG = "application/vnd.oci.image.config.v1+json";

  private static String descriptor(String type) {
    return "{\"mediaType\":\"" + type + "\",\"digest\":\"" + DIGEST + "\",\"size\":5}";
  }

  private static byte[] manifest(String configType, String... layerTypes) {
    String layers =
        Stream.of(layerTypes).map(ManifestTest::descriptor).collect(Collectors.joining(","));
    return TestImage.bytes(
        "{\"schemaVersion\":2,\"config\":"
            + descriptor(configType)
            + ",\"layers\":["
            + layers
            + "],\"unknown\":{\"deep\":[null]}}");
  }

  private static byte[] index(String... platforms) {
    String manifests =
        Stream.of(platforms)
            .map(platform -> {
              String[] parts = platform.split("/", -1);
              String variant = parts.length > 2 ? ",\"variant\":\"" + parts[2] + "\"" : "";
              return "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":7,\"platform\":{\"os\":\"%s\",\"architecture\":\"%s\"%s}}"
                  .formatted(
                      TestImage.OCI_MANIFEST,
                      Digest.of(TestImage.bytes(platform)),
                      parts[0],
                      parts[1],
                      variant);
            })
            .collect(Collectors.joining(","));
    return TestImage.bytes("{\"schemaVersion\":2,\"manifests\":[" + manifests + "]}");
  }

  @Test
  void anOciManifestIsRead() throws ImageException {
    Manifest manifest = Manifest.parse(new TestImage("amd64").manifest);
    assertThat(manifest.mediaType()).isEqualTo(TestImage.OCI_MANIFEST);
    assertThat(manifest.layers()).containsExactly(new TestImage("amd64").layerDescriptor());
  }

  @Test
  void aDockerManifestIsRead() throws ImageException {
    Manifest manifest =
        Manifest.parse(
            manifest(
                "application/vnd.docker.container.image.v1+json",
                "application/vnd.docker.image.rootfs.diff.tar.gzip"));
    assertThat(manifest.mediaType())
        .isEqualTo("application/vnd.docker.distribution.manifest.v2+json");
    assertThat(manifest.layers()).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "schema 1 | {\"schemaVersion\":1,\"fsLayers\":[]} | old schema 1",
        "both | {\"schemaVersion\":2,\"manifests\":[],\"layers\":[]} | a manifest and an index at once",
        "no version | {\"layers\":[]} | not of schema version 2",
        "version of another type | {\"schemaVersion\":\"2\"} | \"schemaVersion\" is not a whole number",
        "neither | {\"schemaVersion\":2} | is no image",
        "a list | [] | is not a JSON object",
        "not JSON | hello | is not JSON",
        "empty | '' | is not a JSON object",
        "more | {} {} | goes on after its end",
        "cut | {\"schemaVersion\":2 | is not JSON",
        "no config | {\"schemaVersion\":2,\"layers\":[]} | lacks \"config\"",
        "config of another type | {\"schemaVersion\":2,\"config\":[]} | \"config\" is not an object",
        "no digest | {\"schemaVersion\":2,\"config\":{\"size\":1}} | lacks \"digest\"",
        "bad digest | {\"schemaVersion\":2,\"config\":{\"size\":1,\"digest\":\"sha256:../x\"}} | has a digest that is not sha256:HEX",
        "no size | {\"schemaVersion\":2,\"config\":{\"digest\":\"sha256:aa\"}} | lacks \"size\"",
        "negative | {\"schemaVersion\":2,\"config\":{\"digest\":\"a\",\"size\":-1}} | has a size of -1 bytes",
        "huge | {\"schemaVersion\":2,\"config\":{\"digest\":\"a\",\"size\":1e99}} | \"size\" is not a whole number of 64 bits",
        "mislabelled | {\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"manifests\":[]} | is not the application/vnd.oci.image.manifest.v1+json that it says it is",
        "artifact | {\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.artifact.manifest.v1+json\",\"blobs\":[]} | is no image, but application/vnd.oci.artifact.manifest.v1+json",
      })
  void whatIsNoManifestIsRefused(String name, String json, String reason) {
    assertThatThrownBy(() -> ImageDocument.parse(TestImage.bytes(json)))
        .isInstanceOf(ImageException.class)
        .message()
        .startsWith("the manifest")
        .contains(reason);
  }

  @Test
  void anArtifactIsNamed() {
    assertThatThrownBy(() -> Manifest.parse(manifest("application/vnd.cncf.helm.config.v1+json")))
        .hasMessage(
            "the manifest is of an artifact, not of an image: application/vnd.cncf.helm.config.v1+json");
  }

  @ParameterizedTest
  @CsvSource({
    "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
    "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
  })
  void aForeignLayerIsNamed(String type) {
    assertThatThrownBy(() -> Manifest.parse(manifest(OCI_CONFIG, type)))
        .hasMessageContaining("has a layer that registries may not hand on (" + type + ")");
  }

  @Test
  void aLayerOfAnotherKindIsNamed() {
    assertThatThrownBy(() ->
            Manifest.parse(
                manifest(OCI_CONFIG, "application/vnd.oci.image.layer.v1.tar+gzip+encrypted")))
        .hasMessageContaining("has a layer of a kind msb does not read");
  }

  @Test
  void sizeDepthAndCountsAreLimited() {
    assertThatThrownBy(() -> ImageDocument.parse(new byte[ImageDocument.LARGEST_BYTES + 1]))
        .hasMessage("the manifest has 4194305 bytes, more than 4194304");
    assertThatThrownBy(
            () -> ImageDocument.parse(TestImage.bytes("{\"a\":" + "[".repeat(1_000_000))))
        .hasMessage("the manifest is nested too deep or has too many parts");
    assertThatThrownBy(
            () -> ImageDocument.parse(TestImage.bytes("{\"a\":[" + "1,".repeat(300_000) + "1]}")))
        .hasMessage("the manifest is nested too deep or has too many parts");
    String[] layers = new String[Manifest.MOST_LAYERS + 1];
    java.util.Arrays.fill(layers, TestImage.LAYER_TYPE);
    assertThatThrownBy(() -> Manifest.parse(manifest(OCI_CONFIG, layers)))
        .hasMessage("the manifest names 1001 layers, more than 1000");
  }

  @ParameterizedTest
  @CsvSource({
    "exact, linux/amd64, linux/arm64 linux/amd64, linux/amd64",
    "usual variant is written or not, linux/arm64, linux/amd64 linux/arm64/v8, linux/arm64/v8",
    "other names, linux/x86_64, linux/amd64, linux/amd64",
    "the best of the variants, linux/arm/v7, linux/arm/v5 linux/arm/v6 linux/arm64, linux/arm/v6",
    "the first of equals, linux/amd64, windows/amd64 linux/amd64 linux/amd64, linux/amd64",
  })
  void theBestPlatformIsChosen(String name, String wanted, String there, String expected)
      throws ImageException {
    ImageIndex index = ImageIndex.parse(index(there.split(" ", -1)));
    assertThat(index.select(Platform.parse(wanted)).digest())
        .isEqualTo(Digest.of(TestImage.bytes(expected)));
  }

  @Test
  void ifNoPlatformFitsThoseThatThereAreAreNamed() throws ImageException {
    ImageIndex index =
        ImageIndex.parse(index("linux/s390x", "linux/arm/v7", "linux/amd64/v3", "unknown/unknown"));
    assertThatThrownBy(() -> index.select(Platform.parse("linux/amd64")))
        .hasMessage(
            "there is no image for linux/amd64, only for linux/amd64/v3, linux/arm/v7, linux/s390x");
  }

  @Test
  void anOnlyImageNeedsNoPlatform() throws ImageException {
    byte[] one =
        TestImage.bytes(
            "{\"schemaVersion\":2,\"manifests\":[" + descriptor(TestImage.OCI_MANIFEST) + "]}");
    assertThat(ImageIndex.parse(one).select(Platform.host()).digest())
        .isEqualTo(Digest.parse(DIGEST));
  }

  @Test
  void annotationsAreKept() throws ImageException {
    byte[] one =
        TestImage.bytes(
            "{\"schemaVersion\":2,\"manifests\":[{\"mediaType\":\"a\",\"digest\":\""
                + DIGEST
                + "\",\"size\":3,\"annotations\":{\"org.opencontainers.image.ref.name\":\"x\"}}]}");
    List<Descriptor> manifests = ImageIndex.parse(one).manifests();
    assertThat(manifests.getFirst().annotations())
        .containsEntry("org.opencontainers.image.ref.name", "x");
  }

  @Test
  void thisHostIsAPlatform() {
    assertThat(Platform.host().toString()).isIn("linux/amd64", "linux/arm64");
    assertThatThrownBy(() -> Platform.parse("linux"))
        .hasMessage("\"linux\" is no platform, OS/ARCHITECTURE or OS/ARCHITECTURE/VARIANT");
  }
}
