package dev.msb.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msb.files.CopyOptions;
import dev.msb.files.CopySummary;
import dev.msb.files.FileInfo;
import dev.msb.files.GuestFiles;
import dev.msb.sdk.MemorySize;
import dev.msb.sdk.Sandbox;
import dev.msb.sdk.SandboxException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.ClosedFileSystemException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The files of a real guest, through the SDK.
@Timeout(180)
class FilesVmTest extends SdkTest {
  private static final int LARGE_BYTES = 200 * 1024 * 1024;

  @TempDir Path host;

  FilesVmTest() throws IOException {}

  @Test
  @Tag("quick")
  void aFileIsWhatTheGuestSeesAndTheOtherWayRound() throws Exception {
    try (GuestFiles files = box().files()) {
      files.makeDirectories("/data/in");
      files.writeString("/data/in/text", "from outside\n");
      assertThat(box().exec("cat", "/data/in/text").stdout()).isEqualTo("from outside\n");
      box().shell("printf 'from inside' >/data/in/text; chmod 640 /data/in/text").orThrow();
      assertThat(files.readString("/data/in/text")).isEqualTo("from inside");
      FileInfo info = files.stat("/data/in/text");
      assertThat(info.size()).isEqualTo(11);
      assertThat(info.mode()).isEqualTo(0640);
      assertThat(files.list("/data")).extracting(FileInfo::name).containsExactly("in");
      files.makeSymbolicLink("/data/link", "in/text");
      assertThat(box().exec("cat", "/data/link").stdout()).isEqualTo("from inside");
      assertThat(files.readSymbolicLink("/data/link")).isEqualTo("in/text");
      files.move("/data/in", "/data/moved");
      assertThat(files.exists("/data/in")).isFalse();
      files.removeTree("/data");
      assertThat(box().shell("[ -e /data ]").success()).isFalse();
    }
  }

  @Test
  void whatTheImageHasIsReadMovedAndRemovedToo() throws Exception {
    try (GuestFiles files = box().files()) {
      assertThat(files.readString("/etc/passwd")).startsWith("root:");
      files.move("/etc/passwd", "/etc/passwd.moved");
      files.makeDirectory("/etc/fresh");
      files.move("/etc", "/etc.moved"); // a directory of the image: copied, then removed
      assertThat(box().shell("ls -d /etc /etc.moved/fresh 2>&1").stdout())
          .contains("/etc.moved/fresh", "/etc: No such file");
      files.move("/etc.moved", "/etc");
      files.move("/etc/passwd.moved", "/etc/passwd");
      assertThat(box().shell("id -un").stdout()).isEqualTo("root\n");
    }
  }

  @Test
  void failuresAreTyped() throws Exception {
    try (GuestFiles files = box().files();
        GuestFiles nobody = files.as("1000")) {
      assertThatThrownBy(() -> files.read("/none")).isInstanceOf(NoSuchFileException.class);
      files.makeDirectories("/full/x");
      assertThatThrownBy(() -> files.remove("/full"))
          .isInstanceOf(DirectoryNotEmptyException.class);
      assertThatThrownBy(() -> files.makeDirectory("/full"))
          .isInstanceOf(FileAlreadyExistsException.class);
      assertThatThrownBy(() -> files.list("/etc/passwd")).isInstanceOf(NotDirectoryException.class);
      assertThatThrownBy(() -> nobody.writeString("/full/f", "x"))
          .isInstanceOf(AccessDeniedException.class)
          .hasMessageContaining("/full/f");
      assertThatThrownBy(() -> files.writeString("/proc/none", "x"))
          .isInstanceOf(FileSystemException.class);
      files.removeTree("/full");
    }
  }

  @Test
  void aLargeFileStreamsBothWaysInBoundedMemory() throws Exception {
    byte[] chunk = new byte[1 << 20];
    new Random(7).nextBytes(chunk);
    try (GuestFiles files = box().files()) {
      try (OutputStream out = files.write("/tmp/large")) {
        for (int i = 0; i < LARGE_BYTES; i += chunk.length) {
          out.write(chunk);
        }
      }
      assertThat(files.stat("/tmp/large").size()).isEqualTo(LARGE_BYTES);
      try (InputStream in = files.read("/tmp/large")) {
        for (int i = 0; i < LARGE_BYTES; i += chunk.length) {
          assertThat(Arrays.equals(in.readNBytes(chunk.length), chunk)).isTrue();
        }
        assertThat(in.read()).isEqualTo(-1);
      }
      assertThatThrownBy(() -> files.readAllBytes("/tmp/large"))
          .hasMessageContaining("read it as a stream");
      files.remove("/tmp/large");
    }
  }

  @Test
  void aTreeIsTheSameAfterTheWayThereAndBack() throws Exception {
    long seed = Long.getLong("msb.seed", System.nanoTime());
    System.out.println("seed " + seed);
    Path tree = Files.createDirectory(host.resolve("tree"));
    Random random = new Random(seed);
    for (int i = 0; i < 300; i++) {
      Path directory = tree.resolve("d" + random.nextInt(20) + "/e" + random.nextInt(5));
      Files.createDirectories(directory);
      byte[] bytes = new byte[random.nextInt(20_000)];
      random.nextBytes(bytes);
      Path file = Files.write(directory.resolve("f" + i), bytes);
      Files.setPosixFilePermissions(
          file, PosixFilePermissions.fromString(random.nextBoolean() ? "rwxr-x--x" : "r--------"));
      Files.createSymbolicLink(directory.resolve("l" + i), Path.of("../../gone/f" + i));
    }
    try (GuestFiles files = box().files()) {
      CopySummary in = files.copyIn(tree, "/tmp/tree");
      assertThat(in.files()).isEqualTo(300);
      assertThat(in.links()).isEqualTo(300);
      files.copyOut("/tmp/tree", host.resolve("back"), CopyOptions.defaults().keepingOwners());
      assertThat(described(host.resolve("back"))).isEqualTo(described(tree));
      files.removeTree("/tmp/tree");
    }
  }

  private static Map<String, String> described(Path root) throws IOException {
    Map<String, String> all = new TreeMap<>();
    try (Stream<Path> paths = Files.walk(root)) {
      for (Path path : paths.toList()) {
        String what =
            Files.isSymbolicLink(path)
                ? Files.readSymbolicLink(path).toString()
                : Files.getPosixFilePermissions(path)
                    + " "
                    + Files.getLastModifiedTime(path)
                    + (Files.isDirectory(path) ? "" : Arrays.hashCode(Files.readAllBytes(path)));
        all.put(root.relativize(path).toString(), what);
      }
    }
    return all;
  }

  @Test
  void theJdksFilesWorkOnIt() throws Exception {
    try (FileSystem system = box().files().fileSystem()) {
      Path root = Files.createDirectory(system.getPath("/view"));
      Path file = Files.writeString(root.resolve("a.txt"), "text");
      Files.createDirectories(root.resolve("b/c"));
      Files.copy(file, root.resolve("b/c/copy"));
      Files.createSymbolicLink(root.resolve("l"), system.getPath("a.txt"));
      try (Stream<Path> walked = Files.walk(root)) {
        assertThat(walked.map(Path::toString))
            .containsExactlyInAnyOrder(
                "/view", "/view/a.txt", "/view/b", "/view/b/c", "/view/b/c/copy", "/view/l");
      }
      assertThat(Files.readString(root.resolve("l"))).isEqualTo("text");
      assertThat(Files.isSymbolicLink(root.resolve("l"))).isTrue();
      assertThat(Files.size(root.resolve("b/c/copy"))).isEqualTo(4);
      Files.copy(root.resolve("b/c/copy"), host.resolve("out"));
      assertThat(host.resolve("out")).hasContent("text");
      Files.move(host.resolve("out"), root.resolve("back"));
      assertThat(Files.readAllLines(root.resolve("back"), StandardCharsets.UTF_8))
          .containsExactly("text");
      assertThat(Files.exists(root.resolve("none"), LinkOption.NOFOLLOW_LINKS)).isFalse();
      box().files().removeTree("/view");
    }
  }

  @Test
  void aStoppedSandboxIsStartedAndARemovedOneIsSaidSo() throws Exception {
    try (Sandbox other = Sandbox.builder("other").memory(MemorySize.mebibytes(128)).create()) {
      GuestFiles files = other.files();
      files.writeString("/kept", "x");
      other.stop(Duration.ofSeconds(10));
      assertThat(files.readString("/kept")).isEqualTo("x");
      other.removeForcibly();
      assertThatThrownBy(() -> files.readString("/kept")).isInstanceOf(SandboxException.class);
      files.close();
      assertThatThrownBy(() -> files.readString("/kept"))
          .isInstanceOf(ClosedFileSystemException.class);
    }
  }

  @Test
  void theFileServerIsAnExecThatEndsAndIsNotLogged() throws Exception {
    GuestFiles files = box().files();
    files.writeString("/tmp/x", "x");
    assertThat(box().processes()).anyMatch(p -> p.argv().contains("msb-files"));
    files.close();
    while (box().processes().stream().anyMatch(p -> p.argv().contains("msb-files"))) {
      box().ping(); // its end is on its way: the supervisor tells the agent, the agent the
      // supervisor
    }
    assertThat(awaitInGuest("! grep -q ^msb-files /proc/[0-9]*/cmdline")).isZero();
  }
}
