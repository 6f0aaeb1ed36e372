package dev.msb.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// An image and the disk over it, as one file system.
@Timeout(300)
class OverlayVmTest {
  private static final String CHANGE =
      """
      set -e
      cd /data
      stat -c %i one >/data/number
      chmod 600 one                      # of a file with three names
      echo more >>sub/three
      mv sub /moved                      # a directory of the image
      mv /moved/below /moved/beside
      rm two
      ln one four
      """;

  private static final String LOOK =
      """
      cd /data
      stat -c '%h %a' one four /moved/three | uniq
      cat four
      test "$(stat -c %i one)" = "$(cat number)" && echo the number is what it was
      stat -c %d / /data /data/one /moved/beside/file /bin/busybox | uniq | wc -l
      ls -A /data /moved /moved/beside | tr '\\n' ' '
      cat /moved/beside/file
      ls /run/app
      """;

  private static final String SEEN =
      """
      3 600
      text
      more
      the number is what it was
      1
      /data: four number one  /moved: beside three  /moved/beside: file below
      pid
      """;

  private final Msb msb;

  @TempDir private Path tree = Path.of("/nonexistent");

  OverlayVmTest() throws IOException {
    msb = new Msb();
  }

  @AfterEach
  void removeAll() throws Exception {
    msb.removeAll();
  }

  @ParameterizedTest
  @ValueSource(strings = {"4G", "tmpfs"})
  void namesAndNumbersStayTogether(String disk) throws Exception {
    makeTree();
    msb.create("box", "--disk", disk, tree.toString()).ok();
    msb.sh("box", CHANGE).ok();
    assertThat(msb.sh("box", LOOK).ok().stdout()).isEqualTo(SEEN);
    if (!disk.equals("tmpfs")) {
      msb.run("stop", "box").ok();
      assertThat(msb.sh("box", LOOK).ok().stdout()).isEqualTo(SEEN);
    }
  }

  /// A root disk that knows no file by its handle, as older versions of msb made it.
  @Test
  void aRootWithoutAnExportTableStillHasItsDirectoriesRenamed() throws Exception {
    makeTree();
    Path disk = tree.resolveSibling("root.squashfs");
    Process made =
        new ProcessBuilder(
                "mksquashfs",
                tree.toString(),
                disk.toString(),
                "-no-exports",
                "-quiet",
                "-noappend")
            .redirectErrorStream(true)
            .start();
    assertThat(Msb.finish(made).ok().status()).isZero();
    try {
      msb.create("box", disk.toString()).ok();
      msb.sh("box", CHANGE).ok();
      assertThat(msb.sh("box", "ls /moved /moved/beside; cat /moved/beside/file").ok().stdout())
          .isEqualTo("/moved:\nbeside\nthree\n\n/moved/beside:\nfile\nbelow\n");
    } finally {
      Files.delete(disk);
    }
  }

  private void makeTree() throws Exception {
    Process unpacked =
        new ProcessBuilder(
                "unsquashfs",
                "-q",
                "-n",
                "-f",
                "-d",
                tree.toString(),
                Msb.dist().resolve("guest/busybox.squashfs").toString())
            .redirectErrorStream(true)
            .start();
    assertThat(Msb.finish(unpacked).ok().status()).isZero();
    Path data = Files.createDirectory(tree.resolve("data"));
    Files.createDirectories(data.resolve("sub/below"));
    Files.writeString(data.resolve("sub/below/file"), "below\n");
    Files.writeString(data.resolve("one"), "text\n");
    Files.createLink(data.resolve("two"), data.resolve("one"));
    Files.createLink(data.resolve("sub/three"), data.resolve("one"));
    Files.createDirectories(tree.resolve("run/app"));
    Files.writeString(tree.resolve("run/app/pid"), "");
  }
}
