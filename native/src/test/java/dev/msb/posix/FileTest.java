package dev.msb.posix;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class FileTest {
  private static final long GIBIBYTE = 1L << 30;

  @TempDir Path folder;

  private static int open(Path path, int flags) throws IOException {
    return Posix.check(Posix.open(Io.bytes(path), flags, 0600), "open " + path);
  }

  /// Writes some blocks into a file of 1 GiB: at its start, within, and as its last bytes.
  private Path sparseFile() throws IOException {
    Path path = folder.resolve("sparse");
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      file.setLength(GIBIBYTE);
      file.write(new byte[] {1, 2, 3});
      file.seek(300_000_001);
      file.write(new byte[100_000]);
      file.write(7);
      file.seek(GIBIBYTE - 3);
      file.write(new byte[] {4, 5, 6});
    }
    return path;
  }

  /// Compares sizes and all that is no hole in [#sparseFile], which is quicker than all of it.
  private static void assertSameSparseFile(Path source, Path target) throws IOException {
    try (RandomAccessFile expected = new RandomAccessFile(source.toFile(), "r");
        RandomAccessFile actual = new RandomAccessFile(target.toFile(), "r")) {
      assertThat(actual.length()).isEqualTo(GIBIBYTE);
      for (long at : new long[] {0, 299_000_000, GIBIBYTE - 2_000_000}) {
        byte[] wanted = new byte[2_000_000];
        byte[] copied = new byte[2_000_000];
        expected.seek(at);
        expected.readFully(wanted);
        actual.seek(at);
        actual.readFully(copied);
        assertThat(Arrays.equals(copied, wanted)).isTrue();
      }
    }
    assertThat(allocated(target)).isLessThan(1 << 20);
  }

  private static long allocated(Path path) throws IOException {
    Process du = new ProcessBuilder("du", "-k", path.toString()).start();
    String line = new String(du.getInputStream().readAllBytes(), UTF_8);
    return Long.parseLong(line.substring(0, line.indexOf('\t'))) * 1024;
  }

  private static int copy(Path from, Path to) throws IOException {
    int source = open(from, Posix.O_RDONLY);
    int target = open(to, Posix.O_RDWR | Posix.O_CREAT);
    int result = Posix.copySparse(source, target);
    Io.close(source, target);
    return result;
  }

  @Test
  void copyOfASparseFileIsSparse() throws IOException {
    Path source = sparseFile();
    Path target = folder.resolve("copy");
    assertThat(copy(source, target)).isZero();
    assertSameSparseFile(source, target);
  }

  @Test
  void copyGoesToAnotherFileSystem() throws IOException {
    Path source = sparseFile();
    Path target = Files.createTempFile(Path.of("/dev/shm"), "msb", ".copy");
    try {
      assertThat(copy(source, target)).isZero();
      assertSameSparseFile(source, target);
    } finally {
      Files.delete(target);
    }
  }

  @Test
  void copyLeavesNothingOfWhatWasThere() throws IOException {
    Path source = folder.resolve("source");
    Path target = folder.resolve("target");
    Files.writeString(target, "x".repeat(1_000_000));
    try (RandomAccessFile file = new RandomAccessFile(source.toFile(), "rw")) {
      file.setLength(500_000);
    }
    assertThat(copy(source, target)).isZero();
    assertThat(Files.readAllBytes(target)).isEqualTo(new byte[500_000]);
  }

  @Test
  void emptyFileIsCopied() throws IOException {
    Path source = Files.createFile(folder.resolve("source"));
    Path target = Files.writeString(folder.resolve("target"), "old");
    assertThat(copy(source, target)).isZero();
    assertThat(target).isEmptyFile();
  }

  @Test
  void fileIsNotCopiedOntoItself() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "precious");
    assertThat(copy(file, file)).isEqualTo(-Posix.EINVAL);
    assertThat(file).hasContent("precious");
  }

  @Test
  void onlyRegularFilesAreCopied() throws IOException {
    assertThat(copy(Path.of("/dev/null"), folder.resolve("file"))).isEqualTo(-Posix.EINVAL);
  }

  @Test
  void fileHasTheModeItWasMadeWith() throws IOException {
    Path path = folder.resolve("new");
    int fd = open(path, Posix.O_WRONLY | Posix.O_CREAT | Posix.O_EXCL);
    Io.write(fd, "text");
    assertThat(Posix.fsync(fd)).isZero();
    Posix.close(fd);
    assertThat(path).hasContent("text");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
        .isEqualTo("rw-------");
    assertThat(Posix.open(Io.bytes(path), Posix.O_CREAT | Posix.O_EXCL, 0600))
        .isEqualTo(-Posix.EEXIST);
  }

  @Test
  void unlinkedNameIsGone() throws IOException {
    Path path = Files.createFile(folder.resolve("file"));
    assertThat(Posix.unlink(Io.bytes(path))).isZero();
    assertThat(path).doesNotExist();
    assertThat(Posix.unlink(Io.bytes(path))).isEqualTo(-Posix.ENOENT);
  }

  @Test
  void lockKeepsOthersOut() throws IOException {
    Path path = Files.createFile(folder.resolve("lock"));
    int first = open(path, Posix.O_RDWR);
    int second = open(path, Posix.O_RDWR);
    assertThat(Posix.flock(first, Posix.LOCK_EX)).isZero();
    assertThat(Posix.flock(second, Posix.LOCK_EX | Posix.LOCK_NB)).isEqualTo(-Posix.EAGAIN);
    assertThat(Posix.flock(first, Posix.LOCK_UN)).isZero();
    assertThat(Posix.flock(second, Posix.LOCK_SH | Posix.LOCK_NB)).isZero();
    Io.close(first, second);
  }

  @Test
  void fileTypesAreToldApart() throws IOException {
    int[] pipe = Io.pipe();
    int[] sockets = new int[2];
    assertThat(Posix.socketpair(sockets)).isZero();
    int directory = open(folder, Posix.O_RDONLY);
    int device = open(Path.of("/dev/null"), Posix.O_RDONLY);
    int file = open(folder.resolve("file"), Posix.O_RDWR | Posix.O_CREAT);
    assertThat(Posix.fileType(pipe[0])).isEqualTo(Posix.S_IFIFO);
    assertThat(Posix.fileType(sockets[0])).isEqualTo(Posix.S_IFSOCK);
    assertThat(Posix.fileType(directory)).isEqualTo(Posix.S_IFDIR);
    assertThat(Posix.fileType(device)).isEqualTo(Posix.S_IFCHR);
    assertThat(Posix.fileType(file)).isEqualTo(Posix.S_IFREG);
    assertThat(Posix.fileType(-1)).isEqualTo(-Posix.EBADF);
    Io.close(pipe[0], pipe[1], sockets[0], sockets[1], directory, device, file);
  }
}
