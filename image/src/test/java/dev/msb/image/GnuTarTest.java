package dev.msb.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A directory with one of everything, as a tar of other programs and as it is; the root disk must
/// hold the same. Needs root.
class GnuTarTest {
  @TempDir Path directory;

  private Path source = Path.of("");

  @BeforeEach
  void makeOneOfEverything() throws Exception {
    source = Files.createDirectory(directory.resolve("source"));
    Files.writeString(source.resolve("plain"), "text\n");
    Files.createSymbolicLink(source.resolve("link"), Path.of("/etc/../plain"));
    Files.createLink(source.resolve("hard"), source.resolve("plain"));
    Files.createDirectory(source.resolve("empty"));
    Files.write(source.resolve("large"), new byte[300_000]);
    Files.write(source.resolve("random"), Digest.algorithm().digest(new byte[9]));
    try (RandomAccessFile sparse = new RandomAccessFile(source.resolve("sparse").toFile(), "rw")) {
      for (int i = 1; i < 30; i++) {
        sparse.seek(i * 100_000L);
        sparse.writeBytes("data " + i);
      }
      sparse.setLength(9_000_000);
    }
    Programs.run(source, "mkfifo", "fifo");
    Programs.run(source, "mknod", "null", "c", "1", "3");
    Programs.run(source, "mknod", "disk", "b", "259", "70000");
    Programs.run(source, "chown", "1234:4321", "plain", "empty");
    Programs.run(source, "chown", "-h", "77:78", "link");
    Programs.run(source, "chmod", "4755", "large");
    Programs.run(source, "chmod", "1777", ".");
    Files.setLastModifiedTime(source.resolve("plain"), FileTime.fromMillis(987_654_321_500L));
  }

  @ParameterizedTest
  @ValueSource(strings = {"gnu", "oldgnu", "posix", "pax", "ustar", "v7"})
  void allFormats(String format) throws Exception {
    if (format.equals("v7")) {
      // It has no types for these.
      for (String name : List.of("fifo", "null", "disk")) {
        Files.delete(source.resolve(name));
      }
    }
    fromTar(List.of("--format=" + format));
  }

  @ParameterizedTest
  @ValueSource(strings = {"gnu", "oldgnu", "posix"})
  void longNamesAndLargeNumbers(String format) throws Exception {
    Path deep = source.resolve("d".repeat(100)).resolve("e".repeat(150));
    Files.createDirectories(deep);
    Files.writeString(deep.resolve("f".repeat(250)), "long");
    Files.createSymbolicLink(source.resolve("long"), Path.of("t".repeat(300)));
    Programs.run(source, "sh", "-c", "ln d*/e*/f* second; chown 3000000:4000000000 plain");
    Programs.run(source, "sh", "-c", "touch -d @2147483649 large; touch -d @5000000000 random");
    fromTar(List.of("--format=" + format));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--format=gnu",
        "--format=posix --sparse-version=0.0",
        "--format=posix --sparse-version=0.1",
        "--format=posix --sparse-version=1.0"
      })
  void sparseFiles(String options) throws Exception {
    List<String> words = new ArrayList<>(List.of(options.split(" ")));
    words.add("--sparse");
    long tarBytes = fromTar(words);
    assertThat(tarBytes).isLessThan(1_000_000);
  }

  @Test
  void extendedAttributes() throws Exception {
    addXattrs();
    fromTar(List.of("--format=posix", "--xattrs", "--xattrs-include=*"));
  }

  @Test
  void extendedAttributesOfLibarchive() throws Exception {
    addXattrs();
    Path tar = directory.resolve("tar");
    Programs.run(source, "bsdtar", "--format=pax", "--xattrs", "-cf", tar.toString(), ".");
    assertThat(Files.readString(tar, StandardCharsets.ISO_8859_1)).contains("LIBARCHIVE.xattr.");
    assertSame(tar, "disk");
  }

  @Test
  void compressionIsSeenInTheBytes() throws Exception {
    Path tar = directory.resolve("tar");
    Programs.run(source, "tar", "-cf", tar.toString(), ".");
    // Both of two parts, as tools that compress with many threads write them.
    Programs.run(
        directory, "sh", "-c", "head -c 9999 tar | gzip > g; tail -c +10000 tar | gzip >> g");
    assertSame(directory.resolve("g"), "disk-gzip");
    Programs.run(
        directory, "sh", "-c", "head -c 9999 tar | zstd > z; tail -c +10000 tar | zstd >> z");
    assertSame(directory.resolve("z"), "disk-zstd");
    Programs.run(directory, "sh", "-c", "head -c 9999 tar | xz > x; tail -c +10000 tar | xz >> x");
    assertSame(directory.resolve("x"), "disk-xz");
    Programs.run(
        directory, "sh", "-c", "head -c 9999 tar | bzip2 > b; tail -c +10000 tar | bzip2 >> b");
    assertSame(directory.resolve("b"), "disk-bzip2");
  }

  @Test
  void aDirectoryAsItIs() throws Exception {
    addXattrs();
    Programs.run(source, "sh", "-c", "printf x > \"$(printf 'odd-\\377\\001')\"");
    SortedMap<String, String> before = FileTree.of(source);
    Path disk = directory.resolve("disk");
    RootImage.fromDirectory(source, work(), disk, ImageLimits.DEFAULT, BuildListener.NONE);
    assertThat(directory.resolve("work")).isEmptyDirectory();
    FileTree.assertSame("the root disk", read(disk), before);
    assertThat(FileTree.of(source)).isEqualTo(before);
  }

  @Test
  void aDirectoryOfSomebodyElseBecomesRoots() throws Exception {
    Programs.run(source, "chown", "5:5", ".");
    Path disk = directory.resolve("disk");
    RootImage.fromDirectory(source, work(), disk, ImageLimits.DEFAULT, BuildListener.NONE);
    assertThat(read(disk).values()).allMatch(line -> line.contains(" owner=0:0 "));
  }

  private void addXattrs() throws Exception {
    for (String name : List.of("plain", "empty")) {
      Files.getFileAttributeView(
              source.resolve(name), UserDefinedFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
          .write("msb", ByteBuffer.wrap(new byte[] {0, '\n', (byte) 0xff, '='}));
    }
    Programs.run(source, "setfattr", "-h", "-n", "trusted.msb", "-v", "0x0a00ff", "link");
    Programs.run(source, "setcap", "cap_net_raw+ep", "random");
  }

  private long fromTar(List<String> options) throws Exception {
    Path tar = directory.resolve("tar");
    List<String> argv = new ArrayList<>(List.of("tar"));
    argv.addAll(options);
    argv.addAll(List.of("-cf", tar.toString(), "."));
    Programs.run(source, argv.toArray(String[]::new));
    assertSame(tar, "disk");
    return Files.size(tar);
  }

  private void assertSame(Path tar, String name) throws Exception {
    Path disk = directory.resolve(name);
    RootImage.fromTar(tar, work(), disk, ImageLimits.DEFAULT, BuildListener.NONE);
    assertThat(directory.resolve("work")).isEmptyDirectory();
    FileTree.assertSame("the root disk", read(disk), clamped(FileTree.of(source)));
  }

  private Path work() throws Exception {
    return Files.createDirectories(directory.resolve("work"));
  }

  private SortedMap<String, String> read(Path disk) throws Exception {
    return FileTree.of(Programs.unsquash(disk, directory, disk.getFileName() + "-unsquashed"));
  }

  /// Times as a squashfs can say them.
  private static SortedMap<String, String> clamped(SortedMap<String, String> lines) {
    SortedMap<String, String> clamped = new TreeMap<>(lines);
    clamped.replaceAll((path, line) -> line.replace("mtime=5000000000", "mtime=4294967295"));
    return clamped;
  }
}
