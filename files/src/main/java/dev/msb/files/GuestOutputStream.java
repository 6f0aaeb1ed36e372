package dev.msb.files;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;

/// Writes a file of a guest from its start. Bytes are gathered to chunks, of which at most
/// [#BEHIND] are under way; a write that failed is told by the next one, by [#flush] or [#close].
final class GuestOutputStream extends OutputStream {
  private static final int CHUNK = FileRequest.MAX_DATA_BYTES;
  private static final int BEHIND = 4;

  private final FileHandle file;
  private final ReentrantLock writing = new ReentrantLock();
  private final ArrayDeque<FileConnection.Call> behind = new ArrayDeque<>(); // guarded by writing
  private ByteBuffer chunk = ByteBuffer.allocate(8192); // guarded by writing
  private long offset; // guarded by writing
  private boolean failed; // guarded by writing

  static GuestOutputStream open(FileConnection connection, String path, FileOpenOptions how)
      throws IOException {
    return new GuestOutputStream(how.open(connection, path, FileOpenOptions.USUAL_MODE));
  }

  private GuestOutputStream(FileHandle file) {
    this.file = file;
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int from, int length) throws IOException {
    Objects.checkFromIndexSize(from, length, bytes.length);
    writing.lock();
    try {
      if (!file.isOpen()) {
        throw new IOException("stream closed");
      }
      int at = from;
      while (at < from + length) {
        if (!chunk.hasRemaining()) {
          makeRoom();
        }
        int count = Math.min(from + length - at, chunk.remaining());
        chunk.put(bytes, at, count);
        at += count;
      }
    } finally {
      writing.unlock();
    }
  }

  private void makeRoom() throws IOException {
    if (chunk.capacity() < CHUNK) {
      chunk = ByteBuffer.allocate(CHUNK).put(chunk.flip());
    } else {
      send();
    }
  }

  private void send() throws IOException {
    chunk.flip();
    if (chunk.hasRemaining()) {
      if (behind.size() >= BEHIND) {
        settle();
      }
      behind.add(file.write(offset, chunk));
      offset += chunk.remaining();
      chunk = ByteBuffer.allocate(CHUNK);
    } else {
      chunk.clear();
    }
  }

  private void settle() throws IOException {
    try {
      file.written(behind.remove());
    } catch (IOException e) {
      failed = true;
      throw e;
    }
  }

  /// Waits until all that was written is in the guest's file.
  @Override
  public void flush() throws IOException {
    writing.lock();
    try {
      if (file.isOpen()) {
        send();
        while (!behind.isEmpty()) {
          settle();
        }
      }
    } finally {
      writing.unlock();
    }
  }

  /// The same, then closes it. A write that waits in another thread is let go.
  @Override
  public void close() throws IOException {
    if (!writing.tryLock()) {
      file.close();
      return;
    }
    try {
      if (file.isOpen() && !failed) {
        flush();
      }
    } finally {
      file.close();
      writing.unlock();
    }
  }
}
