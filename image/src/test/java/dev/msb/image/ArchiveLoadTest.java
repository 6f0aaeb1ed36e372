package dev.msb.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// An archive of several images is loaded as a whole, or not at all.
class ArchiveLoadTest {
  private static final Platform AMD64 = Platform.parse("linux/amd64");

  @TempDir Path directory;

  private ImageStore store() {
    return new ImageStore(directory.resolve("images"));
  }

  private List<Image> load(Path archive) throws Exception {
    return ImageArchive.load(
        store(), archive, Optional.empty(), AMD64, ImageLimits.DEFAULT, BuildListener.NONE);
  }

  private static byte[] layer(String text) {
    return new TarBytes().add(TarBytes.file("file", text)).end();
  }

  /// Images `one:1`, `two:1`, `three:1`.
  private Path layout() throws IOException {
    Path layout = directory.resolve("layout");
    List<String> manifests = new ArrayList<>();
    for (String name : List.of("one", "two", "three")) {
      OciLayout.write(layout, List.of(layer(name)));
      String index = Files.readString(layout.resolve("index.json"));
      String manifest = index.substring(index.indexOf('[') + 1, index.lastIndexOf(']'));
      manifests.add(manifest.replace("\"latest\"", "\"" + name + ":1\""));
    }
    Files.writeString(
        layout.resolve("index.json"),
        "{\"schemaVersion\":2,\"manifests\":[" + String.join(",", manifests) + "]}");
    return layout;
  }

  /// What is in the store, but for locks.
  private List<Path> stored(String below) throws IOException {
    try (Stream<Path> files = Files.walk(directory.resolve("images").resolve(below))) {
      return files
          .filter(file -> Files.isRegularFile(file) && !file.toString().contains("lock"))
          .toList();
    }
  }

  @Test
  void allImagesAreLoaded() throws Exception {
    assertThat(load(layout()))
        .extracting(image -> image.name().familiar())
        .containsExactly("one:1", "two:1", "three:1");
    assertThat(store().list()).hasSize(3);
  }

  @Test
  void theOneThatIsDamagedIsNamedAndNoneIsTaken() throws Exception {
    Path layout = layout();
    Path damaged = layout.resolve("blobs/sha256").resolve(Digest.of(layer("two")).hex());
    Files.writeString(damaged, "nonsense");
    assertThatThrownBy(() -> load(layout))
        .isInstanceOf(ImageException.class)
        .hasMessageStartingWith("two:1, one of 3 images in it, of which none is taken: a layer is");
    assertThat(store().list()).isEmpty();
    assertThat(stored("names")).isEmpty();
    assertThat(stored("blobs")).isEmpty();
  }

  @Test
  void ofDockersArchiveToo() throws Exception {
    Path archive = Files.createDirectory(directory.resolve("saved"));
    StringBuilder items = new StringBuilder();
    for (String name : List.of("one", "two")) {
      byte[] layer = layer(name);
      String config =
          "{\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":{},\"rootfs\":{\"type\":\"layers\","
              + "\"diff_ids\":[\""
              + Digest.of(layer)
              + "\"]}}";
      Files.write(archive.resolve(name + ".tar"), layer);
      Files.writeString(archive.resolve(name + ".json"), config);
      items
          .append(items.isEmpty() ? "" : ",")
          .append(
              "{\"Config\":\"%1$s.json\",\"RepoTags\":[\"%1$s:1\"],\"Layers\":[\"%1$s.tar\"]}"
                  .formatted(name));
    }
    Files.writeString(archive.resolve("manifest.json"), "[" + items + "]");
    assertThat(load(archive)).hasSize(2);
    Files.write(archive.resolve("two.tar"), "nonsense".getBytes(StandardCharsets.UTF_8));
    store().remove(Reference.parse("one:1"), java.util.Set::of);
    store().remove(Reference.parse("two:1"), java.util.Set::of);
    assertThatThrownBy(() -> load(archive))
        .hasMessageStartingWith("two:1, one of 2 images in it, of which none is taken: ");
    assertThat(store().list()).isEmpty();
    assertThat(stored("blobs")).isEmpty();
  }
}
