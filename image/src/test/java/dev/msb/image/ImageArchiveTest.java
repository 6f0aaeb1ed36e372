package dev.msb.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Archives with images that are not for this machine, or for several machines.
class ImageArchiveTest {
  private static final Platform AMD64 = Platform.parse("linux/amd64");

  @TempDir Path directory;

  @Test
  void anImageForAnotherMachineIsRefused() throws Exception {
    for (String platform : List.of("linux/arm64", "windows/amd64", "linux/arm/v7")) {
      Path layout = directory.resolve(platform.replace('/', '-'));
      OciLayout.index(layout, OciLayout.image(layout, "app:1", platform));
      assertThatThrownBy(() -> load(layout))
          .isInstanceOf(ImageException.class)
          .hasMessage("there is no image for linux/amd64, only for " + platform);
    }
    assertThat(store().list()).isEmpty();
  }

  @Test
  void dockersAreRefused() throws Exception {
    Path archive = Files.createDirectories(directory.resolve("docker"));
    Files.writeString(
        archive.resolve("manifest.json"),
        "[{\"Config\":\"config\",\"Layers\":[],\"RepoTags\":[\"app:1\"]}]");
    Files.writeString(
        archive.resolve("config"),
        "{\"os\":\"linux\",\"architecture\":\"s390x\",\"rootfs\":{\"diff_ids\":[]}}");
    assertThatThrownBy(() -> load(archive))
        .hasMessage("there is no image for linux/amd64, only for linux/s390x");
  }

  @Test
  void ofSeveralWithOneNameTheRightOneIsTaken() throws Exception {
    Path layout = directory.resolve("layout");
    OciLayout.index(
        layout,
        OciLayout.image(layout, "app:1", "linux/arm64"),
        OciLayout.image(layout, "app:1", "linux/amd64"),
        OciLayout.image(layout, "app:1", "linux/s390x"));
    assertThat(load(layout).getFirst().config().platform()).contains(AMD64);
    assertThat(store().list()).hasSize(1);
  }

  @Test
  void oneNameIsNotEnoughForSeveral() throws Exception {
    Path layout = directory.resolve("layout");
    OciLayout.index(
        layout,
        OciLayout.image(layout, "one:1", "linux/amd64"),
        OciLayout.image(layout, "two:1", "linux/amd64"));
    assertThatThrownBy(() ->
            ImageArchive.load(
                store(),
                layout,
                Optional.of(Reference.parse("mine")),
                AMD64,
                ImageLimits.DEFAULT,
                BuildListener.NONE))
        .hasMessage("there are 2 images in it, so one name is not enough");
  }

  @Test
  void anArchiveMayBeCompressedWithXz() throws Exception {
    Path layout = directory.resolve("layout");
    OciLayout.index(layout, OciLayout.image(layout, "app:1", "linux/amd64"));
    Programs.run(layout, "tar", "-cJf", "../archive", ".");
    assertThat(load(directory.resolve("archive"))).hasSize(1);
  }

  private ImageStore store() {
    return new ImageStore(directory.resolve("store"));
  }

  private List<Image> load(Path archive) throws Exception {
    return ImageArchive.load(
        store(), archive, Optional.empty(), AMD64, ImageLimits.DEFAULT, BuildListener.NONE);
  }
}
