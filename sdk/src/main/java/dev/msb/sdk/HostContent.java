package dev.msb.sdk;

import dev.msb.protocol.FileReply;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/// A new file of the host while its content is written: what is left out is a hole. If it is closed
/// before its end it is removed.
final class HostContent {
  private static final ByteBuffer ZERO = ByteBuffer.allocate(1).asReadOnlyBuffer();

  private final Path path;
  private final FileReply.Attributes attributes;
  private final SeekableByteChannel channel;
  private final FreeSpace space;
  private long written; // up to there

  HostContent(
      Path path, FileReply.Attributes attributes, SeekableByteChannel channel, FreeSpace space) {
    this.space = space;
    this.path = path;
    this.attributes = attributes;
    this.channel = channel;
  }

  Path path() {
    return path;
  }

  FileReply.Attributes attributes() {
    return attributes;
  }

  void write(long offset, ByteBuffer bytes) throws IOException {
    space.use(path, bytes.remaining());
    if (offset != written) {
      channel.position(offset);
    }
    written = offset + bytes.remaining();
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  /// Ends it. A hole at the end needs its last byte, as the JDK makes no file longer otherwise.
  void end(long size) throws IOException {
    if (size > written) {
      write(size - 1, ZERO.duplicate());
    }
    channel.close();
  }

  /// It is not whole.
  void close() throws IOException {
    channel.close();
    Files.deleteIfExists(path);
  }
}
