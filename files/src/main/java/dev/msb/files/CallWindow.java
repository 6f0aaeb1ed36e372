package dev.msb.files;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.util.ArrayDeque;

/// The requests of a copy into a guest that are under way: a few go ahead of the answers, so that a
/// small file takes no time of its own to travel. One thread's.
final class CallWindow {
  private static final int MOST = 48;

  private final FileConnection connection;
  private final ArrayDeque<FileConnection.Call> calls = new ArrayDeque<>();

  CallWindow(FileConnection connection) {
    this.connection = connection;
  }

  /// Adds one, and waits for the oldest if there are too many.
  ///
  /// @throws IOException if an older one has failed
  void add(FileConnection.Call call) throws IOException {
    calls.add(call);
    while (calls.size() > MOST) {
      settle(calls.remove());
    }
  }

  /// Waits for all of them.
  void drain() throws IOException {
    while (!calls.isEmpty()) {
      settle(calls.remove());
    }
  }

  private void settle(FileConnection.Call call) throws IOException {
    // A file to be replaced need not be there.
    if (call.request instanceof FileRequest.Remove
        && call.await() instanceof FileReply.Failed(int errno)) {
      if (errno == FileErrors.ENOENT) {
        return;
      }
      if (errno == FileErrors.EISDIR) {
        throw new FileAlreadyExistsException(
            call.path, null, "a directory, where something else is to be");
      }
    }
    if (call.request instanceof FileRequest.Put
        && call.await() instanceof FileReply.Failed(int errno)
        && errno == FileErrors.EISDIR) {
      throw new FileAlreadyExistsException(
          call.path, null, "a directory, where something else is to be");
    }
    if (call.request instanceof FileRequest.Open) {
      FileCalls.expect(connection, call, FileReply.Attributes.class);
    } else {
      FileCalls.done(connection, call);
    }
  }
}
