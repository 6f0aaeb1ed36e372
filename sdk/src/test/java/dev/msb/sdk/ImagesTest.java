package dev.msb.sdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Images and logins in a home of their own, without a registry.
class ImagesTest {
  private static final byte[] EMPTY_TAR = new byte[1024];

  @TempDir Path directory;

  @BeforeEach
  void haveNothing() {
    System.setProperty("msb.home", directory.resolve("home").toString());
  }

  @AfterEach
  void forgetHome() {
    System.clearProperty("msb.home");
  }

  @Test
  void anImageComesInIsKnownGoesOutAndIsRemoved() throws Exception {
    List<ImageProgress.Stage> stages = new ArrayList<>();
    ImageProgress progress = (stage, image, done, total) -> stages.add(stage);
    List<ImageInfo> loaded = Images.load(archive(), null, progress);
    assertThat(loaded).singleElement().extracting(ImageInfo::name).isEqualTo("app:1");
    assertThat(stages).contains(ImageProgress.Stage.UNPACKING, ImageProgress.Stage.WRITING);
    assertThat(Images.list()).isEqualTo(loaded);
    ImageInfo info = Images.find("docker.io/library/app:1").orElseThrow();
    assertThat(info.config().command()).containsExactly("/bin/app");
    assertThat(info.layers()).hasSize(1);
    assertThat(info.rootDisk()).exists();

    ByteArrayOutputStream tar = new ByteArrayOutputStream();
    Images.save(List.of("app:1"), tar);
    Path file = directory.resolve("image.tar");
    Images.save(List.of("app:1"), file);
    assertThat(Files.readAllBytes(file)).isEqualTo(tar.toByteArray());
    assertThat(Images.remove("app:1")).isTrue();
    assertThat(Images.remove("app:1")).isFalse();
    assertThat(info.rootDisk()).doesNotExist();

    ByteArrayInputStream in = new ByteArrayInputStream(tar.toByteArray());
    assertThat(Images.load(in, "other", ImageProgress.NONE))
        .singleElement()
        .satisfies(image -> assertThat(image.name()).isEqualTo("other:latest"))
        .satisfies(image -> assertThat(image.id()).isEqualTo(info.id()));
    assertThat(Images.prune(true).images()).containsExactly("other:latest");
    assertThat(Images.list()).isEmpty();
  }

  @Test
  void whatIsNotHereIsNamed() {
    assertThatThrownBy(() -> Images.save(List.of("nope"), directory.resolve("nope.tar")))
        .isInstanceOf(SandboxException.class)
        .hasMessage("there is no image nope:latest here");
    Path archive = directory.resolve("none.tar");
    assertThatThrownBy(() -> Images.load(archive, null, ImageProgress.NONE))
        .isInstanceOf(SandboxException.class)
        .hasMessage("there is no archive " + archive);
  }

  @Test
  void aNameThatIsNoneIsTheCallersMistake() {
    assertThat(Images.nameOf("docker.io/library/alpine")).isEqualTo("alpine:latest");
    assertThatThrownBy(() -> Images.find("A B")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> RegistryLogins.logout("a b"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> RegistryAccess.defaults().maxRetries(-1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Sandbox.checkName("../x"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void nobodyIsLoggedInAtFirst() throws Exception {
    assertThat(RegistryLogins.list()).isEmpty();
    assertThat(RegistryLogins.logout("registry.test")).isFalse();
  }

  @Test
  void textOfStrangersIsOneLineForPeopleAndBytesForTheGuest() {
    byte[] bytes = {'a', '\n', (byte) 0xff};
    String text = GuestText.of(bytes);
    assertThat(GuestText.bytes(text)).isEqualTo(bytes);
    assertThat(GuestText.line(text)).isEqualTo("a\\n\\xff");
    assertThat(GuestText.line("a".repeat(9), 5)).isEqualTo("aa...");
    assertThat(GuestText.escaped(" \t ")).isEqualTo(" \\t ");
  }

  /// As `docker save` makes it, with one empty layer.
  private Path archive() throws Exception {
    Path archive = Files.createDirectories(directory.resolve("archive"));
    String layer = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(EMPTY_TAR));
    Files.write(archive.resolve("layer.tar"), EMPTY_TAR);
    Files.writeString(
        archive.resolve("config.json"),
        """
        {"os": "linux", "architecture": "%s", "config": {"Cmd": ["/bin/app"]},
         "rootfs": {"type": "layers", "diff_ids": ["sha256:%s"]}}
        """
            .formatted(System.getProperty("os.arch"), layer));
    Files.writeString(
        archive.resolve("manifest.json"),
        """
        [{"Config": "config.json", "RepoTags": ["app:1"], "Layers": ["layer.tar"]}]
        """);
    return archive;
  }
}
