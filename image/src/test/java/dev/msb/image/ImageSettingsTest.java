package dev.msb.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a user writes down once for all commands.
class ImageSettingsTest {
  @TempDir private Path directory = Path.of("/");

  @Test
  void aFileThatIsNotThereSaysNothing() throws ImageException {
    ImageSettings settings = ImageSettings.read(directory.resolve("none"));
    assertThat(settings.limits()).isEqualTo(ImageLimits.DEFAULT);
    assertThat(settings.registries().build().mirrors()).isEmpty();
  }

  @Test
  void everyKeyIsTaken() throws IOException {
    ImageSettings settings =
        read(
            "# a comment",
            "insecure = localhost:5000, registry.test",
            "ca = /etc/ca.pem",
            "mirror.docker.io = https://one.test, two.test",
            "limit.layerBytes = 900",
            "limit.imageBytes = 950",
            "limit.uncompressedBytes = 1000",
            "limit.entries = 1",
            "limit.metadataBytes = 2",
            "limit.pathBytes = 3",
            "limit.depth = 4",
            "limit.xattrBytes = 5");
    assertThat(settings.limits()).isEqualTo(new ImageLimits(900, 950, 1000, 1, 2, 3, 4, 5));
    RegistryOptions options = settings.registries().build();
    assertThat(options.insecure()).isEqualTo(Set.of("localhost:5000", "registry.test"));
    assertThat(options.caFile()).contains(Path.of("/etc/ca.pem"));
    assertThat(options.mirrors().get("docker.io")).hasSize(2);
  }

  @Test
  void whatIsUnknownOrNoValueIsAnErrorThatNamesIt() throws IOException {
    for (String line :
        List.of(
            "insecur = x",
            "limit.entrys = 1",
            "limit.entries = many",
            "limit.depth = 0",
            "mirror.docker.io = ftp://x",
            "insecure = not a host")) {
      String key = line.substring(0, line.indexOf(' '));
      assertThatThrownBy(() -> read(line))
          .as(line)
          .isInstanceOf(ImageException.class)
          .hasMessageContaining("images.properties: " + key);
    }
  }

  private ImageSettings read(String... lines) throws IOException {
    Path file = Files.write(directory.resolve("images.properties"), List.of(lines));
    return ImageSettings.read(file);
  }
}
