package dev.msb.files;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/// Removes a directory of a guest with all that is in it. Every name is looked up in a directory
/// that is held open and was opened without following a link, so that a process of the guest that
/// swaps names under way cannot have anything removed that was never in the tree.
final class TreeRemoval {
  private static final int WINDOW = 32;
  private static final int TRIES = 16;

  private record Step(GuestLevel level, GuestLevel parent, String name, int tries) {}

  private final FileConnection connection;
  private final ArrayDeque<Step> steps = new ArrayDeque<>();
  private final ArrayDeque<FileConnection.Call> removing = new ArrayDeque<>();

  private TreeRemoval(FileConnection connection) {
    this.connection = connection;
  }

  /// Removes the file or tree with this path.
  ///
  /// @param absolute an absolute path
  /// @param shown the path for messages
  static void remove(FileConnection connection, String absolute, String shown) throws IOException {
    int end = absolute.length();
    while (end > 1 && absolute.charAt(end - 1) == '/') {
      end--;
    }
    String directory = absolute.substring(0, absolute.lastIndexOf('/', end - 1) + 1);
    String name = absolute.substring(directory.length(), end);
    if (name.isEmpty() || name.equals(".") || name.equals("..")) {
      throw new FileSystemException(shown, null, "the root, . and .. are not removed");
    }
    FileHandle parent =
        FileHandle.open(
            connection,
            FileRequest.Name.of(directory),
            GuestLevel.child(directory, name),
            FileRequest.DIRECTORY,
            0);
    TreeRemoval removal = new TreeRemoval(connection);
    try {
      removal.run(parent, directory, name);
    } finally {
      removal.steps.forEach(step -> step.level.close());
      parent.close();
    }
  }

  private void run(FileHandle top, String directory, String name) throws IOException {
    String path = GuestLevel.child(directory, name);
    int errno = tryRemove(top, name, path, FileRequest.REMOVE_FILE);
    if (errno == 0) {
      return;
    }
    if (errno != FileErrors.EISDIR) {
      throw FileErrors.of(errno, path, null);
    }
    removeDirectory(top, name, path);
  }

  private void removeDirectory(FileHandle top, String name, String path) throws IOException {
    for (int tries = 0; tries < TRIES; tries++) {
      GuestLevel level = GuestLevel.open(connection, top.name(name), path, false);
      try {
        empty(level);
      } finally {
        level.close();
      }
      int errno = tryRemove(top, name, path, FileRequest.REMOVE_DIRECTORY);
      if (errno == 0) {
        return;
      }
      if (errno != FileErrors.ENOTEMPTY) {
        throw FileErrors.of(errno, path, null);
      }
    }
    throw FileErrors.of(FileErrors.ENOTEMPTY, path, null);
  }

  /// Removes all that is in a directory.
  private void empty(GuestLevel root) throws IOException {
    GuestLevel level = root;
    while (true) {
      String name = level.nextSubdirectory();
      if (name != null) {
        level = descend(level, name, 0);
        continue;
      }
      if (removeEntries(level)) {
        continue;
      }
      if (level == root) {
        return;
      }
      level = ascend();
    }
  }

  /// Opens a subdirectory; one that has become a file is removed as such.
  private GuestLevel descend(GuestLevel parent, String name, int tries) throws IOException {
    String path = parent.pathOf(name);
    try {
      GuestLevel level = GuestLevel.open(connection, parent.handle().name(name), path, false);
      steps.push(new Step(level, parent, name, tries));
      return level;
    } catch (FileSystemException e) {
      int errno = tryRemove(parent.handle(), name, path, FileRequest.REMOVE_EITHER);
      if (errno != 0 && errno != FileErrors.ENOENT) {
        throw e;
      }
      return parent;
    }
  }

  /// Removes a directory that was emptied; goes through it again if something was added.
  private GuestLevel ascend() throws IOException {
    Step step = steps.pop();
    step.level.close();
    String path = step.level.path();
    int errno = tryRemove(step.parent.handle(), step.name, path, FileRequest.REMOVE_DIRECTORY);
    if (errno == FileErrors.ENOTEMPTY && step.tries < TRIES) {
      return descend(step.parent, step.name, step.tries + 1);
    }
    if (errno != 0 && errno != FileErrors.ENOENT) {
      throw FileErrors.of(errno, path, null);
    }
    return step.parent;
  }

  /// Removes the files of the next batch; its directories are for later.
  ///
  /// @return false if there was none
  private boolean removeEntries(GuestLevel level) throws IOException {
    var entries = level.next();
    for (FileReply.Entry entry : entries) {
      if (entry.attributes().kind() == FileReply.Kind.DIRECTORY) {
        level.later(entry.name());
        continue;
      }
      if (removing.size() >= WINDOW) {
        settle(level);
      }
      removing.add(
          connection.send(
              new FileRequest.Remove(level.handle().name(entry.name()), FileRequest.REMOVE_FILE),
              level.pathOf(entry.name()),
              null));
    }
    while (!removing.isEmpty()) {
      settle(level);
    }
    return !entries.isEmpty();
  }

  private void settle(GuestLevel level) throws IOException {
    FileConnection.Call call = removing.remove();
    int errno = errno(call);
    if (errno == FileErrors.EISDIR) { // it has become one, or was not known to be
      level.later(((FileRequest.Remove) call.request).name().path());
    } else if (errno != 0 && errno != FileErrors.ENOENT) {
      throw FileErrors.of(errno, call.path, null);
    }
  }

  private int tryRemove(FileHandle directory, String name, String path, int what)
      throws IOException {
    return errno(connection.send(new FileRequest.Remove(directory.name(name), what), path, null));
  }

  private int errno(FileConnection.Call call) throws IOException {
    @Nullable FileReply reply = call.await();
    return switch (reply) {
      case FileReply.Done done -> 0;
      case FileReply.Failed(int errno) -> errno;
      default -> throw connection.violated("answers what was not asked");
    };
  }
}
