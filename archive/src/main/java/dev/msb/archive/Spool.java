package dev.msb.archive;

import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;

/// A file that is written from front to back and may be read meanwhile. An interrupt of the thread
/// closes it.
public final class Spool implements AutoCloseable {
  private static final int BUFFER_BYTES = 256 * 1024;

  // Shorter holes are not worth two calls.
  private static final byte[] ZEROS = new byte[16 * 1024];

  private final Path path;
  private final FileChannel channel;
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
  private final Room room;
  private long position;

  /// The disk that it is on.
  @FunctionalInterface
  public interface Room {
    /// So many bytes more are written.
    ///
    /// @throws IOException if nothing more may be written
    void written(long bytes) throws IOException;
  }

  private Spool(Path path, Room room) throws IOException {
    this.path = path;
    channel = FileChannel.open(path, CREATE_NEW, READ, WRITE);
    this.room = room;
  }

  /// A file with a new name in this directory.
  public static Spool named(Path directory, String prefix, Room room) throws IOException {
    long random = ThreadLocalRandom.current().nextLong();
    return new Spool(directory.resolve(prefix + Long.toHexString(random)), room);
  }

  /// A file without a name in this directory: it is gone when it is closed, however the process
  /// ends.
  public static Spool unnamed(Path directory, String prefix, Room room) throws IOException {
    Spool spool = named(directory, prefix, room);
    try {
      Files.delete(spool.path);
      return spool;
    } catch (IOException e) {
      spool.close();
      throw e;
    }
  }

  /// A further file without a name, on the same disk.
  Spool aside(String prefix) throws IOException {
    return unnamed(Objects.requireNonNull(path.toAbsolutePath().getParent()), prefix, room);
  }

  /// Its name, also if it has none any more.
  public Path path() {
    return path;
  }

  /// Where the next byte goes.
  public long position() {
    return position + buffer.position();
  }

  /// Writes bytes behind those that were written before.
  public void write(byte[] bytes, int offset, int length) throws IOException {
    int at = offset;
    int left = length;
    while (left > 0) {
      if (!buffer.hasRemaining()) {
        flush();
      }
      int count = Math.min(left, buffer.remaining());
      buffer.put(bytes, at, count);
      at += count;
      left -= count;
    }
  }

  /// Leaves a hole, which takes no room and reads as zeros.
  public void skip(long count) throws IOException {
    if (count < ZEROS.length) {
      write(ZEROS, 0, (int) count);
      return;
    }
    flush();
    position += count;
  }

  /// Hands on the bytes written, so that they can be read.
  public void flush() throws IOException {
    buffer.flip();
    room.written(buffer.remaining());
    try {
      while (buffer.hasRemaining()) {
        position += channel.write(buffer, position);
      }
    } catch (ClosedByInterruptException e) {
      throw e;
    } catch (IOException e) {
      throw failed(e);
    }
    buffer.clear();
  }

  /// Reads bytes that were flushed; behind the last written byte there are only zeros.
  public void read(long from, byte[] bytes, int offset, int length) throws IOException {
    ByteBuffer into = ByteBuffer.wrap(bytes, offset, length);
    while (into.hasRemaining()) {
      if (channel.read(into, from + into.position() - offset) < 0) {
        Arrays.fill(bytes, into.position(), offset + length, (byte) 0);
        return;
      }
    }
  }

  /// Writes all of this to the end of another one.
  void copyTo(Spool other) throws IOException {
    flush();
    byte[] bytes = new byte[64 * 1024];
    for (long at = 0; at < position; at += bytes.length) {
      int count = (int) Math.min(bytes.length, position - at);
      read(at, bytes, 0, count);
      other.write(bytes, 0, count);
    }
  }

  /// Writes over the first bytes.
  void writeFirst(byte[] bytes) throws IOException {
    ByteBuffer from = ByteBuffer.wrap(bytes);
    while (from.hasRemaining()) {
      channel.write(from, from.position());
    }
  }

  /// Waits until the disk has it all.
  public void force() throws IOException {
    flush();
    try {
      channel.force(true);
    } catch (ClosedByInterruptException e) {
      throw e;
    } catch (IOException e) {
      throw failed(e);
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  private ArchiveException failed(IOException e) {
    return new ArchiveException(
        "cannot write to " + path.toAbsolutePath().getParent() + ": " + e.getMessage(), e);
  }
}
