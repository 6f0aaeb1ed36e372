package dev.msb.image;

import static dev.msb.image.TarBytes.directory;
import static dev.msb.image.TarBytes.file;
import static dev.msb.image.TarBytes.hardLink;
import static dev.msb.image.TarBytes.other;
import static dev.msb.image.TarBytes.symlink;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Layers as the OCI image spec has them, read back by another program and by the kernel. Needs
/// root.
class RootImageTest {
  @TempDir Path directory;

  private Path work = Path.of("");
  private Path disk = Path.of("");

  @BeforeEach
  void makeWork() throws Exception {
    work = Files.createDirectory(directory.resolve("work"));
    disk = directory.resolve("disk");
  }

  @Test
  void aWhiteoutHidesWhatLowerLayersHave() throws Exception {
    SortedMap<String, String> root =
        build(
            TarBytes.of(file("a/x", "1"), file("a/y", "1"), file("b/z", "1")),
            TarBytes.of(file("a/.wh.x", ""), file(".wh.b", ""), file(".wh.nothing", "")));
    assertThat(root.keySet()).containsExactly("", "/a", "/a/y");
  }

  @Test
  void aWhiteoutHidesNothingOfItsOwnLayer() throws Exception {
    SortedMap<String, String> root =
        build(
            TarBytes.of(file("a/x", "1"), file("a/y", "1")),
            TarBytes.of(file("a/z", "2"), file(".wh.a", ""), file("b", ""), file(".wh.b", "")));
    assertThat(root.keySet()).containsExactly("", "/a", "/a/z", "/b");
  }

  @Test
  void anOpaqueDirectoryHidesLowerLayersWhereverItIsSaid() throws Exception {
    SortedMap<String, String> root =
        build(
            TarBytes.of(file("a/x", "1"), file("a/d/y", "1")),
            TarBytes.of(file("a/z", "2"), file("a/.wh..wh..opq", ""), file("a/d/w", "2")));
    assertThat(root.keySet()).containsExactly("", "/a", "/a/d", "/a/d/w", "/a/z");
  }

  @Test
  void whatAufsKeptForItselfIsLeftOut() throws Exception {
    SortedMap<String, String> root =
        build(
            TarBytes.of(file(".wh..wh.plnk/1.2", "x"), other('0', ".wh..wh.aufs"), file("a", "")));
    assertThat(root.keySet()).containsExactly("", "/a");
  }

  @Test
  void aDirectoryOverADirectoryTakesTheNewMetadata() throws Exception {
    SortedMap<String, String> root =
        build(
            TarBytes.of(directory("a").xattr("user.a", new byte[1]), file("a/x", "1")),
            TarBytes.of(directory("a/").mode(02750).owner(1, 2).mtime(3)));
    assertThat(root.get("/a")).isEqualTo("0042750 owner=1:2 mtime=3");
    assertThat(root).containsKey("/a/x");
  }

  @Test
  void filesAndDirectoriesReplaceEachOther() throws Exception {
    SortedMap<String, String> root =
        build(
            TarBytes.of(file("a/x", "1"), file("b", "1"), symlink("c", "a"), directory("c")),
            TarBytes.of(file("a", "2"), directory("b"), file("b/y", "2")));
    assertThat(root.keySet()).containsExactly("", "/a", "/b", "/b/y", "/c");
    assertThat(root.get("/c")).startsWith("0040755");
  }

  @Test
  void aReplacedNameLeavesTheOtherNamesOfItsFile() throws Exception {
    SortedMap<String, String> root =
        build(
            TarBytes.of(file("a", "1"), hardLink("b", "a"), hardLink("c", "/./b")),
            TarBytes.of(file("a", "2"), hardLink("d", "b"), file(".wh.c", "")));
    assertThat(root.get("/b")).endsWith(" as=/b").isEqualTo(root.get("/d"));
    assertThat(root.get("/a")).endsWith(" as=/a");
    assertThat(root).doesNotContainKey("/c");
  }

  @Test
  void noPathLeavesTheRoot() throws Exception {
    SortedMap<String, String> root =
        build(
            TarBytes.of(
                file("/abs", ""),
                file("../../up", ""),
                file("a/../b", ""),
                symlink("out", "/../../../etc"),
                file("out/passwd", "x"),
                symlink("d/rel", "../../../../tmp"),
                file("d/rel/y", "x")));
    assertThat(root.keySet())
        .containsExactly(
            "",
            "/abs",
            "/b",
            "/d",
            "/d/rel",
            "/etc",
            "/etc/passwd",
            "/out",
            "/tmp",
            "/tmp/y",
            "/up");
  }

  @Test
  void directoriesMayLieAsDeepAsTheLimitSays() throws Exception {
    Path tar = directory.resolve("tar");
    Files.write(tar, TarBytes.of(file("d/".repeat(1024) + "f", "")));
    RootImage.fromTar(tar, work, disk, ImageLimits.DEFAULT, BuildListener.NONE);
    assertThat(Programs.run(directory, "unsquashfs", "-ls", "disk").lines()).hasSize(1026);
  }

  @Test
  void whatIsOfNoUseInAnotherMachineIsLeftOut() throws Exception {
    SortedMap<String, String> root =
        build(
            TarBytes.of(
                file("a", "")
                    .mtime(-5)
                    .xattr("security.selinux", new byte[1])
                    .xattr("trusted.overlay.opaque", new byte[] {'y'})
                    .xattr("system.posix_acl_access", new byte[4])
                    .xattr("user.kept", new byte[1])));
    assertThat(root.get("/a")).contains(" mtime=0 ").contains("user.kept=00").doesNotContain("yst");
    assertThat(root.get("/a")).doesNotContain("selinux").doesNotContain("overlay");
  }

  @Test
  void whiteoutsMeanNothingInATarWithAWholeRoot() throws Exception {
    Path tar = Files.write(directory.resolve("tar"), TarBytes.of(file(".wh.a", ""), file("a", "")));
    RootImage.fromTar(tar, work, disk, ImageLimits.DEFAULT, BuildListener.NONE);
    assertThat(FileTree.of(Programs.unsquash(disk, directory, "root")).keySet())
        .containsExactly("", "/.wh.a", "/a");
  }

  @Test
  void theKernelReadsWhatIsWritten() throws Exception {
    TarBytes tar = new TarBytes();
    byte[] capability = HexFormat.of().parseHex("0100000200040000000000000000000000000000");
    tar.add(directory("./").mode(0711).owner(9, 8).mtime(7).xattr("user.root", capability));
    Random random = new Random(5);
    for (int i = 0; i < 5_000; i++) {
      // Long listings have an index, which only the kernel uses.
      tar.add(file("many/" + Long.toHexString(random.nextLong()) + "-a-long-name-" + i, "x"));
    }
    tar.add(file("hole", "\0".repeat(1 << 20) + "end"));
    tar.add(file("large", "0123456789".repeat(100_000)).xattr("security.capability", capability));
    tar.add(hardLink("larger", "large")).add(symlink("s", "large").xattr("trusted.s", capability));
    tar.add(other('6', "fifo")).add(other('3', "null").device(1, 3).xattr("trusted.d", capability));
    SortedMap<String, String> root = build(tar.end());
    Files.createDirectory(directory.resolve("mnt"));
    // The mount is seen by, and ends with, this one shell.
    String script = "mount -t squashfs -o loop,ro disk mnt && cp -a mnt copy";
    Programs.run(directory, "unshare", "-m", "sh", "-c", script);
    FileTree.assertSame("the kernel's", FileTree.of(directory.resolve("copy")), root);
  }

  private SortedMap<String, String> build(byte[]... tars) throws Exception {
    RootImage.build(layers(List.of(tars)), work, disk, ImageLimits.DEFAULT, BuildListener.NONE);
    assertThat(work).isEmptyDirectory();
    Path root = directory.resolve("root");
    if (Files.exists(root)) {
      Programs.run(directory, "rm", "-r", "root");
    }
    return new TreeMap<>(FileTree.of(Programs.unsquash(disk, directory, "root")));
  }

  private List<Layer> layers(List<byte[]> tars) throws Exception {
    List<Layer> layers = new ArrayList<>();
    for (byte[] tar : tars) {
      Path file = directory.resolve("layer" + layers.size());
      layers.add(new Layer(Files.write(file, tar), Optional.of(Digest.of(tar))));
    }
    return layers;
  }
}
