package dev.msb.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Images that are here already.
class ImageStoreTest {
  @TempDir private Path directory = Path.of("/nonexistent");

  /// As a store that an older version of msb has filled, whose root disks are of another format.
  @Test
  void aRootDiskThatIsNotThereIsMadeOfTheLayersThatAre() throws Exception {
    Path layout = directory.resolve("layout");
    OciLayout.write(layout, List.of(TarBytes.of(TarBytes.file("a", "1"))));
    ImageStore store = new ImageStore(directory.resolve("store"));
    Reference name = Reference.parse("app:1");
    Platform platform = Platform.parse("linux/amd64");
    Image loaded =
        ImageArchive.load(
                store, layout, Optional.of(name), platform, ImageLimits.DEFAULT, BuildListener.NONE)
            .getFirst();
    byte[] root = Files.readAllBytes(loaded.root());
    Files.delete(loaded.root());
    try (Registry none = new Registry(RegistryOptions.builder().build(), r -> Optional.empty())) {
      Image found =
          store.get(
              name, PullPolicy.NEVER, none, platform, ImageLimits.DEFAULT, ImageListener.NONE);
      assertThat(found.root()).isEqualTo(loaded.root()).hasBinaryContent(root);
    }
  }
}
