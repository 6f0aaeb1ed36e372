package dev.msb.archive;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/// Writes a tar in GNU's format, which has room for names of any bytes and any length, and for
/// large numbers, and which GNU tar, bsdtar, busybox and Go read.
///
/// The contents of a file are written with [#write] before the next entry. Not for use by several
/// threads.
public final class TarWriter {
  /// The attributes of an entry.
  ///
  /// @param mode the twelve bits
  /// @param uid its user
  /// @param gid its group
  /// @param modifiedSeconds since 1970
  public record Attributes(int mode, long uid, long gid, long modifiedSeconds) {}

  private static final int BLOCK_BYTES = 512;
  private static final int NAME_BYTES = 100;
  private static final Attributes OF_A_LONG_NAME = new Attributes(0644, 0, 0, 0);
  private static final byte[] LONG_NAME = "././@LongLink".getBytes(StandardCharsets.US_ASCII);

  private final OutputStream out;
  private long left; // of the contents that were announced
  private int padding;

  /// Writes to this stream, which it does not close.
  public TarWriter(OutputStream out) {
    this.out = out;
  }

  /// Begins a file of so many bytes.
  public void file(byte[] name, long size, Attributes attributes) throws IOException {
    begin(name, new byte[0], '0', size, attributes);
  }

  /// Adds a directory.
  public void directory(byte[] name, Attributes attributes) throws IOException {
    byte[] slashed = java.util.Arrays.copyOf(name, name.length + 1);
    slashed[name.length] = '/';
    begin(slashed, new byte[0], '5', 0, attributes);
  }

  /// Adds a symbolic link.
  public void symbolicLink(byte[] name, byte[] target, Attributes attributes) throws IOException {
    begin(name, target, '2', 0, attributes);
  }

  /// Adds a further name of a file that is in the tar before.
  public void hardLink(byte[] name, byte[] existing, Attributes attributes) throws IOException {
    begin(name, existing, '1', 0, attributes);
  }

  /// Begins a file with holes, in GNU's old format, which GNU tar, bsdtar, Go and Python read, and
  /// busybox does not. Its parts are written then, one after the other.
  ///
  /// @param size how long the file is
  /// @param parts offset and length of each part that is no hole, in order
  public void sparseFile(byte[] name, long size, long[] parts, Attributes attributes)
      throws IOException {
    // A hole at the end is a part of no length behind it, as GNU tar has it.
    int count = parts.length;
    long[] all = parts;
    if (count == 0 || parts[count - 2] + parts[count - 1] < size) {
      all = java.util.Arrays.copyOf(parts, count + 2);
      all[count] = size;
    }
    long stored = 0;
    for (int i = 1; i < all.length; i += 2) {
      stored += all[i];
    }
    finish();
    if (name.length > NAME_BYTES) {
      longName('L', name);
    }
    byte[] header = header(name, new byte[0], 'S', stored, attributes);
    int next = parts(header, 386, 4, all, 0);
    number(header, 483, 12, size);
    sum(header);
    out.write(header);
    while (next < all.length) {
      byte[] more = new byte[BLOCK_BYTES];
      next = parts(more, 0, 21, all, next);
      out.write(more);
    }
    left = stored;
    padding = (int) (-stored & (BLOCK_BYTES - 1));
  }

  /// Puts as many parts as there are places; behind them, whether there are more.
  private static int parts(byte[] block, int at, int places, long[] parts, int first) {
    int next = first;
    for (int i = 0; i < places && next < parts.length; i++) {
      number(block, at + 24 * i, 12, parts[next++]);
      number(block, at + 24 * i + 12, 12, parts[next++]);
    }
    block[at + 24 * places] = (byte) (next < parts.length ? 1 : 0);
    return next;
  }

  /// Writes some of the contents of the file that was begun last.
  ///
  /// @throws IOException if that is more than was announced
  public void write(byte[] bytes, int offset, int length) throws IOException {
    if (length > left) {
      throw new IOException("a file has more bytes than were announced");
    }
    out.write(bytes, offset, length);
    left -= length;
  }

  /// Ends the archive.
  public void end() throws IOException {
    finish();
    out.write(new byte[2 * BLOCK_BYTES]);
    out.flush();
  }

  private void begin(byte[] name, byte[] link, char type, long size, Attributes attributes)
      throws IOException {
    finish();
    if (link.length > NAME_BYTES) {
      longName('K', link);
    }
    if (name.length > NAME_BYTES) {
      longName('L', name);
    }
    out.write(header(name, link, type, size, attributes));
    left = size;
    padding = (int) (-size & (BLOCK_BYTES - 1));
  }

  /// A file that was shorter than announced is filled up with zeros, as tar does.
  private void finish() throws IOException {
    byte[] zeros = new byte[BLOCK_BYTES];
    for (long missing = left + padding; missing > 0; missing -= BLOCK_BYTES) {
      out.write(zeros, 0, (int) Math.min(missing, BLOCK_BYTES));
    }
    left = 0;
    padding = 0;
  }

  private void longName(char type, byte[] name) throws IOException {
    int size = name.length + 1;
    out.write(header(LONG_NAME, new byte[0], type, size, OF_A_LONG_NAME));
    out.write(name);
    out.write(new byte[1 + (-size & (BLOCK_BYTES - 1))]);
  }

  private static byte[] header(
      byte[] name, byte[] link, char type, long size, Attributes attributes) {
    byte[] header = new byte[BLOCK_BYTES];
    System.arraycopy(name, 0, header, 0, Math.min(name.length, NAME_BYTES));
    number(header, 100, 8, attributes.mode);
    number(header, 108, 8, attributes.uid);
    number(header, 116, 8, attributes.gid);
    number(header, 124, 12, size);
    number(header, 136, 12, attributes.modifiedSeconds);
    header[156] = (byte) type;
    System.arraycopy(link, 0, header, 157, Math.min(link.length, NAME_BYTES));
    text(header, 257, "ustar  \0");
    sum(header);
    return header;
  }

  private static void sum(byte[] header) {
    text(header, 148, "        ");
    int sum = 0;
    for (byte b : header) {
      sum += b & 0xff;
    }
    text(header, 148, octal(sum, 6) + "\0 ");
  }

  private static String octal(long number, int digits) {
    String text = Long.toOctalString(number);
    return "0".repeat(Math.max(0, digits - text.length())) + text;
  }

  /// Octal, or, if it has no room so, a binary number of two's complement behind a set bit.
  private static void number(byte[] header, int at, int length, long number) {
    if (number >= 0 && number < (1L << (3 * (length - 1)))) {
      text(header, at, octal(number, length - 1) + "\0");
      return;
    }
    for (int i = 0; i < length; i++) {
      int shift = 8 * (length - 1 - i);
      header[at + i] = (byte) (shift < Long.SIZE ? number >> shift : number < 0 ? -1 : 0);
    }
    header[at] |= (byte) 0x80;
  }

  private static void text(byte[] header, int at, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(bytes, 0, header, at, bytes.length);
  }
}
