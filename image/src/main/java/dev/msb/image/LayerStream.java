package dev.msb.image;

import dev.msb.archive.ArchiveException;
import dev.msb.archive.Compression;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.function.LongConsumer;

/// The uncompressed bytes of a layer. They are counted against the limits and digested as they
/// pass.
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
      return new LayerStream(Compression.uncompressed(raw), budget);
    } catch (IOException e) {
      channel.close();
      throw unreadable(e);
    } catch (Throwable e) {
      channel.close();
      throw e;
    }
  }

  private static IOException unreadable(IOException e) {
    if (e instanceof ImageException || e instanceof ClosedByInterruptException) {
      return e;
    }
    return e instanceof ArchiveException archive
        ? new ImageException(archive)
        : new ImageException("it cannot be read: " + e.getMessage(), e);
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
    } catch (IOException e) {
      throw unreadable(e);
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

    @Override
    public void close() throws IOException {
      in.close();
    }
  }
}
