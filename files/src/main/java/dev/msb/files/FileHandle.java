package dev.msb.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.atomic.AtomicBoolean;

/// An open file or directory of a guest.
///
/// The open is sent and not waited for; [#attributes] does that. All methods may be called from any
/// thread; [#close] lets go of whoever waits.
final class FileHandle implements AutoCloseable {
  private final FileConnection connection;
  private final String path;
  private final int number;
  private final FileConnection.Call opening;
  private final AtomicBoolean closed = new AtomicBoolean();

  private FileHandle(
      FileConnection connection, FileRequest.Name name, String path, int flags, int mode)
      throws IOException {
    this.connection = connection;
    this.path = path;
    number = connection.takeHandle(path); // and keeps the connection
    try {
      opening = connection.send(new FileRequest.Open(number, name, flags, mode), path, this);
    } catch (IOException e) {
      connection.closeHandle(number, this, path, e);
      throw e;
    }
  }

  static FileHandle open(
      FileConnection connection, FileRequest.Name name, String path, int flags, int mode)
      throws IOException {
    return new FileHandle(connection, name, path, flags, mode);
  }

  String path() {
    return path;
  }

  int number() {
    return number;
  }

  /// The file of this name in this directory; empty for the directory itself.
  FileRequest.Name name(String name) {
    return new FileRequest.Name(number, name);
  }

  /// Waits until it is open; its attributes then.
  ///
  /// @throws java.nio.file.FileSystemException if it cannot be opened
  FileReply.Attributes attributes() throws IOException {
    return FileCalls.expect(connection, opening, FileReply.Attributes.class);
  }

  FileConnection.Call read(long offset, int count) throws IOException {
    return send(new FileRequest.Read(number, offset, count));
  }

  /// Bytes that were read; fewer than asked for at the end of the file.
  ByteBuffer bytes(FileConnection.Call read) throws IOException {
    ByteBuffer bytes = FileCalls.expect(connection, read, FileReply.Data.class).bytes();
    if (bytes.remaining() > ((FileRequest.Read) read.request).count()) {
      throw connection.violated("answers a read with " + bytes.remaining() + " bytes, too many");
    }
    return bytes;
  }

  FileConnection.Call write(long offset, ByteBuffer bytes) throws IOException {
    return send(new FileRequest.Write(number, offset, bytes));
  }

  void written(FileConnection.Call write) throws IOException {
    long value = FileCalls.expect(connection, write, FileReply.Done.class).value();
    if (value != ((FileRequest.Write) write.request).bytes().remaining()) {
      throw connection.violated("answers a write with " + value);
    }
  }

  /// The next entries.
  FileReply.Entries entries() throws IOException {
    FileReply.Entries entries =
        FileCalls.expect(connection, send(new FileRequest.List(number)), FileReply.Entries.class);
    for (FileReply.Entry entry : entries.entries()) {
      FileCalls.checkName(connection, entry.name());
    }
    return entries;
  }

  FileConnection.Call set(FileRequest.Changes changes) throws IOException {
    return send(new FileRequest.Set(name(""), 0, changes));
  }

  FileConnection.Call send(FileRequest request) throws IOException {
    if (closed.get()) {
      throw new ClosedChannelException();
    }
    return connection.send(request, path, this);
  }

  /// The request that opens it.
  FileConnection.Call opening() {
    return opening;
  }

  FileConnection connection() {
    return connection;
  }

  boolean isOpen() {
    return !closed.get();
  }

  /// Whoever waits for an answer gets an [AsynchronousCloseException]. Does not wait.
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      connection.closeHandle(number, this, path, new AsynchronousCloseException());
    }
  }

  /// Closes it behind the requests that were sent: their answers still come.
  void finish() {
    if (closed.compareAndSet(false, true)) {
      connection.closeHandle(number, this, path, null);
    }
  }
}
