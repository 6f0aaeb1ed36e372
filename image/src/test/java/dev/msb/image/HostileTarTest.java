package dev.msb.image;

import static dev.msb.image.TarBytes.directory;
import static dev.msb.image.TarBytes.file;
import static dev.msb.image.TarBytes.hardLink;
import static dev.msb.image.TarBytes.other;
import static dev.msb.image.TarBytes.symlink;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.msb.archive.ArchiveException;
import dev.msb.archive.TarReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Layers that nobody should make. Each ends with one line that says what is wrong, and leaves
/// nothing.
class HostileTarTest {
  private static final ImageLimits LIMITS =
      new ImageLimits(1 << 20, 1 << 20, 1 << 20, 100, 10_000, 500, 20, 2_000);

  @TempDir Path directory;

  @Test
  void noTar() throws Exception {
    refused("x".repeat(600).getBytes(ISO_8859_1), "a tar header has a checksum that is no number");
    byte[] wrong = TarBytes.of(file("a", "b"));
    wrong[0]++;
    refused(wrong, "not a tar, or a damaged one: the checksum of a header is wrong");
  }

  @Test
  void truncated() throws Exception {
    byte[] tar = new TarBytes().add(file("a", "x".repeat(1000))).bytes();
    for (int length : new int[] {1, 511, 513, 1000, 1511}) {
      byte[] part = Arrays.copyOf(tar, length);
      String message = length < 512 ? "the tar is truncated" : "entry \"a\": the tar is truncated";
      refused(part, message);
    }
    refused(Arrays.copyOf(tar, 1530), "the tar is truncated");
  }

  @Test
  void zerosBetweenEntries() throws Exception {
    byte[] tar = new TarBytes().raw(new byte[512]).add(file("a", "")).end();
    refused(tar, "a damaged tar: a block of zeros between entries");
  }

  @Test
  void damagedCompression() throws Exception {
    byte[] gzip = gzip(TarBytes.of(file("a", "b".repeat(5000))));
    refused(Arrays.copyOf(gzip, gzip.length - 12), "it cannot be read: Unexpected end of ZLIB");
    gzip[gzip.length - 6]++;
    refused(gzip, "it cannot be read: Corrupt GZIP trailer");
    refused(new byte[] {(byte) 0xfd, '7', 'z', 'X', 'Z', 0, 0}, "it cannot be read: ");
    refused(new byte[] {'B', 'Z', 'h', '9', 0}, "it cannot be read: the bzip2 data is damaged");
    String[] others = {
      "\u0004\"M\u0018: compressed with lz4",
      "LZIP: compressed with lzip",
      "\u0089LZO\0: compressed with lzop",
      "\u001f\u009d: compressed with compress",
      "PK\u0003\u0004: a zip archive",
      "7z\u00bc\u00af'\u001c: a 7z archive",
    };
    for (String other : others) {
      int colon = other.indexOf(':');
      refused(
          Arrays.copyOf(other.substring(0, colon).getBytes(ISO_8859_1), 600),
          "it is" + other.substring(colon + 1) + ", which msb does not read; it reads tars, also");
    }
  }

  @Test
  void anotherLayerThanTheImageSays() throws Exception {
    byte[] tar = TarBytes.of(file("a", "b"));
    Digest other = Digest.of(new byte[0]);
    Layer layer = new Layer(Files.write(directory.resolve("l"), tar), Optional.of(other));
    refused(layer, "it unpacks to " + Digest.of(tar) + ", where the image says " + other);
  }

  @Test
  void bombs() throws Exception {
    refused(
        gzip(TarBytes.of(file("a", "\0".repeat(2 << 20)))),
        "entry \"a\": the image unpacks to more than the 1048576 bytes allowed "
            + "(raise limit.uncompressedBytes in images.properties)");
    refused(
        gzip(new TarBytes().raw(new byte[3 << 20]).bytes()),
        "the image unpacks to more than the 1048576 bytes allowed");
    refused(
        TarBytes.of(sparse("a", "1\n0\n0\n", Long.MAX_VALUE)),
        "entry \"a\": the image unpacks to more than the 1048576 bytes allowed");
    TarBytes many = new TarBytes();
    for (int i = 0; i < 101; i++) {
      many.add(file("a", ""));
    }
    refused(
        many.end(),
        "the image has more than the 100 entries allowed (raise limit.entries in images.properties)");
    refused(
        TarBytes.of(file("a/".repeat(101) + "b", "")),
        "it lies below more than the 20 directories allowed (raise limit.depth in images.properties)");
    refused(
        TarBytes.of(file("x".repeat(501), "")),
        "a path has more than the 500 bytes allowed (raise limit.pathBytes in images.properties)");
    refused(
        TarBytes.of(file("a", "").xattr("user.a", new byte[1995])),
        "its extended attributes take more than the 2000 bytes allowed "
            + "(raise limit.xattrBytes in images.properties)");
    TarBytes.Entry tiny = file("a", "");
    for (int i = 0; i < 200; i++) {
      tiny.xattr("user." + (char) ('a' + i % 26) + i, new byte[0]);
    }
    refused(TarBytes.of(tiny), "(raise limit.metadataBytes in images.properties)");
    TarBytes headers = new TarBytes();
    for (int i = 0; i < 20; i++) {
      headers.addPax('x', Map.of("SCHILY.xattr.user." + i, new byte[60_000]));
    }
    // Before any limit of the image counts them.
    assertThatThrownBy(() -> new TarReader(new ByteArrayInputStream(headers.bytes())).next())
        .isInstanceOf(ArchiveException.class)
        .hasMessage("an entry has more than 1048576 bytes of extended attributes");
    TarBytes links = new TarBytes();
    for (int i = 0; i < 3; i++) {
      links.add(symlink("l" + i, "x".repeat(4000)));
    }
    refused(
        links.end(),
        "names, links and attributes of the image take more than the 10000 bytes allowed "
            + "(raise limit.metadataBytes in images.properties)");
  }

  @Test
  void hugeHeaders() throws Exception {
    TarBytes tar = new TarBytes().header(other('x', "pax"), 1 << 30);
    refused(
        tar.bytes(), "an extended tar header of 1073741824 bytes, more than the 1048576 allowed");
  }

  @Test
  void namesThatAreNone() throws Exception {
    refused(
        TarBytes.of(file("x".repeat(256), "")),
        "it has a name of 256 bytes, more than the 255 possible");
    refused(
        TarBytes.of(file("a", "").pax("path", "a\0b")), "a PAX header has a zero byte in a name");
    refused(TarBytes.of(file("a/..", "")), "the root must be a directory");
    refused(TarBytes.of(symlink("..", "b")), "the root must be a directory");
    refused(TarBytes.of(symlink("a", "")), "it is a symlink to nothing");
  }

  @Test
  void belowAFile() throws Exception {
    refused(
        TarBytes.of(file("a", ""), file("a/b", "")),
        "entry \"a/b\": it lies below \"a\", which is not a directory");
    refused(
        TarBytes.of(symlink("a", "b"), symlink("b", "a"), file("a/b", "")),
        "entry \"a/b\": it lies below more than 255 symlinks, or a loop");
  }

  @Test
  void hardLinksToNothing() throws Exception {
    refused(
        TarBytes.of(hardLink("a", "b")),
        "entry \"a\": it is a hard link to \"b\", which does not exist");
    refused(
        TarBytes.of(directory("b"), hardLink("a", "b")),
        "it is a hard link to \"b\", which is a directory");
    refused(TarBytes.of(hardLink("a", "/")), "it is a hard link to \"\", which is a directory");
    refused(
        TarBytes.of(file("a", ""), hardLink("a", "a")),
        "it is a hard link to \"a\", which does not exist");
  }

  @Test
  void whiteoutsOfNothing() throws Exception {
    refused(TarBytes.of(file(".wh.", "")), "a whiteout of no name");
    refused(TarBytes.of(file("a/.wh..", "")), "a whiteout of no name");
    refused(TarBytes.of(file("a/.wh...", "")), "a whiteout of no name");
    refused(TarBytes.of(file(".wh.a/b", "")), "a whiteout is no directory");
  }

  @Test
  void numbersOutOfRange() throws Exception {
    refused(
        TarBytes.of(file("a", "").owner(4294967295L, 0)),
        "it has the uid 4294967295, which is not within 0 to 4294967294");
    refused(
        TarBytes.of(other('3', "a").device(4096, 0)),
        "it has the major device number 4096, which is not within 0 to 4095");
    refused(
        TarBytes.of(file("a", "").pax("uid", "-1")),
        "a PAX header has the uid \"-1\", which is no such number");
    byte[] block = Arrays.copyOf(TarBytes.of(file("a", "")), 512);
    Arrays.fill(block, 124, 136, (byte) 0xff);
    refused(new TarBytes().block(block).bytes(), "a tar header has a size of -1");
  }

  @Test
  void malformedPaxHeaders() throws Exception {
    for (String text :
        List.of("x", "5 a\n", "99 a=b\n", "0 a=b\n", "6 a=bc", "6a=b\n", "4 =\n\n")) {
      TarBytes tar = new TarBytes();
      tar.header(other('x', "pax"), text.length()).contents(text.getBytes(ISO_8859_1));
      refused(tar.add(file("a", "")).end(), "a PAX header is malformed");
    }
    byte[] global =
        new TarBytes().addPax('g', Map.of("path", new byte[] {'x'})).add(file("a", "")).end();
    refused(global, "a global PAX header gives all entries the same \"path\"");
  }

  @Test
  void unknownTypes() throws Exception {
    refused(
        TarBytes.of(other('V', "label")),
        "the tar entry \"label\" is of the type 0x56, which msb does not know");
  }

  @Test
  void sparseMapsThatLie() throws Exception {
    String message = "a sparse file in the tar has a map that is not true";
    refused(TarBytes.of(sparse("a", "1\n5\n0\n", 3)), message);
    refused(TarBytes.of(sparse("a", "1\n0\n5\n", 9)), message);
    refused(TarBytes.of(sparse("a", "2\n4\n0\n2\n0\n", 9)), message);
    refused(TarBytes.of(sparse("a", "9999999\n", 9)), "a sparse file has more than 1048576 parts");
    refused(
        TarBytes.of(sparse("a", "x\n", 9)), "a sparse file in the tar has a map that is no map");
  }

  @Test
  void whatIsShownDisturbsNoTerminal() throws Exception {
    refused(
        TarBytes.of(hardLink("\u001b[31m\u202ea", "b")),
        "entry \"\\x1b[31m\\xe2\\x80\\xaea\": it is a hard link to");
  }

  private static TarBytes.Entry sparse(String name, String map, long size) {
    return file(name, "")
        .contents(Arrays.copyOf(map.getBytes(ISO_8859_1), 512))
        .pax("GNU.sparse.major", "1")
        .pax("GNU.sparse.minor", "0")
        .pax("GNU.sparse.name", name)
        .pax("GNU.sparse.realsize", Long.toString(size));
  }

  private void refused(byte[] tar, String message) throws Exception {
    refused(new Layer(Files.write(directory.resolve("l"), tar), Optional.empty()), message);
  }

  private void refused(Layer layer, String message) throws Exception {
    Path work = Files.createDirectories(directory.resolve("work"));
    Path disk = directory.resolve("disk");
    Throwable thrown =
        catchThrowable(
            () -> RootImage.build(List.of(layer), work, disk, LIMITS, BuildListener.NONE));
    assertThat(thrown).isInstanceOf(ImageException.class);
    assertThat(thrown.getMessage()).startsWith("layer 1 of 1: ").contains(message);
    assertThat(thrown.getMessage()).doesNotContain("\n").doesNotContain("\u001b");
    assertThat(work).isEmptyDirectory();
    assertThat(disk).doesNotExist();
  }

  private static byte[] gzip(byte[] bytes) throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    }
    return out.toByteArray();
  }
}
