package dev.msb.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NonReadableChannelException;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.SeekableByteChannel;
import java.util.ArrayDeque;
import java.util.concurrent.locks.ReentrantLock;

/// A file of a guest, read and written at a position. Nothing is kept back: a write is in the
/// guest's file when it returns. A large one is cut into pieces that go ahead of their answers.
final class GuestFileChannel implements SeekableByteChannel {
  private static final int PIECE = FileRequest.MAX_DATA_BYTES;
  private static final int AHEAD = 8;

  private final FileHandle file;
  private final int flags;
  private final ReentrantLock lock = new ReentrantLock();
  private long position; // guarded by lock

  GuestFileChannel(FileHandle file, int flags) {
    this.file = file;
    this.flags = flags;
  }

  private void checkOpen() throws ClosedChannelException {
    if (!file.isOpen()) {
      throw new ClosedChannelException();
    }
  }

  @Override
  public int read(ByteBuffer target) throws IOException {
    lock.lock();
    try {
      checkOpen();
      if ((flags & FileRequest.READ) == 0) {
        throw new NonReadableChannelException();
      }
      if (!target.hasRemaining()) {
        return 0;
      }
      ArrayDeque<FileConnection.Call> reads = new ArrayDeque<>();
      int asked = 0;
      while (asked < target.remaining() && reads.size() < AHEAD) {
        int count = Math.min(PIECE, target.remaining() - asked);
        reads.add(file.read(position + asked, count));
        asked += count;
      }
      int total = 0;
      boolean whole = true;
      while (!reads.isEmpty() && whole) {
        FileConnection.Call read = reads.remove();
        ByteBuffer bytes = file.bytes(read);
        whole = bytes.remaining() == ((FileRequest.Read) read.request).count();
        total += bytes.remaining();
        target.put(bytes);
      }
      position += total;
      return total == 0 ? -1 : total;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public int write(ByteBuffer source) throws IOException {
    lock.lock();
    try {
      checkOpen();
      if ((flags & FileRequest.WRITE) == 0) {
        throw new NonWritableChannelException();
      }
      ArrayDeque<FileConnection.Call> writes = new ArrayDeque<>();
      int total = 0;
      while (source.hasRemaining() || !writes.isEmpty()) {
        if (source.hasRemaining() && writes.size() < AHEAD) {
          int count = Math.min(PIECE, source.remaining());
          byte[] bytes = new byte[count];
          source.get(bytes);
          writes.add(file.write(position + total, ByteBuffer.wrap(bytes)));
          total += count;
        } else {
          file.written(writes.remove());
        }
      }
      position = (flags & FileRequest.APPEND) != 0 ? sizeNow() : position + total;
      return total;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public long position() throws IOException {
    lock.lock();
    try {
      checkOpen();
      return position;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public SeekableByteChannel position(long newPosition) throws IOException {
    if (newPosition < 0) {
      throw new IllegalArgumentException("a position of " + newPosition);
    }
    lock.lock();
    try {
      checkOpen();
      position = newPosition;
      return this;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public long size() throws IOException {
    checkOpen();
    return sizeNow();
  }

  private long sizeNow() throws IOException {
    return FileCalls.stat(file.connection(), file.name(""), file.path(), true).size();
  }

  @Override
  public SeekableByteChannel truncate(long size) throws IOException {
    if (size < 0) {
      throw new IllegalArgumentException("a size of " + size);
    }
    lock.lock();
    try {
      checkOpen();
      if ((flags & FileRequest.WRITE) == 0) {
        throw new NonWritableChannelException();
      }
      if (size < sizeNow()) {
        FileCalls.done(
            file.connection(),
            file.set(
                new FileRequest.Changes(
                    FileRequest.SET_SIZE,
                    0,
                    0,
                    0,
                    size,
                    FileRequest.Time.ZERO,
                    FileRequest.Time.ZERO)));
      }
      position = Math.min(position, size);
      return this;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public boolean isOpen() {
    return file.isOpen();
  }

  @Override
  public void close() {
    file.close();
  }
}
