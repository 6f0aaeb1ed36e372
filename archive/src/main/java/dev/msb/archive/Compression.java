package dev.msb.archive;

import com.github.luben.zstd.ZstdInputStream;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.util.zip.GZIPInputStream;
import org.tukaani.xz.XZInputStream;

/// The compression of a tar. Its first bytes tell: names and media types in the wild are wrong too
/// often.
public enum Compression {
  /// Nothing that is known.
  NONE(""),
  /// gzip, also of several members.
  GZIP("+gzip"),
  /// zstd, also of several frames.
  ZSTD("+zstd"),
  /// xz, also of several streams.
  XZ("+xz"),
  /// bzip2, also of several streams.
  BZIP2("+bzip2");

  private static final int BUFFER_BYTES = 64 * 1024;
  private static final int MAGIC_BYTES = 6;

  /// As much as zstd may take. `xz -9` has its readers take half of it.
  private static final int XZ_KIBIBYTES = 128 * 1024;

  private final String suffix;

  Compression(String suffix) {
    this.suffix = suffix;
  }

  /// The part of a layer's media type behind `tar` for it.
  public String suffix() {
    return suffix;
  }

  /// Tells it by the first 6 bytes, or by all if there are fewer.
  ///
  /// @throws ArchiveException if they are those of something that is not read here
  public static Compression of(byte[] first) throws ArchiveException {
    long magic = 0;
    for (int i = 0; i < MAGIC_BYTES; i++) {
      magic = magic << 8 | (i < first.length ? first[i] & 0xff : 0);
    }
    if (magic >>> 32 == 0x1f8b) {
      return GZIP;
    }
    // A frame, or one of those that a reader skips.
    if (magic >>> 16 == 0x28b52ffdL || (magic >>> 16 & 0xf0ffffffL) == 0x502a4d18L) {
      return ZSTD;
    }
    if (magic == 0xfd377a585a00L) {
      return XZ;
    }
    if (magic >>> 24 == 0x425a68) {
      return BZIP2;
    }
    String other = other(magic);
    if (!other.isEmpty()) {
      throw new ArchiveException(
          "it is "
              + other
              + ", which msb does not read; it reads tars, also compressed with gzip,"
              + " zstd, xz or bzip2");
    }
    return NONE;
  }

  private static String other(long magic) {
    if (magic >>> 16 == 0x04224d18L) {
      return "compressed with lz4";
    }
    if (magic >>> 16 == 0x4c5a4950L) {
      return "compressed with lzip";
    }
    if (magic >>> 8 == 0x894c5a4f00L) {
      return "compressed with lzop";
    }
    if (magic >>> 32 == 0x1f9d) {
      return "compressed with compress";
    }
    if (magic >>> 16 == 0x504b0304L) {
      return "a zip archive";
    }
    if (magic == 0x377abcaf271cL) {
      return "a 7z archive";
    }
    return "";
  }

  /// The uncompressed bytes of a stream, whatever compresses it. No more of it is held than a
  /// buffer and what the format asks for, at most 128 MiB. A damaged stream ends with an
  /// [IOException]. Close the result: of bzip2 it is a child process.
  ///
  /// @param in read from here on, on the threads that read the result; closed with it
  /// @throws ArchiveException if it is compressed with something that is not read here, or with
  ///   bzip2 and there is no program of that name
  public static InputStream uncompressed(InputStream in) throws IOException {
    Whole whole = new Whole(in);
    byte[] first = whole.readNBytes(MAGIC_BYTES);
    whole.unread(first);
    return of(first).open(whole);
  }

  private InputStream open(InputStream in) throws IOException {
    BufferedInputStream buffered = new BufferedInputStream(in, BUFFER_BYTES);
    return switch (this) {
      case NONE -> buffered;
      case GZIP -> new GZIPInputStream(buffered, BUFFER_BYTES);
      case ZSTD -> new BufferedInputStream(new ZstdInputStream(in), BUFFER_BYTES);
      case XZ -> new XZInputStream(buffered, XZ_KIBIBYTES);
      case BZIP2 -> new Bzip2InputStream(in);
    };
  }

  /// Says that more is available until the end was seen: a gzip reader asks for that before it
  /// looks for a further member, and a pipe may be empty for a moment.
  private static final class Whole extends PushbackInputStream {
    Whole(InputStream in) {
      super(in, MAGIC_BYTES);
    }

    @Override
    public int available() throws IOException {
      int next = read();
      if (next < 0) {
        return 0;
      }
      unread(next);
      return 1;
    }
  }
}
