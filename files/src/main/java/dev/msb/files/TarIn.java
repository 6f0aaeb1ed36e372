package dev.msb.files;

import dev.msb.archive.Compression;
import dev.msb.archive.TarEntry;
import dev.msb.archive.TarReader;
import dev.msb.protocol.Bytes;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.FileSystemException;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Unpacks a tar into a directory of a guest. Requests go ahead of their answers, as in [TreeIn].
final class TarIn {
  private static final int CHUNK = FileRequest.MAX_DATA_BYTES;
  private static final int OUR_FILE = 0600;

  /// The times of so many directories are set when all is in them, those of more are not.
  private static final int MOST_DIRECTORIES = 100_000;

  private static final long MOST_KNOWN_CHARS = 16 << 20;

  /// A stream that somebody else closes.
  private static final class Lent extends FilterInputStream {
    Lent(InputStream in) {
      super(in);
    }

    @Override
    public void close() {}
  }

  private record Made(String path, FileRequest.Changes changes) {}

  private final FileConnection connection;
  private final String root;
  private final CopyOptions options;
  private final CopyTally tally;
  private final CallWindow window;
  private final ArrayDeque<Made> directories = new ArrayDeque<>();
  private long knownChars;
  private final Set<String> known = new HashSet<>(); // directories that are there

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
    // The decompression ends here, but the stream is its owner's.
    try (InputStream uncompressed = Compression.uncompressed(new Lent(in))) {
      TarReader reader = new TarReader(uncompressed);
      for (TarEntry entry = reader.next(); entry != null; entry = reader.next()) {
        copy.add(entry, reader);
      }
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
          makeDirectory(path);
          if (directories.size() < MOST_DIRECTORIES) {
            directories.push(new Made(path, changes(entry)));
          }
        }
      }
      case FILE -> {
        tally.begin(path, FileInfo.Type.REGULAR);
        copyFile(entry, reader, name, path);
      }
      case SYMLINK -> {
        tally.begin(path, FileInfo.Type.SYMBOLIC_LINK);
        makeRoom(entry, name, path);
        window.add(
            connection.send(
                new FileRequest.SymbolicLink(Bytes.text(entry.link()), name), path, null));
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

  /// Tars have directories before what is in them, so that most are known; but they need not.
  private void makeDirectory(String path) throws IOException {
    if (known.contains(path)) {
      return;
    }
    for (int i = root.length() + 1; i > 0; ) {
      i = path.indexOf('/', i);
      String part = i < 0 ? path : path.substring(0, i++);
      if (!known.contains(part)) {
        FileCalls.makeIfMissing(connection, part);
        knownChars += part.length();
        if (knownChars < MOST_KNOWN_CHARS) {
          known.add(part);
        }
      }
    }
  }

  private void makeParent(TarEntry entry, String path) throws IOException {
    if (entry.names().isEmpty()) {
      throw new FileSystemException(path, null, "the tar has a file without a name");
    }
    known.remove(path); // if it was a directory, it fails; a link may take its place
    if (entry.names().size() > 1) {
      makeDirectory(path.substring(0, path.lastIndexOf('/')));
    }
  }

  private void makeRoom(TarEntry entry, FileRequest.Name name, String path) throws IOException {
    makeParent(entry, path);
    window.add(connection.send(new FileRequest.Remove(name, FileRequest.REMOVE_FILE), path, null));
  }

  private void copyFile(TarEntry entry, TarReader reader, FileRequest.Name name, String path)
      throws IOException {
    if (entry.size() <= FileRequest.MAX_PUT_BYTES
        && entry.parts().length == 2
        && entry.parts()[1] == entry.size()) {
      makeParent(entry, path);
      byte[] bytes = read(reader, (int) entry.size(), path);
      tally.content(path, bytes.length);
      FileRequest.Put put = new FileRequest.Put(name, true, changes(entry), ByteBuffer.wrap(bytes));
      window.add(connection.send(put, path, null));
      return;
    }
    makeRoom(entry, name, path);
    int flags =
        FileRequest.WRITE | FileRequest.CREATE | FileRequest.EXCLUSIVE | FileRequest.NOFOLLOW;
    try (FileHandle handle = FileHandle.open(connection, name, path, flags, OUR_FILE)) {
      window.add(handle.opening());
      long[] parts = entry.parts();
      for (int i = 0; i < parts.length; i += 2) {
        long end = parts[i] + parts[i + 1];
        for (long at = parts[i]; at < end; ) {
          byte[] chunk = read(reader, (int) Math.min(CHUNK, end - at), path);
          tally.content(path, chunk.length);
          window.add(handle.write(at, ByteBuffer.wrap(chunk)));
          at += chunk.length;
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

  private static byte[] read(TarReader reader, int length, String path) throws IOException {
    byte[] bytes = new byte[length];
    int count = 0;
    while (count < length) {
      int read = reader.read(bytes, count, length - count);
      if (read < 0) {
        throw new FileSystemException(path, null, "the tar is cut short");
      }
      count += read;
    }
    return bytes;
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
