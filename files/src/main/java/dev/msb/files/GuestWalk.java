package dev.msb.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/// A walk through a tree of a guest, files with their content: the guest sends it as fast as it is
/// taken, a few answers ahead.
///
/// The guest may say anything. What arrives at the [Taker] makes sense: names are single parts of a
/// path, what is entered is left, content comes in the order of its offsets and belongs to a file.
final class GuestWalk implements AutoCloseable {
  private static final int AHEAD = 8;
  private static final int MOST_DEPTH = 2000;

  /// Answers without a record, after which a guest is taken to have nothing more to say.
  private static final int MOST_EMPTY = 1000;

  private static final int MOST_SHOWN = 8192;

  /// Gets the files of a walk.
  interface Taker {
    /// A directory; until [#leave], the files that follow are in it. The first one's name is empty.
    void directory(String name, String path, FileReply.Attributes attributes) throws IOException;

    void leave() throws IOException;

    /// The directory that was told last is the root of a file system that the kernel makes up. It
    /// is left next.
    void kernels(String path);

    /// A regular file: its parts, if they were asked for, its content and its end follow.
    void file(String name, String path, FileReply.Attributes attributes) throws IOException;

    void part(long offset, long length) throws IOException;

    void content(long offset, ByteBuffer bytes) throws IOException;

    void fileEnd(long size) throws IOException;

    /// A further name of a file that was sent before, by its device and inode.
    ///
    /// @return false if there was none
    boolean same(String name, String path, FileReply.Attributes attributes) throws IOException;

    void symbolicLink(String name, String path, String target, FileReply.Attributes attributes)
        throws IOException;

    /// A device, a FIFO or a socket.
    void special(String path) throws IOException;
  }

  private final FileConnection connection;
  private final FileHandle root;
  private final int flags;
  private final Taker taker;
  private final ArrayDeque<FileConnection.Call> ahead = new ArrayDeque<>();
  private final ArrayDeque<String> paths = new ArrayDeque<>(); // of the directories it is in
  private WalkRecord.@Nullable Entry pending; // a file or a link, of which nothing has come yet
  private @Nullable String file; // the path of the file whose content comes
  private boolean entered; // the last record was a directory
  private long end; // of the content that came

  private GuestWalk(FileConnection connection, FileHandle root, int flags, Taker taker) {
    this.connection = connection;
    this.root = root;
    this.flags = flags;
    this.taker = taker;
  }

  /// Walks through the file or tree with this path.
  ///
  /// @param directory whether it is a directory; else it is a regular file
  /// @param follow whether the path may be a link
  /// @param flags of WALK
  static void through(
      FileConnection connection,
      String path,
      boolean directory,
      boolean follow,
      int flags,
      Taker taker)
      throws IOException {
    int open = FileRequest.READ | (follow ? 0 : FileRequest.NOFOLLOW);
    open |= directory ? FileRequest.DIRECTORY : 0;
    FileHandle root = FileHandle.open(connection, FileRequest.Name.of(path), path, open, 0);
    try (GuestWalk walk = new GuestWalk(connection, root, flags, taker)) {
      walk.run();
    }
  }

  private void run() throws IOException {
    FileReply.Attributes attributes = root.attributes();
    switch (FileInfo.type(attributes.kind())) {
      case DIRECTORY -> enter("", root.path(), attributes);
      case REGULAR -> beginFile("", root.path(), attributes);
      case SYMBOLIC_LINK, SPECIAL ->
          throw new FileSystemException(root.path(), null, "no regular file any more");
    }
    boolean last = false;
    int empty = 0;
    while (!last) {
      while (ahead.size() < AHEAD) {
        ahead.add(root.send(new FileRequest.Walk(root.number(), flags)));
      }
      FileReply.Walked walked =
          FileCalls.expect(connection, ahead.remove(), FileReply.Walked.class);
      for (WalkRecord record : walked.records()) {
        take(record);
      }
      last = walked.last();
      empty = walked.records().isEmpty() ? empty + 1 : 0;
      if (empty > MOST_EMPTY) {
        throw new FileSystemException(root.path(), null, "the guest tells nothing, without an end");
      }
    }
    if (!paths.isEmpty() || pending != null || file != null) {
      throw connection.violated("ends a walk in its midst");
    }
  }

  private void take(WalkRecord record) throws IOException {
    boolean justEntered = entered;
    entered = false;
    switch (record) {
      case WalkRecord.Entry entry -> entry(entry);
      case WalkRecord.End(int errno, long size) -> end(errno, size);
      case WalkRecord.Content(long offset, ByteBuffer bytes) -> {
        open();
        advance(offset, bytes.remaining());
        taker.content(offset, bytes);
      }
      case WalkRecord.Part(long offset, long length) -> {
        if ((flags & FileRequest.WALK_MAP) == 0) {
          throw connection.violated("tells parts that nobody asked for");
        }
        open();
        taker.part(offset, length);
      }
      case WalkRecord.Target(String target) -> {
        WalkRecord.Entry link = takePending(FileInfo.Type.SYMBOLIC_LINK);
        if (target.isEmpty() || target.indexOf('\0') >= 0) {
          throw connection.violated("answers an impossible path");
        }
        taker.symbolicLink(link.name(), pathOf(link.name()), target, link.attributes());
      }
      case WalkRecord.Same() -> {
        WalkRecord.Entry entry = takePending(FileInfo.Type.REGULAR);
        if (!taker.same(entry.name(), pathOf(entry.name()), entry.attributes())) {
          throw connection.violated("tells of a file that it never sent");
        }
      }
      case WalkRecord.Kernels() -> {
        if (!justEntered) {
          throw connection.violated("leaves out what is no directory");
        }
        taker.kernels(paths.element());
        leave();
      }
    }
  }

  private void entry(WalkRecord.Entry entry) throws IOException {
    String name = entry.name();
    FileCalls.checkName(connection, name);
    if (pending != null || file != null || paths.isEmpty()) {
      throw connection.violated("tells of a file in the midst of another");
    }
    switch (FileInfo.type(entry.attributes().kind())) {
      case DIRECTORY -> {
        enter(name, pathOf(name), entry.attributes());
        entered = true;
      }
      case REGULAR, SYMBOLIC_LINK -> pending = entry;
      case SPECIAL -> taker.special(pathOf(name));
    }
  }

  private WalkRecord.Entry takePending(FileInfo.Type type) throws IOException {
    WalkRecord.Entry entry = pending;
    if (entry == null || FileInfo.type(entry.attributes().kind()) != type) {
      throw connection.violated("tells more of a file than it has");
    }
    pending = null;
    return entry;
  }

  /// The records that follow are of a regular file.
  private void open() throws IOException {
    if (file == null) {
      WalkRecord.Entry entry = takePending(FileInfo.Type.REGULAR);
      beginFile(entry.name(), pathOf(entry.name()), entry.attributes());
    }
  }

  private void beginFile(String name, String path, FileReply.Attributes attributes)
      throws IOException {
    file = path;
    end = 0;
    taker.file(name, path, attributes);
  }

  private void advance(long offset, int count) throws IOException {
    if (count == 0 || offset < end || offset > Long.MAX_VALUE - count) {
      throw connection.violated("sends content out of its order");
    }
    end = offset + count;
  }

  private void end(int errno, long size) throws IOException {
    if (errno != 0) {
      throw failure(errno);
    }
    if (pending == null && file == null) {
      leave();
      return;
    }
    open();
    if (size < end) {
      throw connection.violated("sends more of a file than it has");
    }
    file = null;
    taker.fileEnd(size);
  }

  private IOException failure(int errno) {
    if (pending != null) {
      return FileErrors.of(errno, pathOf(pending.name()), null);
    }
    String path = file != null ? file : paths.isEmpty() ? root.path() : paths.element();
    if (file == null && errno == FileErrors.ELOOP) {
      return new FileSystemLoopException(path + ": it is in itself, by symbolic links");
    }
    return FileErrors.of(errno, path, null);
  }

  private void enter(String name, String path, FileReply.Attributes attributes) throws IOException {
    if (paths.size() >= MOST_DEPTH) {
      throw new FileSystemException(path, null, "more than " + MOST_DEPTH + " directories deep");
    }
    paths.push(path);
    taker.directory(name, path, attributes);
  }

  private void leave() throws IOException {
    if (paths.poll() == null) {
      throw connection.violated("leaves a directory that it is not in");
    }
    taker.leave();
  }

  /// For messages: shortened if it is very long.
  private String pathOf(String name) {
    String path = GuestLevel.child(paths.element(), name);
    return path.length() <= MOST_SHOWN ? path : path.substring(0, MOST_SHOWN / 2) + "/.../" + name;
  }

  @Override
  public void close() {
    root.close(); // the answers to requests sent ahead are dropped
  }
}
