package dev.msb.files;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A directory of a guest on the way through a tree: an open handle, and the subdirectories of the
/// batch that was listed last. The handle stays what was opened, whatever happens to the names that
/// led to it.
final class GuestLevel {
  /// Batches without a new entry, after which a guest is taken to have nothing more to say.
  private static final int MOST_EMPTY = 1000;

  private static final int MOST_SHOWN = 8192;

  private final FileHandle handle;
  private final FileReply.Attributes attributes;
  private final ArrayDeque<String> subdirectories = new ArrayDeque<>();
  private boolean last;

  private GuestLevel(FileHandle handle, FileReply.Attributes attributes) {
    this.handle = handle;
    this.attributes = attributes;
  }

  /// Opens a directory.
  ///
  /// @param path of it, for messages
  static GuestLevel open(
      FileConnection connection, FileRequest.Name name, String path, boolean follow)
      throws IOException {
    int flags = FileRequest.READ | FileRequest.DIRECTORY | (follow ? 0 : FileRequest.NOFOLLOW);
    FileHandle handle = FileHandle.open(connection, name, path, flags, 0);
    try {
      FileReply.Attributes attributes = handle.attributes();
      if (attributes.kind() != FileReply.Kind.DIRECTORY) {
        throw connection.violated("opens as a directory what is none");
      }
      return new GuestLevel(handle, attributes);
    } catch (IOException e) {
      handle.close();
      throw e;
    }
  }

  FileHandle handle() {
    return handle;
  }

  String path() {
    return handle.path();
  }

  FileReply.Attributes attributes() {
    return attributes;
  }

  /// The path of an entry, for messages: shortened if it is very long.
  String pathOf(String name) {
    String path = child(handle.path(), name);
    return path.length() <= MOST_SHOWN ? path : path.substring(0, MOST_SHOWN / 2) + "/.../" + name;
  }

  static String child(String directory, String name) {
    return directory.endsWith("/") ? directory + name : directory + "/" + name;
  }

  /// The next entries; none at the end.
  List<FileReply.Entry> next() throws IOException {
    for (int i = 0; i < MOST_EMPTY; i++) {
      if (last) {
        return List.of();
      }
      FileReply.Entries entries = handle.entries();
      last = entries.last();
      if (!entries.entries().isEmpty()) {
        return entries.entries();
      }
    }
    throw new FileSystemException(path(), null, "the guest lists nothing, without an end");
  }

  void later(String subdirectory) {
    subdirectories.add(subdirectory);
  }

  @Nullable String nextSubdirectory() {
    return subdirectories.poll();
  }

  void close() {
    handle.close();
  }
}
