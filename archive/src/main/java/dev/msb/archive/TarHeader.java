package dev.msb.archive;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// One header block of a tar: V7, ustar, star or GNU.
final class TarHeader {
  static final int BLOCK_BYTES = 512;

  private static final byte[] USTAR = {'u', 's', 't', 'a', 'r', 0};
  private static final byte[] GNU = {'u', 's', 't', 'a', 'r', ' ', ' ', 0};
  private static final byte[] STAR_END = {'t', 'a', 'r', 0};

  private final byte[] block;
  private final boolean ustar;
  private final boolean gnu;

  /// @throws ArchiveException if the checksum is wrong
  TarHeader(byte[] block) throws ArchiveException {
    this.block = block;
    ustar = Arrays.equals(block, 257, 263, USTAR, 0, 6);
    gnu = Arrays.equals(block, 257, 265, GNU, 0, 8);
    long expected = number(148, 8, "checksum");
    long unsigned = 0;
    long signed = 0;
    for (int i = 0; i < BLOCK_BYTES; i++) {
      byte b = i >= 148 && i < 156 ? (byte) ' ' : block[i];
      unsigned += b & 0xff;
      signed += b;
    }
    // Some old programs added the bytes as signed ones.
    if (expected != unsigned && expected != signed) {
      throw new ArchiveException("not a tar, or a damaged one: the checksum of a header is wrong");
    }
  }

  static boolean isZero(byte[] block) {
    for (byte b : block) {
      if (b != 0) {
        return false;
      }
    }
    return true;
  }

  /// The type as it is in the header.
  char flag() {
    return (char) (block[156] & 0xff);
  }

  boolean isGnu() {
    return gnu;
  }

  TarEntry.Type type() {
    return switch (flag()) {
      case '1' -> TarEntry.Type.HARD_LINK;
      case '2' -> TarEntry.Type.SYMLINK;
      case '3' -> TarEntry.Type.CHARACTER_DEVICE;
      case '4' -> TarEntry.Type.BLOCK_DEVICE;
      case '5', 'D' -> TarEntry.Type.DIRECTORY;
      case '6' -> TarEntry.Type.FIFO;
      // V7 knows no directories, only names that end in a slash.
      case 0 -> endsInSlash(name()) ? TarEntry.Type.DIRECTORY : TarEntry.Type.FILE;
      default -> TarEntry.Type.FILE;
    };
  }

  byte[] name() {
    byte[] name = text(0, 100);
    if (!ustar) {
      return name;
    }
    boolean star = Arrays.equals(block, 508, 512, STAR_END, 0, 4);
    byte[] prefix = text(345, star ? 131 : 155);
    if (prefix.length == 0) {
      return name;
    }
    byte[] both = Arrays.copyOf(prefix, prefix.length + 1 + name.length);
    both[prefix.length] = '/';
    System.arraycopy(name, 0, both, prefix.length + 1, name.length);
    return both;
  }

  byte[] link() {
    return text(157, 100);
  }

  int mode() {
    return (int) numberOrZero(100, 8) & 07777;
  }

  long uid() {
    return numberOrZero(108, 8);
  }

  long gid() {
    return numberOrZero(116, 8);
  }

  long size() throws IOException {
    long size = number(124, 12, "size");
    if (size < 0) {
      throw new ArchiveException("a tar header has a size of " + size);
    }
    return size;
  }

  long mtime() {
    return numberOrZero(136, 12);
  }

  long deviceMajor() {
    return ustar || gnu ? numberOrZero(329, 8) : 0;
  }

  long deviceMinor() {
    return ustar || gnu ? numberOrZero(337, 8) : 0;
  }

  /// Checks the numbers that have no method of their own that can fail.
  void check() throws ArchiveException {
    number(100, 8, "mode");
    number(108, 8, "uid");
    number(116, 8, "gid");
    number(136, 12, "mtime");
    if (flag() == '3' || flag() == '4') {
      number(329, 8, "device");
      number(337, 8, "device");
    }
  }

  long number(int offset, int length, String what) throws ArchiveException {
    return number(block, offset, length, what);
  }

  private long numberOrZero(int offset, int length) {
    try {
      return number(offset, length, "number");
    } catch (ArchiveException e) {
      throw new IllegalStateException("not checked", e);
    }
  }

  /// Octal text between spaces and zeros, or, by the first bit, a big-endian number of two's
  /// complement, which GNU uses for what octal cannot say.
  static long number(byte[] block, int offset, int length, String what) throws ArchiveException {
    int first = block[offset];
    if ((first & 0x80) != 0) {
      long value = (first & 0x40) != 0 ? -1 : 0;
      value = value << 6 | (first & 0x3f);
      for (int i = 1; i < length; i++) {
        long next = value << 8 | (block[offset + i] & 0xff);
        if (next >> 8 != value) {
          throw new ArchiveException("a tar header has a " + what + " that is too large");
        }
        value = next;
      }
      return value;
    }
    String text =
        new String(block, offset, length, StandardCharsets.ISO_8859_1).replace('\0', ' ').strip();
    long value = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == ' ') {
        break;
      }
      if (c < '0' || c > '7') {
        throw new ArchiveException("a tar header has a " + what + " that is no number");
      }
      value = value << 3 | c - '0';
    }
    return value;
  }

  private byte[] text(int offset, int length) {
    int end = offset;
    while (end < offset + length && block[end] != 0) {
      end++;
    }
    return Arrays.copyOfRange(block, offset, end);
  }

  private static boolean endsInSlash(byte[] name) {
    return name.length > 0 && name[name.length - 1] == '/';
  }
}
