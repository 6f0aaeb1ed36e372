package dev.msb.files;

import dev.msb.archive.TarWriter;
import java.io.IOException;
import java.nio.ByteBuffer;

/// The content of a file on its way into a tar, which has it without the holes between its parts.
/// What the guest leaves out of a part is zeros, what it sends beside the parts is dropped.
final class TarContent {
  private static final byte[] ZEROS = new byte[64 * 1024];

  private final TarWriter tar;
  private final long[] parts;
  private int part; // the number of that under way, times two
  private long at; // up to there it is written, in the file

  TarContent(TarWriter tar, long[] parts) {
    this.tar = tar;
    this.parts = parts;
    at = parts.length == 0 ? 0 : parts[0];
  }

  /// Writes those of these bytes that are in a part.
  ///
  /// @return how many bytes the tar grew by
  long write(long offset, ByteBuffer bytes) throws IOException {
    long grown = fill(offset);
    long end = offset + bytes.remaining();
    while (part < parts.length && at < end) {
      int from = (int) (at - offset);
      int length = (int) (Math.min(end, partEnd()) - at);
      if (length > 0) {
        tar.write(bytes.array(), bytes.arrayOffset() + bytes.position() + from, length);
        grown += length;
        at += length;
      }
      nextPart();
    }
    return grown;
  }

  /// The rest.
  long end() throws IOException {
    return fill(Long.MAX_VALUE);
  }

  private long partEnd() {
    return parts[part] + parts[part + 1];
  }

  private void nextPart() {
    if (at >= partEnd()) {
      part += 2;
      at = part < parts.length ? parts[part] : at;
    }
  }

  /// Zeros up to this offset.
  private long fill(long offset) throws IOException {
    long grown = 0;
    while (part < parts.length && at < offset) {
      int length = (int) Math.min(ZEROS.length, Math.min(offset, partEnd()) - at);
      tar.write(ZEROS, 0, length);
      grown += length;
      at += length;
      nextPart();
    }
    return grown;
  }
}
