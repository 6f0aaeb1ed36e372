package dev.msb.image;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// Where the files of an archive go.
interface ArchiveSink {
  /// Writes a file of this name and size.
  void file(String name, long size, InputStream contents) throws IOException;

  /// Writes what ends an archive.
  void end() throws IOException;

  /// Files in a directory.
  record Directory(Path root) implements ArchiveSink {
    @Override
    public void file(String name, long size, InputStream contents) throws IOException {
      Path file = root.resolve(name);
      Files.createDirectories(file.getParent());
      Files.copy(contents, file);
    }

    @Override
    public void end() {}
  }

  /// Files in a tar: plain ones with short names, so ustar has room for all there is to say.
  record Tar(OutputStream out) implements ArchiveSink {
    private static final int BLOCK_BYTES = 512;
    private static final long LARGEST_OCTAL = 077777777777L;

    @Override
    public void file(String name, long size, InputStream contents) throws IOException {
      out.write(header(name, size));
      long copied = contents.transferTo(out);
      if (copied != size) {
        throw new IOException(name + " has " + copied + " bytes, not " + size);
      }
      out.write(new byte[(int) (-size & (BLOCK_BYTES - 1))]);
    }

    @Override
    public void end() throws IOException {
      out.write(new byte[2 * BLOCK_BYTES]);
      out.flush();
    }

    /// POSIX.1-1988's header; a size beyond its eleven octal digits is binary, as GNU has it.
    private static byte[] header(String name, long size) {
      byte[] header = new byte[BLOCK_BYTES];
      put(header, 0, name);
      put(header, 100, "0000644\0" + "0000000\0" + "0000000\0");
      if (size <= LARGEST_OCTAL) {
        put(header, 124, "%011o\0".formatted(size));
      } else {
        header[124] = (byte) 0x80;
        for (int i = 0; i < 8; i++) {
          header[128 + i] = (byte) (size >>> (8 * (7 - i)));
        }
      }
      put(header, 136, "%011o\0".formatted(0)); // the same images make the same archive
      put(header, 148, "        ");
      put(header, 156, "0");
      put(header, 257, "ustar\0" + "00");
      int sum = 0;
      for (byte b : header) {
        sum += b & 0xff;
      }
      put(header, 148, "%06o\0 ".formatted(sum));
      return header;
    }

    private static void put(byte[] header, int at, String text) {
      byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
      System.arraycopy(bytes, 0, header, at, bytes.length);
    }
  }
}
