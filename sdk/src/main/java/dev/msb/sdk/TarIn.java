package dev.msb.sdk;

import dev.msb.image.TarEntry;
import dev.msb.image.TarReader;
import dev.msb.protocol.Bytes;
import dev.msb.protocol.FileReply;
import dev.msb.protocol.FileRequest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.FileSystemException;
import java.util.ArrayDeque;
import java.util.List;

/// Unpacks a tar into a directory of a guest. Requests go ahead of their answers, as in [TreeIn].
final class TarIn {
  private static final int CHUNK = FileRequest.MAX_DATA_BYTES;
  private static final int OUR_FILE = 0600;

  /// The times of so many directories are set when all is in them, those of more are not.
  private static final int MOST_DIRECTORIES = 100_000;

  private record Made(String path, FileRequest.Changes changes) {}

  private final FileConnection connection;
  private final String root;
  private final CopyOptions options;
  private final CopyTally tally;
  private final CallWindow window;
  private final ArrayDeque<Made> directories = new ArrayDeque<>();

  private TarIn(FileConnection connection, String root, CopyOptions options) {
    this.connection = connection;
    this.root = root;
    this.options = options;
    tally = new CopyTally(options);
    window = new CallWindow(connection);
  }

  static CopySummary copy(
      FileConnection connection, InputStream in, String directory, CopyOptions options)
      throws IOException {
    TarIn copy = new TarIn(connection, directory, options);
    TarReader reader = new TarReader(in);
    for (TarEntry entry = reader.next(); entry != null; entry = reader.next()) {
      copy.add(entry, reader);
    }
    while (!copy.directories.isEmpty()) {
      Made made = copy.directories.pop(); // the deepest first
      copy.window.add(
          connection.send(
              new FileRequest.Set(FileRequest.Name.of(made.path), 0, made.changes),
              made.path,
              null));
    }
    copy.window.drain();
    return copy.tally.summary();
  }

  private void add(TarEntry entry, TarReader reader) throws IOException {
    String path = path(entry.names());
    FileRequest.Name name = FileRequest.Name.of(path);
    switch (entry.type()) {
      case DIRECTORY -> {
        if (!entry.names().isEmpty()) {
          tally.begin(path, FileInfo.Type.DIRECTORY);
          GuestFiles.makeDirectories(connection, path);
          if (directories.size() < MOST_DIRECTORIES) {
            directories.push(new Made(path, changes(entry)));
          }
        }
      }
      case FILE -> {
        tally.begin(path, FileInfo.Type.REGULAR);
        makeRoom(entry, name, path);
        copyFile(entry, reader, name, path);
      }
      case SYMLINK -> {
        tally.begin(path, FileInfo.Type.SYMBOLIC_LINK);
        makeRoom(entry, name, path);
        window.add(
            connection.send(
                new FileRequest.SymbolicLink(Bytes.text(entry.target()), name), path, null));
        window.add(
            connection.send(
                new FileRequest.Set(name, FileRequest.NOFOLLOW, changes(entry)), path, null));
      }
      case HARD_LINK -> {
        tally.begin(path, FileInfo.Type.REGULAR);
        makeRoom(entry, name, path);
        String linked = path(entry.linkedNames());
        window.add(
            connection.send(new FileRequest.Link(FileRequest.Name.of(linked), name), linked, null));
      }
      case CHARACTER_DEVICE, BLOCK_DEVICE, FIFO -> tally.skip(path);
    }
  }

  private String path(List<byte[]> names) {
    String path = root;
    for (byte[] name : names) {
      path = GuestLevel.child(path, Bytes.text(name));
    }
    return path;
  }

  private void makeRoom(TarEntry entry, FileRequest.Name name, String path) throws IOException {
    if (entry.names().isEmpty()) {
      throw new FileSystemException(path, null, "the tar has a file without a name");
    }
    FileConnection.Call removal =
        connection.send(new FileRequest.Remove(name, FileRequest.REMOVE_FILE), path, null);
    if (entry.names().size() > 1) {
      // Tars have directories before what is in them, but they need not.
      FileReply reply = removal.await();
      if (reply instanceof FileReply.Failed(int errno) && errno == FileErrors.ENOENT) {
        GuestFiles.makeDirectories(connection, path.substring(0, path.lastIndexOf('/')));
        return;
      }
    }
    window.add(removal);
  }

  private void copyFile(TarEntry entry, TarReader reader, FileRequest.Name name, String path)
      throws IOException {
    int flags =
        FileRequest.WRITE | FileRequest.CREATE | FileRequest.EXCLUSIVE | FileRequest.NOFOLLOW;
    try (FileHandle handle = FileHandle.open(connection, name, path, flags, OUR_FILE)) {
      window.add(handle.opening());
      long[] parts = entry.parts();
      for (int i = 0; i < parts.length; i += 2) {
        long end = parts[i] + parts[i + 1];
        for (long at = parts[i]; at < end; ) {
          byte[] chunk = new byte[(int) Math.min(CHUNK, end - at)];
          int count = 0;
          while (count < chunk.length) {
            int read = reader.read(chunk, count, chunk.length - count);
            if (read < 0) {
              throw new FileSystemException(path, null, "the tar is cut short");
            }
            count += read;
          }
          tally.content(path, count);
          window.add(handle.write(at, ByteBuffer.wrap(chunk)));
          at += count;
        }
      }
      FileRequest.Changes changes = changes(entry);
      window.add(
          handle.set(
              new FileRequest.Changes(
                  changes.mask() | FileRequest.SET_SIZE,
                  changes.mode(),
                  changes.uid(),
                  changes.gid(),
                  entry.size(),
                  changes.accessed(),
                  changes.modified())));
      handle.finish();
    }
  }

  private FileRequest.Changes changes(TarEntry entry) {
    int mask = FileRequest.SET_MODIFIED;
    mask |= entry.type() == TarEntry.Type.SYMLINK ? 0 : FileRequest.SET_MODE;
    mask |= options.keepOwners() ? FileRequest.SET_OWNER | FileRequest.SET_GROUP : 0;
    return new FileRequest.Changes(
        mask,
        entry.mode(),
        (int) entry.uid(),
        (int) entry.gid(),
        0,
        FileRequest.Time.ZERO,
        new FileRequest.Time(entry.modifiedSeconds(), 0));
  }
}
