package dev.msb.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Images that are too large, or are refused when they are looked into: nothing of them is kept.
@Timeout(60)
class PullLimitTest {
  private static final Platform AMD64 = Platform.parse("linux/amd64");
  private static final long FOUR_PEBIBYTES = 1L << 52;

  @TempDir Path directory;
  private final WebServer server = new WebServer();
  private ImageStore store;

  PullLimitTest() throws IOException {}

  @BeforeEach
  void makeStore() {
    store = new ImageStore(directory.resolve("images"));
  }

  @AfterEach
  void close() {
    server.close();
  }

  private Image pull(ImageLimits limits) throws Exception {
    RecordedPause time = new RecordedPause();
    try (Registry registry =
        new Registry(server.options().build(), CredentialSource.NONE, time, time, new Random(1))) {
      return store.pull(server.image("app"), registry, AMD64, limits, ImageListener.NONE);
    }
  }

  private static ImageLimits limits(long layerBytes, long imageBytes) {
    return new ImageLimits(layerBytes, imageBytes, 1 << 20, 1000, 1 << 20, 4096, 100, 4096);
  }

  /// An image of one good layer, whose manifest says that it has this many bytes.
  private TestImage serve(long declared) throws IOException {
    byte[] layer = new TarBytes().add(TarBytes.file("file", "text")).end();
    TestImage image = new TestImage("amd64", layer, Digest.of(layer));
    String manifest = new String(image.manifest, StandardCharsets.UTF_8);
    String size = "\"size\": " + layer.length;
    byte[] lying = manifest.replace(size, "\"size\": " + declared).getBytes(StandardCharsets.UTF_8);
    image.serve(server, "app", "latest");
    server.on(
        "/v2/app/manifests/latest",
        WebServer.status(200, lying, "Content-Type", TestImage.OCI_MANIFEST));
    return image;
  }

  /// What is in the store, but for locks, which are empty.
  private List<Path> stored() throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      return files.filter(file -> file.toFile().isFile() && file.toFile().length() > 0).toList();
    }
  }

  @Test
  void aLayerThatIsTooLargeIsRefusedByNameBeforeAByteOfItIsFetched() throws Exception {
    TestImage image = serve(FOUR_PEBIBYTES);
    String layer = Digest.of(image.layer).toString();
    assertThatThrownBy(() -> pull(ImageLimits.DEFAULT))
        .isInstanceOf(ImageException.class)
        .hasMessage(
            "layer %s has 4503599627370496 bytes, more than the 17179869184 bytes allowed (raise limit.layerBytes in images.properties)"
                .formatted(layer));
    assertThat(server.seen()).noneMatch(seen -> seen.path().contains(layer));
    assertThat(stored()).isEmpty();
  }

  @Test
  void layersThatAreTooLargeTogetherAreRefused() throws Exception {
    serve(3000);
    assertThatThrownBy(() -> pull(limits(4000, 2999)))
        .hasMessageContaining("layers together have more than the 2999 bytes allowed")
        .hasMessageContaining("limit.imageBytes");
    assertThat(stored()).isEmpty();
  }

  @Test
  void whatDoesNotFitOnTheDiskIsNotBegun() throws Exception {
    TestImage image = serve(FOUR_PEBIBYTES);
    assertThatThrownBy(() -> pull(limits(Long.MAX_VALUE, Long.MAX_VALUE)))
        .hasMessageStartingWith("what is to be fetched takes 4503599627370496 bytes, and the disk")
        .hasMessageContaining(directory.resolve("images").toString());
    assertThat(server.seen())
        .noneMatch(seen -> seen.path().contains(Digest.of(image.layer).toString()));
  }

  @Test
  void ofAnImageThatIsRefusedWhenItIsUnpackedNothingIsKept() throws Exception {
    byte[] layer = new TarBytes().add(TarBytes.file("file", "x".repeat(5000))).end();
    new TestImage("amd64", layer, Digest.of(layer)).serve(server, "app", "latest");
    ImageLimits limits = limits(1 << 20, 1 << 20).withUncompressedBytes(1000);
    assertThatThrownBy(() -> pull(limits)).hasMessageContaining("limit.uncompressedBytes");
    assertThat(stored()).isEmpty();

    // What another image has stays.
    Image good = pull(limits(1 << 20, 1 << 20));
    Files.delete(good.root());
    assertThatThrownBy(() -> pull(limits)).hasMessageContaining("limit.uncompressedBytes");
    assertThat(store.list()).hasSize(1);
    assertThat(store.blobs().has(Digest.of(layer))).isTrue();
  }
}
