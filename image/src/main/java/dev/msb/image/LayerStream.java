package dev.msb.image;

import com.github.luben.zstd.ZstdInputStream;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.nio.channels.Channels;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.function.LongConsumer;
import java.util.zip.GZIPInputStream;

/// The uncompressed bytes of a layer. They are counted against the limits and digested as they
/// pass.
///
/// What compresses a layer is told by its first bytes: media types in the wild are wrong too often.
final class LayerStream extends InputStream {
  private static final int BUFFER_BYTES = 64 * 1024;

  private final InputStream in;
  private final Budget budget;
  private final MessageDigest digest = Digest.algorithm();

  private LayerStream(InputStream in, Budget budget) {
    this.in = in;
    this.budget = budget;
  }

  /// Opens a file.
  ///
  /// @param consumed hears how many bytes of the file were read
  static LayerStream open(Path file, Budget budget, LongConsumer consumed) throws IOException {
    FileChannel channel = FileChannel.open(file);
    try {
      InputStream raw = new Counted(Channels.newInputStream(channel), consumed);
      return new LayerStream(uncompressed(raw), budget);
    } catch (Throwable e) {
      channel.close();
      throw e;
    }
  }

  private static InputStream uncompressed(InputStream raw) throws IOException {
    PushbackInputStream in = new PushbackInputStream(raw, 6);
    byte[] first = in.readNBytes(6);
    in.unread(first);
    long magic = 0;
    for (int i = 0; i < 6; i++) {
      magic = magic << 8 | (i < first.length ? first[i] & 0xff : 0);
    }
    if (magic >>> 32 == 0x1f8b) {
      return new GZIPInputStream(new BufferedInputStream(in, BUFFER_BYTES), BUFFER_BYTES);
    }
    // A frame, or one of those that a reader skips.
    if (magic >>> 16 == 0x28b52ffdL || (magic >>> 16 & 0xf0ffffffL) == 0x502a4d18L) {
      return new BufferedInputStream(new ZstdInputStream(in), BUFFER_BYTES);
    }
    if (magic == 0xfd377a585a00L) {
      throw new ImageException("it is compressed with xz, which no layer is; use gzip or zstd");
    }
    if (magic >>> 24 == 0x425a68) {
      throw new ImageException("it is compressed with bzip2, which no layer is; use gzip or zstd");
    }
    return new BufferedInputStream(in, BUFFER_BYTES);
  }

  /// Reads to the end, and says what all bytes of the layer come to.
  Digest finish() throws IOException {
    byte[] buffer = new byte[BUFFER_BYTES];
    while (read(buffer, 0, buffer.length) >= 0) {
      // All that counts is counted and digested there.
    }
    return Digest.of(digest);
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    int count;
    try {
      count = in.read(buffer, offset, length);
    } catch (ImageException | ClosedByInterruptException e) {
      throw e;
    } catch (IOException e) {
      throw new ImageException("it cannot be read: " + e.getMessage(), e);
    }
    if (count > 0) {
      budget.bytes(count);
      digest.update(buffer, offset, count);
    }
    return count;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }

  private static final class Counted extends InputStream {
    private final InputStream in;
    private final LongConsumer consumed;

    Counted(InputStream in, LongConsumer consumed) {
      this.in = in;
      this.consumed = consumed;
    }

    @Override
    public int read() throws IOException {
      int b = in.read();
      if (b >= 0) {
        consumed.accept(1);
      }
      return b;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      int count = in.read(buffer, offset, length);
      if (count > 0) {
        consumed.accept(count);
      }
      return count;
    }

    // A gzip reader asks for this before it looks for a further member.
    @Override
    public int available() throws IOException {
      return in.available();
    }

    @Override
    public void close() throws IOException {
      in.close();
    }
  }
}
