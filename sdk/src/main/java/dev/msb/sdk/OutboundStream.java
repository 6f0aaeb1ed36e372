package dev.msb.sdk;

import dev.msb.protocol.StdStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Objects;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// The guest's stdin. Nothing is buffered here: a write returns when its bytes are on their way,
/// and waits while the guest has not granted room, as on a full pipe.
final class OutboundStream extends OutputStream {
  /// Most data in a frame: small enough that what is urgent never waits long for its turn.
  private static final int DATA_BYTES = 16 * 1024;

  private final ClientExec exec;

  /// Held for a whole write, so that two writers do not mix their bytes.
  private final ReentrantLock writing = new ReentrantLock();

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private long credit; // all fields from here on: guarded by lock
  private long sent;
  private boolean waiting; // somebody, for credit
  private boolean closed; // by us
  private String broken = ""; // why the guest takes no more

  OutboundStream(ClientExec exec, long credit) {
    this.exec = exec;
    this.credit = credit;
  }

  // The connection's reader.

  /// The process has had this many bytes; the next one has this offset.
  void startAt(long offset, long newCredit) {
    lock.lock();
    try {
      sent = offset;
      credit = newCredit;
    } finally {
      lock.unlock();
    }
  }

  void credit(long offset) {
    lock.lock();
    try {
      credit = Math.max(credit, offset);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// The guest takes no more; later calls change nothing.
  void broken(String reason) {
    lock.lock();
    try {
      if (broken.isEmpty()) {
        broken = reason;
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  // The user.

  /// Waits until the guest takes no more.
  void awaitBroken() {
    lock.lock();
    try {
      while (broken.isEmpty()) {
        changed.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, bytes.length);
    writing.lock();
    try {
      int at = offset;
      while (at < offset + length) {
        int piece = reserve(Math.min(DATA_BYTES, offset + length - at));
        exec.sendData(StdStream.STDIN, sentBefore(piece), bytes, at, piece);
        at += piece;
      }
    } finally {
      writing.unlock();
    }
  }

  /// Waits for credit and uses up to `wanted` of it.
  private int reserve(int wanted) throws IOException {
    lock.lock();
    try {
      while (true) {
        if (closed) {
          throw new IOException("Stream closed");
        }
        if (!broken.isEmpty()) {
          throw new IOException(broken);
        }
        if (sent < credit) {
          int piece = (int) Math.min(wanted, credit - sent);
          sent += piece;
          return piece;
        }
        waiting = true;
        try {
          changed.awaitUninterruptibly();
        } finally {
          waiting = false;
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /// Whether a write waits for the guest.
  boolean isWaiting() {
    lock.lock();
    try {
      return waiting;
    } finally {
      lock.unlock();
    }
  }

  private long sentBefore(int piece) {
    lock.lock();
    try {
      return sent - piece;
    } finally {
      lock.unlock();
    }
  }

  /// End of file for the process, after every byte written before.
  @Override
  public void close() {
    long total;
    lock.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      changed.signalAll(); // a writer that waits in another thread finds the stream closed
    } finally {
      lock.unlock();
    }
    writing.lock();
    try {
      lock.lock();
      try {
        if (!broken.isEmpty()) {
          return;
        }
        total = sent;
      } finally {
        lock.unlock();
      }
      exec.close(StdStream.STDIN, total);
    } finally {
      writing.unlock();
    }
  }
}
