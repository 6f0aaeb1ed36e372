package dev.msb.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Hard links, holes, compression and limits of copies, with the agent's real file server and with
/// GNU tar and bsdtar at the other end.
@Timeout(120)
class CopyFidelityTest {
  /// A file with holes at its beginning, between and at its end, of 40 MiB and two blocks.
  private static final String SPARSE =
      "truncate -s 40M big && printf x | dd of=big bs=1 seek=1M conv=notrunc status=none"
          + " && printf y | dd of=big bs=1 seek=24M conv=notrunc status=none";

  private static final String TREE =
      "mkdir -p t/d && cd t && echo a >a && ln a d/b && echo small >d/c && ln d/c c && ln -s a l"
          + " && truncate -s 300K d/zeros && "
          + SPARSE;

  private static final String DESCRIBE =
      "find . | sort | xargs stat -c '%n %F %h %s' && sha256sum big && "
          + "[ a -ef d/b ] && [ c -ef d/c ] && [ $(du -k big | cut -f1) -le 256 ]";

  private final Path guest;
  private final Path host;
  private final LocalFileServer server;
  private final GuestFiles files;

  CopyFidelityTest(@TempDir Path directory) throws IOException {
    guest = Files.createDirectory(directory.resolve("guest"));
    host = Files.createDirectory(directory.resolve("host"));
    server = new LocalFileServer(guest);
    files = server.files(Duration.ofMinutes(10));
  }

  @BeforeEach
  void makeTrees() throws Exception {
    sh(guest, TREE);
  }

  @AfterEach
  void end() throws Exception {
    files.close();
    server.close();
  }

  private static String sh(Path directory, String script) throws Exception {
    Process process =
        new ProcessBuilder("bash", "-c", "set -o pipefail\n" + script)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .start();
    process.getOutputStream().close();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(out).isZero();
    return out;
  }

  private String describe(Path tree) throws Exception {
    return sh(tree, DESCRIBE);
  }

  @Test
  void hardLinksAndHolesStayOutAndIn() throws Exception {
    String expected = describe(guest.resolve("t"));
    CopySummary out = files.copyOut("t", host.resolve("t"));
    assertThat(describe(host.resolve("t"))).isEqualTo(expected);
    assertThat(out.files()).isEqualTo(6);
    assertThat(out.bytes()).isLessThan(100_000);
    CopySummary in = files.copyIn(host.resolve("t"), "in");
    assertThat(describe(guest.resolve("in"))).isEqualTo(expected);
    assertThat(in.files()).isEqualTo(6);
    assertThat(in.bytes()).isLessThan(200_000); // without the native library 64 KiB for a byte
    files.copyIn(host.resolve("t"), "in"); // over what is there
    assertThat(describe(guest.resolve("in"))).isEqualTo(expected);
    files.copyOut("t", host.resolve("t"));
    assertThat(describe(host.resolve("t"))).isEqualTo(expected);
    files.copyOut("t/big", host.resolve("one"));
    assertThat(sh(host, "cmp one t/big && du -k one | cut -f1").strip().length()).isLessThan(3);
  }

  @ParameterizedTest
  @ValueSource(strings = {"tar", "bsdtar"})
  void aTarHasHardLinksAndHoles(String tar) throws Exception {
    String expected = describe(guest.resolve("t"));
    try (OutputStream out = Files.newOutputStream(host.resolve("sparse.tar"))) {
      files.pack("t", "t", out, CopyOptions.defaults().withSparseTar());
    }
    assertThat(Files.size(host.resolve("sparse.tar"))).isLessThan(100_000);
    sh(host, tar + " xf sparse.tar");
    assertThat(describe(host.resolve("t"))).isEqualTo(expected);
  }

  @Test
  void aTarWithoutHolesIsGnuTars() throws Exception {
    sh(guest, "rm t/big && truncate -s 1M t/big");
    try (OutputStream out = Files.newOutputStream(host.resolve("plain.tar"))) {
      files.pack("t", "t", out, CopyOptions.defaults());
    }
    String ours =
        sh(host, "mkdir x && tar xf plain.tar -C x && cat x/t/a x/t/d/c && tar tf plain.tar");
    assertThat(ours).contains("a\nsmall\n").contains("t/big").contains("t/d/b");
    assertThat(sh(host, "cmp x/t/big " + guest.resolve("t/big") + " && [ x/t/a -ef x/t/d/b ]"))
        .isEmpty();
    assertThat(sh(host, "tar tvf plain.tar")).contains("hrw");
  }

  /// Every format of holes that GNU tar and bsdtar write.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "tar cSf - --format=gnu t",
        "tar cSf - --format=oldgnu t",
        "tar cSf - --format=posix --sparse-version=0.0 t",
        "tar cSf - --format=posix --sparse-version=0.1 t",
        "tar cSf - --format=posix --sparse-version=1.0 t",
        "bsdtar cf - --format=pax t",
        "tar cSf - t | gzip",
        "tar cSf - t | xz",
        "tar cSf - t | bzip2",
        "tar cSf - t | zstd -q",
      })
  void aTarIsUnpackedWithItsLinksAndHoles(String make) throws Exception {
    String expected = describe(guest.resolve("t"));
    sh(guest, make + " >" + host.resolve("t.tar"));
    files.makeDirectory("in");
    try (InputStream tar = Files.newInputStream(host.resolve("t.tar"))) {
      files.unpack(tar, "in", CopyOptions.defaults());
    }
    assertThat(describe(guest.resolve("in/t"))).isEqualTo(expected);
  }

  /// Also if it is not read to its end.
  @Test
  void aTarIsLeftOpenAndNothingRunsOn() throws Exception {
    sh(guest, "tar cf - t | bzip2 >" + host.resolve("t.tar"));
    sh(host, "head -c 999 /dev/urandom | bzip2 >no.tar");
    files.makeDirectory("in");
    try (InputStream tar = Files.newInputStream(host.resolve("t.tar"));
        InputStream none = Files.newInputStream(host.resolve("no.tar"))) {
      files.unpack(tar, "in", CopyOptions.defaults());
      assertThat(tar.read()).isEqualTo(-1); // not closed
      assertThatThrownBy(() -> files.unpack(none, "in", CopyOptions.defaults()))
          .hasMessageContaining("tar");
    }
    assertThat(ProcessHandle.current().children())
        .noneMatch(child -> child.info().command().orElse("").endsWith("bzip2"));
  }

  @Test
  void aFileWithoutAnEndIsCopiedUpToTheLimitAndNotLeft() throws Exception {
    sh(guest, "truncate -s 1E huge || truncate -s 8T huge");
    files.copyOut("huge", host.resolve("huge")); // its hole is nothing
    assertThat(Files.size(host.resolve("huge"))).isEqualTo(Files.size(guest.resolve("huge")));
    Path tar = host.resolve("huge.tar");
    try (OutputStream out = Files.newOutputStream(tar)) {
      assertThatThrownBy(() -> files.pack("huge", "huge", out, CopyOptions.defaults()))
          .isInstanceOf(CopyLimitException.class)
          .hasMessageContaining("68719476736 bytes that may be copied");
    }
    assertThat(Files.size(tar)).isLessThan(10_000);
    sh(guest, "mkdir m && head -c 300000 /dev/urandom >m/f");
    assertThatThrownBy(() ->
            files.copyOut("m", host.resolve("m"), CopyOptions.defaults().limitedTo(200_000, 10)))
        .isInstanceOf(CopyLimitException.class);
    assertThat(host.resolve("m/f")).doesNotExist();
    sh(guest, "cd m && seq 20 | xargs touch");
    assertThatThrownBy(() ->
            files.copyOut("m", host.resolve("n"), CopyOptions.defaults().limitedTo(400_000, 10)))
        .isInstanceOf(CopyLimitException.class)
        .hasMessageContaining("10 files");
  }

  /// It has neither holes nor hard links.
  @Test
  void aTreeIsCopiedToAZip() throws Exception {
    sh(guest, "rm t/l"); // nor symbolic ones
    try (FileSystem zip =
        FileSystems.newFileSystem(host.resolve("t.zip"), Map.of("create", "true"))) {
      files.copyOut("t", zip.getPath("/t"));
      for (String file : List.of("a", "big", "c", "d/b", "d/c", "d/zeros")) {
        assertThat(Files.mismatch(zip.getPath("/t", file), guest.resolve("t").resolve(file)))
            .as(file)
            .isEqualTo(-1);
      }
    }
    CopyOptions few = CopyOptions.defaults().limitedTo(1 << 20, 100);
    try (FileSystem zip =
        FileSystems.newFileSystem(host.resolve("f.zip"), Map.of("create", "true"))) {
      assertThatThrownBy(() -> files.copyOut("t/big", zip.getPath("/big"), few))
          .isInstanceOf(CopyLimitException.class);
      // A further name is content, too.
      sh(guest, "mkdir two && head -c 600000 /dev/urandom >two/a && ln two/a two/b");
      assertThatThrownBy(() -> files.copyOut("two", zip.getPath("/two"), few))
          .isInstanceOf(CopyLimitException.class);
    }
  }

  @Test
  void whatTheKernelMakesUpIsCopiedIfItIsNamed() throws Exception {
    files.copyOut("/proc/version", host.resolve("version")); // it was named
    assertThat(Files.readString(host.resolve("version"))).startsWith("Linux version");
    // Its size is 0, and the kernel says that it has no data.
    files.copyIn(Path.of("/proc/sys/kernel/ostype"), "ostype");
    assertThat(guest.resolve("ostype")).hasContent("Linux");
  }
}
