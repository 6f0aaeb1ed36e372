package dev.msb.sdk;

import dev.msb.protocol.ByteRing;
import dev.msb.protocol.StdStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// What the guest writes to stdout or stderr. It holds at most a window of bytes; the guest may
/// send more only when some of them were read.
///
/// The connection's reader delivers, the user's threads take; a read that waits is ended by
/// [#close] from another thread, and then fails as every later one does.
final class InboundStream extends InputStream {
  private final ClientExec exec;
  private final StdStream stream;
  private final int window;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private ByteRing bytes = new ByteRing(0); // all fields from here on: guarded by lock
  private long granted;
  private boolean ended;
  private boolean closed;
  private String lost = "";

  InboundStream(ClientExec exec, StdStream stream, int window) {
    this.exec = exec;
    this.stream = stream;
    this.window = window;
    this.granted = window;
  }

  // The connection's reader.

  /// The first byte to come has this offset. Before any is delivered.
  void startAt(long offset) {
    lock.lock();
    try {
      bytes = new ByteRing(offset);
      granted = offset + window;
    } finally {
      lock.unlock();
    }
  }

  /// Takes `length` bytes of `source` from its index `at`.
  void deliver(ByteBuffer source, int at, int length) {
    lock.lock();
    try {
      bytes.append(source, at, length);
      if (closed) {
        bytes.dropBefore(bytes.end());
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  long received() {
    lock.lock();
    try {
      return bytes.end();
    } finally {
      lock.unlock();
    }
  }

  /// The most that may be received in all.
  long granted() {
    lock.lock();
    try {
      return granted;
    } finally {
      lock.unlock();
    }
  }

  boolean ended() {
    lock.lock();
    try {
      return ended;
    } finally {
      lock.unlock();
    }
  }

  /// Whether nobody wants it any more: then its end may be anywhere.
  boolean closed() {
    lock.lock();
    try {
      return closed;
    } finally {
      lock.unlock();
    }
  }

  void end() {
    lock.lock();
    try {
      ended = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// Why not all of it came; empty if that is not so, or not known yet.
  String lost() {
    lock.lock();
    try {
      return lost;
    } finally {
      lock.unlock();
    }
  }

  void lost(String reason) {
    lock.lock();
    try {
      if (!ended) {
        lost = reason;
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  // The user.

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] out, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, out.length);
    long grant = 0;
    int count;
    lock.lock();
    try {
      checkOpen();
      if (length == 0) {
        return 0;
      }
      while (bytes.start() == bytes.end()) {
        if (ended) {
          return -1;
        }
        if (!lost.isEmpty()) {
          throw new SandboxLostException(lost);
        }
        changed.awaitUninterruptibly();
        checkOpen();
      }
      long from = bytes.start();
      count = (int) Math.min(length, bytes.end() - from);
      bytes.copyTo(from, count, out, offset);
      bytes.dropBefore(from + count);
      long taken = from + count;
      if (!ended && taken + window - granted >= window / 4) {
        granted = taken + window;
        grant = granted;
      }
    } finally {
      lock.unlock();
    }
    if (grant != 0) {
      exec.grant(stream, grant);
    }
    return count;
  }

  private void checkOpen() throws IOException {
    if (closed) {
      throw new IOException("Stream closed");
    }
  }

  /// How many bytes were read, from the process's start on.
  long taken() {
    lock.lock();
    try {
      return bytes.start();
    } finally {
      lock.unlock();
    }
  }

  /// How many bytes a read would not wait for.
  @Override
  public int available() throws IOException {
    lock.lock();
    try {
      checkOpen();
      return (int) (bytes.end() - bytes.start());
    } finally {
      lock.unlock();
    }
  }

  /// Whoever reads it leaves, and another may come who goes on with the byte after the last that
  /// was read here.
  void leave() {
    long grant;
    lock.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      grant = bytes.start() + window;
      bytes.dropBefore(bytes.end());
      changed.signalAll();
      if (ended || !lost.isEmpty()) {
        return;
      }
    } finally {
      lock.unlock();
    }
    exec.grant(stream, grant);
  }

  /// Nothing more is wanted: the guest's pipe breaks, and its process gets SIGPIPE if it writes on.
  @Override
  public void close() {
    long at;
    lock.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      at = bytes.start();
      bytes.dropBefore(bytes.end());
      changed.signalAll();
      if (ended || !lost.isEmpty()) {
        return;
      }
    } finally {
      lock.unlock();
    }
    exec.close(stream, at);
  }
}
