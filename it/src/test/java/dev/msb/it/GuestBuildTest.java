package dev.msb.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What the guest is made of.
@Timeout(300)
class GuestBuildTest {
  private static final Path ROOT = Path.of(System.getProperty("msb.root", "..")).toAbsolutePath();

  @TempDir private Path directory = Path.of("/nonexistent");

  /// In another directory, at another time and in another time zone.
  @Test
  void theSamePackagesAndAgentMakeTheSameBytes() throws Exception {
    Path guest = Msb.dist().resolve("guest");
    String again = directory.toString();
    run("make-guest", again, ROOT.resolve("agent/build/msb-agent").toString(), packaged("kernel"));
    run("make-busybox-image", again + "/busybox.squashfs", packaged("busybox"));
    run("make-upper", again + "/upper.ext4", "4G");
    for (String file : List.of("vmlinux", "initramfs", "busybox.squashfs", "upper.ext4")) {
      assertThat(Files.mismatch(directory.resolve(file), guest.resolve(file)))
          .as(file)
          .isEqualTo(-1);
    }
    assertThat(Files.readAllLines(guest.resolve("manifest")))
        .containsAll(Files.readAllLines(directory.resolve("manifest")));
  }

  /// The package of which `dist/guest` was made: it was got, so it is there.
  private static String packaged(String role) throws Exception {
    return run(
            "fetch-package",
            role,
            Msb.dist().resolve("packages").toString(),
            Msb.dist().resolve("guest/manifest").toString())
        .strip();
  }

  private static String run(String script, String... arguments) throws Exception {
    List<String> words = new ArrayList<>(List.of(ROOT.resolve("guest/" + script).toString()));
    words.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(words);
    builder.environment().put("TZ", "Asia/Tokyo");
    return Msb.finish(builder.redirectInput(Path.of("/dev/null").toFile()).start()).ok().stdout();
  }
}
