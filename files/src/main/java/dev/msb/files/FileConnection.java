package dev.msb.files;

import dev.msb.protocol.ProtocolException;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.file.FileSystemException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// A connection to one file server: sends requests, hands each answer to its caller.
///
/// The server answers in the order of the requests, so what is under way is a queue; an answer that
/// is not that of the queue's head ends the connection. At most [#MOST_UNDER_WAY] requests are
/// under way, and with them the memory for their answers: about 4 MiB. A user's thread never
/// writes: one thread sends, one receives, so that a user who waits can be interrupted, and one who
/// does not read holds up nobody.
///
/// A connection that nobody used for a while ends by itself; so does one whose server owes an
/// answer and gives none for a minute.
final class FileConnection {
  private static final int MOST_UNDER_WAY = 64;
  private static final int BATCH_BYTES = 64 * 1024;

  /// One request, until it is answered. All fields but the first four: guarded by the lock.
  final class Call {
    final FileRequest request;
    final String path;
    private final int id;
    private final byte[] message;
    private final @Nullable Object owner;
    private final Condition done = lock.newCondition();
    private boolean sent;
    private @Nullable FileReply reply;
    private @Nullable IOException failure;

    private Call(FileRequest request, String path, @Nullable Object owner, int id) {
      this.request = request;
      this.path = path;
      this.owner = owner;
      this.id = id;
      this.message = FileCodec.encode(id, request);
    }

    /// Waits for the answer.
    ///
    /// @throws InterruptedIOException if interrupted; the answer is dropped when it comes
    /// @throws IOException if there will be none
    FileReply await() throws IOException {
      lock.lock();
      try {
        while (true) {
          if (failure != null) {
            throw transport.again(failure);
          }
          if (reply != null) {
            return reply;
          }
          done.await();
        }
      } catch (InterruptedException e) {
        throw interrupted();
      } finally {
        lock.unlock();
      }
    }
  }

  private static final Duration SILENCE = Duration.ofSeconds(60);

  private final FileTransport transport;
  private final Duration idle;
  private final Duration silence;

  private final ReentrantLock lock = new ReentrantLock(true); // fair: room comes in order
  private final Condition changed = lock.newCondition(); // something to send, lost, or idle
  private final Condition room = lock.newCondition();
  private final ArrayDeque<Call> unsent = new ArrayDeque<>(); // all from here on: guarded by lock
  private final ArrayDeque<Call> underWay = new ArrayDeque<>();
  private final BitSet handles = new BitSet();
  private final Condition unused = lock.newCondition();
  private int users;
  private int lastId;
  private long moved; // System.nanoTime of the last answer, or of the first request without one
  private @Nullable IOException lost;

  private FileConnection(FileTransport transport, Duration idle, Duration silence) {
    this.transport = transport;
    this.idle = idle;
    this.silence = silence;
  }

  static FileConnection open(FileTransport transport, String name, Duration idle) {
    return open(transport, name, idle, SILENCE);
  }

  /// @param silence how long the server may owe an answer
  static FileConnection open(
      FileTransport transport, String name, Duration idle, Duration silence) {
    FileConnection connection = new FileConnection(transport, idle, silence);
    connection.users = 1;
    Thread.ofVirtual().name("msb-" + name + "-files-sender").start(connection::sendAll);
    Thread.ofVirtual().name("msb-" + name + "-files-reader").start(connection::readAll);
    Thread.ofVirtual().name("msb-" + name + "-files-watch").start(connection::endWhenIdleOrSilent);
    return connection;
  }

  // Its users.

  /// Keeps it from ending by itself until [#release].
  ///
  /// @return false if it has ended
  boolean use() {
    lock.lock();
    try {
      if (lost != null) {
        return false;
      }
      users++;
      return true;
    } finally {
      lock.unlock();
    }
  }

  void release() {
    lock.lock();
    try {
      users--;
      unused.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void endWhenIdleOrSilent() {
    lock.lock();
    try {
      while (lost == null) {
        if (isSilent()) {
          giveUp();
        }
        if (users > 0) {
          unused.awaitNanos(silence.toNanos() / 8); // nobody tells it of each request
          continue;
        }
        long left = idle.toNanos();
        while (users == 0 && lost == null && left > 0) {
          left = unused.awaitNanos(left);
        }
        if (users == 0 && lost == null) {
          lose(transport.failed("the connection to the file server was idle", null));
        }
      }
    } catch (InterruptedException e) {
      lose(transport.failed("interrupted", null)); // nobody has this thread
    } finally {
      lock.unlock();
    }
  }

  /// With the lock held.
  private boolean isSilent() {
    return !underWay.isEmpty() && System.nanoTime() - moved >= silence.toNanos();
  }

  /// With the lock held, but for the time in which the reason is found out.
  private void giveUp() {
    lock.unlock();
    IOException why;
    try {
      why = transport.silent("files: no answer for " + silence.toSeconds() + " s");
    } finally {
      lock.lock();
    }
    if (isSilent()) {
      lose(why);
    }
  }

  /// Ends it: whatever waits fails with this.
  void close(String why) {
    close(transport.failed(why, null));
  }

  private void close(IOException why) {
    lock.lock();
    try {
      lose(why);
    } finally {
      lock.unlock();
    }
  }

  /// With the lock held.
  private void lose(IOException why) {
    if (lost != null) {
      return;
    }
    lost = why;
    unsent.clear();
    for (Call call : underWay) {
      fail(call, why);
    }
    underWay.clear();
    changed.signalAll();
    room.signalAll();
    unused.signalAll();
    transport.close();
  }

  private static void fail(Call call, IOException why) {
    if (call.reply == null && call.failure == null) {
      call.failure = why;
      call.done.signalAll();
    }
  }

  static InterruptedIOException interrupted() {
    Thread.currentThread().interrupt();
    return new InterruptedIOException("interrupted while waiting for the sandbox's file server");
  }

  // Users' calls.

  /// Sends a request, when there is room for it.
  ///
  /// @param path of the file, for messages
  Call send(FileRequest request, String path, @Nullable Object owner) throws IOException {
    lock.lock();
    try {
      while (lost == null && underWay.size() >= MOST_UNDER_WAY) {
        room.await();
      }
      return enqueue(request, path, owner);
    } catch (InterruptedException e) {
      throw interrupted();
    } finally {
      lock.unlock();
    }
  }

  private Call enqueue(FileRequest request, String path, @Nullable Object owner)
      throws IOException {
    if (lost != null) {
      throw transport.again(lost);
    }
    Call call;
    try {
      call = new Call(request, path, owner, ++lastId);
    } catch (IllegalArgumentException e) {
      throw new FileSystemException(path, null, "too long a path");
    }
    if (underWay.isEmpty()) {
      moved = System.nanoTime();
    }
    underWay.add(call);
    unsent.add(call);
    changed.signalAll();
    return call;
  }

  /// Sends a request and waits for its answer.
  FileReply call(FileRequest request, String path) throws IOException {
    return send(request, path, null).await();
  }

  /// A handle that is not in use. Until it is closed, the connection does not end by itself.
  int takeHandle(String path) throws IOException {
    lock.lock();
    try {
      int handle = handles.nextClearBit(0);
      if (handle >= FileRequest.HANDLES) {
        throw new FileSystemException(path, null, "more than " + handle + " open files");
      }
      handles.set(handle);
      users++;
      return handle;
    } finally {
      lock.unlock();
    }
  }

  /// Closes a handle, open or not. Does not wait.
  ///
  /// @param owner the sender of the requests on it
  /// @param why the failure of those who wait for answers on it; null: the answers come
  void closeHandle(int handle, Object owner, String path, @Nullable IOException why) {
    lock.lock();
    try {
      for (Call call : underWay) {
        if (why != null && owner.equals(call.owner)) {
          fail(call, why);
        }
      }
      users--;
      unused.signalAll();
      if (lost == null) {
        enqueue(new FileRequest.Close(handle), path, null); // small, so without room
      }
    } catch (IOException e) {
      // cannot be: it was not lost, and the request is short
    } finally {
      lock.unlock();
    }
  }

  /// The server broke the protocol.
  ProtocolException violated(String what) {
    String message = "the guest's file server " + what;
    ProtocolException violation = new ProtocolException(message);
    close(transport.failed(message, violation));
    return violation;
  }

  // Its threads.

  private void sendAll() {
    try {
      while (true) {
        ByteArrayOutputStream batch = new ByteArrayOutputStream();
        lock.lock();
        try {
          while (unsent.isEmpty() && lost == null) {
            changed.await();
          }
          if (lost != null) {
            return;
          }
          while (!unsent.isEmpty() && batch.size() < BATCH_BYTES) {
            Call call = unsent.remove();
            call.sent = true;
            batch.writeBytes(call.message);
          }
        } finally {
          lock.unlock();
        }
        transport.requests().write(batch.toByteArray());
      }
    } catch (IOException | InterruptedException e) {
      // the reader finds the end, and knows why
    }
  }

  private void readAll() {
    DataInputStream in = new DataInputStream(transport.replies());
    IOException why;
    try {
      while (true) {
        int length = in.readInt();
        if (length < 5 || length > FileRequest.MAX_MESSAGE_BYTES) {
          throw new ProtocolException(
              "an answer of " + Integer.toUnsignedString(length) + " bytes");
        }
        byte[] message = new byte[length];
        in.readFully(message);
        deliver(ByteBuffer.wrap(message));
      }
    } catch (ProtocolException e) {
      why = transport.failed("the guest's file server broke the protocol: " + e.getMessage(), null);
    } catch (IOException e) {
      why = transport.ended(e);
    }
    close(why);
  }

  private void deliver(ByteBuffer message) throws ProtocolException {
    int id = message.getInt();
    FileReply reply = FileCodec.decodeReply(message);
    lock.lock();
    try {
      Call call = underWay.peek();
      if (call == null) {
        throw new ProtocolException("an answer to nothing");
      }
      if (call.id != id || !call.sent) {
        throw new ProtocolException("an answer to request " + id + " out of its turn");
      }
      underWay.remove();
      moved = System.nanoTime();
      room.signal();
      if (call.request instanceof FileRequest.Close(int handle)) {
        handles.clear(handle);
      }
      if (call.failure == null) {
        call.reply = reply;
        call.done.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  /// The requests under way, for tests.
  List<FileRequest> underWay() {
    lock.lock();
    try {
      List<FileRequest> requests = new ArrayList<>();
      underWay.forEach(call -> requests.add(call.request));
      return requests;
    } finally {
      lock.unlock();
    }
  }
}
