package dev.msb.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;

/// A new file of the host while its content is written: what is left out is a hole, or zeros where
/// there are none, as in a ZIP file. If it is closed before its end it is removed.
final class HostContent {
  private static final ByteBuffer ZEROS = ByteBuffer.allocate(64 * 1024).asReadOnlyBuffer();

  private final Path path;
  private final FileReply.Attributes attributes;
  private final SeekableByteChannel channel;
  private final FreeSpace space;
  private final boolean holes;
  private long written; // up to there

  HostContent(
      Path path, FileReply.Attributes attributes, SeekableByteChannel channel, FreeSpace space) {
    this.space = space;
    this.path = path;
    this.attributes = attributes;
    this.channel = channel;
    holes = path.getFileSystem().equals(FileSystems.getDefault());
  }

  Path path() {
    return path;
  }

  FileReply.Attributes attributes() {
    return attributes;
  }

  /// How many bytes are written for so many at this offset.
  long growth(long offset, int count) {
    return holes ? count : offset - written + count;
  }

  void write(long offset, ByteBuffer bytes) throws IOException {
    if (offset != written) {
      skipTo(offset);
    }
    space.use(path, bytes.remaining());
    written = offset + bytes.remaining();
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  /// Ends it. A hole at the end needs its last byte, as the JDK makes no file longer otherwise.
  void end(long size) throws IOException {
    if (size > written) {
      write(size - 1, ZEROS.slice(0, 1));
    }
    channel.close();
  }

  private void skipTo(long offset) throws IOException {
    if (holes) {
      channel.position(offset);
      return;
    }
    while (written < offset) {
      ByteBuffer zeros = ZEROS.slice(0, (int) Math.min(ZEROS.capacity(), offset - written));
      written += zeros.remaining();
      while (zeros.hasRemaining()) {
        channel.write(zeros);
      }
    }
  }

  /// It is not whole.
  void close() throws IOException {
    channel.close();
    Files.deleteIfExists(path);
  }
}
