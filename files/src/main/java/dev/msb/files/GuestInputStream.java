package dev.msb.files;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.FileSystemException;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;

/// Reads a file of a guest from its start, at most [#AHEAD] chunks ahead of its reader.
final class GuestInputStream extends InputStream {
  static final int MOST_WHOLE_BYTES = 64 * 1024 * 1024;

  private static final int CHUNK = FileRequest.MAX_DATA_BYTES;
  private static final int AHEAD = 4;

  private final FileHandle file;
  private final ReentrantLock reading = new ReentrantLock();
  private final ArrayDeque<FileConnection.Call> ahead = new ArrayDeque<>(); // guarded by reading
  private ByteBuffer chunk = ByteBuffer.allocate(0); // guarded by reading
  private long asked; // offset behind the requests; guarded by reading
  private int most = 1; // chunks ahead; guarded by reading

  private GuestInputStream(FileHandle file) {
    this.file = file;
  }

  /// Opens a file, and waits until it is open.
  static GuestInputStream open(FileConnection connection, String path) throws IOException {
    GuestInputStream in =
        begin(FileHandle.open(connection, FileRequest.Name.of(path), path, FileRequest.READ, 0));
    boolean opened = false;
    try {
      in.opened();
      opened = true;
      return in;
    } finally {
      if (!opened) {
        in.close();
      }
    }
  }

  /// All of a file.
  ///
  /// @param shown its path for messages
  /// @throws FileSystemException if that is more than [#MOST_WHOLE_BYTES]
  static byte[] readAll(FileConnection connection, String path, String shown) throws IOException {
    try (InputStream in = open(connection, path)) {
      byte[] bytes = in.readNBytes(MOST_WHOLE_BYTES);
      if (bytes.length == MOST_WHOLE_BYTES && in.read() >= 0) {
        throw new FileSystemException(
            shown, null, "more than " + MOST_WHOLE_BYTES + " bytes: read it as a stream");
      }
      return bytes;
    }
  }

  /// Opens it, and asks for the first chunk at once.
  static GuestInputStream begin(FileHandle file) throws IOException {
    GuestInputStream in = new GuestInputStream(file);
    in.reading.lock();
    try {
      in.fill();
    } catch (IOException e) {
      file.close();
      throw e;
    } finally {
      in.reading.unlock();
    }
    return in;
  }

  /// Waits until it is open.
  FileReply.Attributes opened() throws IOException {
    FileReply.Attributes attributes = file.attributes();
    reading.lock();
    try {
      // A file without offsets is read as its bytes come.
      most = attributes.kind() == FileReply.Kind.REGULAR && attributes.size() != 0 ? AHEAD : 1;
    } finally {
      reading.unlock();
    }
    return attributes;
  }

  private void fill() throws IOException {
    while (ahead.size() < most) {
      ahead.add(file.read(asked, CHUNK));
      asked += CHUNK;
    }
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, bytes.length);
    if (length == 0) {
      return 0;
    }
    reading.lock();
    try {
      if (!file.isOpen()) {
        throw new IOException("stream closed");
      }
      if (!chunk.hasRemaining() && !next()) {
        return -1;
      }
      int count = Math.min(length, chunk.remaining());
      chunk.get(bytes, offset, count);
      return count;
    } finally {
      reading.unlock();
    }
  }

  /// Takes the next chunk. A short one is the end as it was then: what was asked for behind it is
  /// dropped, as the file may have grown meanwhile.
  private boolean next() throws IOException {
    fill();
    chunk = file.bytes(ahead.remove());
    if (chunk.remaining() < CHUNK) {
      asked = asked - (long) (ahead.size() + 1) * CHUNK + chunk.remaining();
      ahead.clear();
    } else {
      fill();
    }
    return chunk.hasRemaining();
  }

  @Override
  public int available() {
    reading.lock();
    try {
      return chunk.remaining();
    } finally {
      reading.unlock();
    }
  }

  @Override
  public void close() {
    file.close();
  }
}
