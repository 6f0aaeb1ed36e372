package dev.msb.files;

import java.io.IOException;
import java.nio.file.ClosedFileSystemException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// One user's connection to a file server. It is opened when it is needed, and opened anew when it
/// has ended.
final class FileClient {
  /// Something done over a connection.
  interface Operation<T> {
    T on(FileConnection connection) throws IOException;
  }

  /// The same, with no result.
  interface Action {
    void on(FileConnection connection) throws IOException;
  }

  private final FileServer server;
  private final String user;
  private final Duration idle;

  private final ReentrantLock lock = new ReentrantLock(); // held while a connection is opened
  private @Nullable FileConnection current; // guarded by lock
  private volatile boolean closed;
  private volatile @Nullable String workingDirectory;

  /// @param user of the guest; empty for its usual one
  /// @param idle how long a connection stays open with nothing to do
  FileClient(FileServer server, String user, Duration idle) {
    this.server = server;
    this.user = user;
    this.idle = idle;
  }

  /// The same server for another user, over a connection of its own.
  FileClient as(String guestUser) {
    return new FileClient(server, guestUser, idle);
  }

  /// The name of the guest.
  String name() {
    return server.name();
  }

  /// An open connection, in use until it is released.
  FileConnection connect() throws IOException {
    lock.lock();
    try {
      if (closed) {
        throw new ClosedFileSystemException();
      }
      FileConnection connection = current;
      if (connection == null || !connection.use()) {
        connection = FileConnection.open(server.start(user), server.name(), idle);
        current = connection;
      }
      return connection;
    } catch (InterruptedException e) {
      throw FileConnection.interrupted();
    } finally {
      lock.unlock();
    }
  }

  <T> T with(Operation<T> operation) throws IOException {
    FileConnection connection = connect();
    try {
      return operation.on(connection);
    } finally {
      connection.release();
    }
  }

  void run(Action action) throws IOException {
    with(connection -> {
      action.on(connection);
      return true;
    });
  }

  /// The directory that relative paths start at.
  String workingDirectory() throws IOException {
    String directory = workingDirectory;
    if (directory == null) {
      directory = server.workingDirectory();
      workingDirectory = directory.startsWith("/") ? directory : "/" + directory;
    }
    return directory.startsWith("/") ? directory : "/" + directory;
  }

  /// The absolute path of a path.
  String absolute(String path) throws IOException {
    if (path.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("a path with a NUL character");
    }
    if (path.isEmpty()) {
      throw new NoSuchFileException("", null, "an empty path");
    }
    return path.startsWith("/") ? path : GuestLevel.child(workingDirectory(), path);
  }

  boolean isClosed() {
    return closed;
  }

  /// Ends the connection. Calls under way fail, later ones throw [ClosedFileSystemException].
  void close() {
    closed = true;
    lock.lock();
    try {
      if (current != null) {
        current.close("these GuestFiles are closed");
        current = null;
      }
    } finally {
      lock.unlock();
    }
  }
}
