package dev.msb.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Iterator;

/// Copies a file or a tree from the host to a guest. Requests go ahead of their answers: a small
/// file takes no time of its own to travel.
final class TreeIn {
  private static final int CHUNK = FileRequest.MAX_DATA_BYTES;
  private static final int OUR_DIRECTORY = 0700;
  private static final int OUR_FILE = 0600;

  /// A host directory on the way, and its counterpart.
  ///
  /// @param fresh this copy made it, so that nothing can be in the way
  private record Step(
      Path host,
      HostFile file,
      DirectoryStream<Path> stream,
      Iterator<Path> entries,
      FileHandle guest,
      boolean fresh) {}

  private final FileConnection connection;
  private final CopyOptions options;
  private final CopyTally tally;
  private final ArrayDeque<Step> steps = new ArrayDeque<>();
  private final CallWindow window;
  private final LinkedFiles<String> linked = new LinkedFiles<>();

  private TreeIn(FileConnection connection, CopyOptions options) {
    this.connection = connection;
    this.options = options;
    tally = new CopyTally(options);
    window = new CallWindow(connection);
  }

  /// Copies the file or tree with this host path to this guest path.
  static CopySummary copy(FileConnection connection, Path host, String guest, CopyOptions options)
      throws IOException {
    TreeIn copy = new TreeIn(connection, options);
    try {
      copy.run(host, guest);
      copy.window.drain();
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    } finally {
      for (Step step : copy.steps) {
        step.stream.close();
        step.guest.close();
      }
    }
    return copy.tally.summary();
  }

  private void run(Path host, String guest) throws IOException {
    HostFile file = HostFile.of(host, options.followLinks());
    FileRequest.Name name = FileRequest.Name.of(guest);
    switch (file.type()) {
      case SPECIAL ->
          throw new FileSystemException(
              host.toString(), null, "a device, a FIFO or a socket is not copied");
      case REGULAR, SYMBOLIC_LINK -> copyEntry(host, file, name, guest, false);
      case DIRECTORY -> {
        tally.begin(guest, file.type());
        enter(host, file, name, guest, true, false);
        while (!steps.isEmpty()) {
          go();
        }
      }
    }
  }

  private void go() throws IOException {
    Step step = steps.element();
    if (step.entries.hasNext()) {
      Path entry = step.entries.next();
      String name = HostNames.name(entry);
      HostFile file = HostFile.of(entry, options.followLinks());
      if (file.type() == FileInfo.Type.DIRECTORY
          && !file.device().equals(step.file.device())
          && KernelFileSystems.has(entry)) {
        leaveOut(step, file, name, entry);
        return;
      }
      copyEntry(
          entry,
          file,
          step.guest.name(name),
          GuestLevel.child(step.guest.path(), name),
          step.fresh);
      return;
    }
    leave(step);
    steps.pop();
  }

  /// Makes the directory of a file system that the kernel makes up, and nothing in it.
  private void leaveOut(Step step, HostFile file, String name, Path entry) throws IOException {
    String path = GuestLevel.child(step.guest.path(), name);
    tally.begin(path, file.type());
    enter(entry, file, step.guest.name(name), path, false, step.fresh);
    Step left = steps.pop();
    leave(left);
    tally.notEntered(entry.toString());
  }

  private void leave(Step step) throws IOException {
    if (step.fresh) {
      window.add(step.guest.set(step.file.changes(options.keepOwners())));
    }
    step.guest.finish();
    step.stream.close();
  }

  private void copyEntry(
      Path host, HostFile file, FileRequest.Name name, String path, boolean fresh)
      throws IOException {
    if (file.type() == FileInfo.Type.SPECIAL) {
      tally.skip(host.toString());
      return;
    }
    tally.begin(path, file.type());
    switch (file.type()) {
      case REGULAR -> {
        String copy = file.links() > 1 ? linked.get(file.key()) : null;
        if (copy != null && link(copy, name, path, fresh)) {
          return;
        }
        copyFile(host, file, name, path, fresh);
        if (file.links() > 1) {
          linked.put(file.key(), path);
        }
      }
      case SYMBOLIC_LINK -> {
        makeRoom(name, path, fresh);
        String target = HostNames.text(Files.readSymbolicLink(host));
        window.add(connection.send(new FileRequest.SymbolicLink(target, name), path, null));
        window.add(
            connection.send(
                new FileRequest.Set(name, FileRequest.NOFOLLOW, file.changes(options.keepOwners())),
                path,
                null));
      }
      case DIRECTORY -> enter(host, file, name, path, false, fresh);
      case SPECIAL -> throw new IllegalStateException("skipped above");
    }
  }

  /// Makes a further name of a file that was copied before.
  ///
  /// @return false if it cannot be one, as it is on another file system of the guest's
  private boolean link(String copy, FileRequest.Name name, String path, boolean fresh)
      throws IOException {
    makeRoom(name, path, fresh);
    FileRequest.Link request = new FileRequest.Link(FileRequest.Name.of(copy), name);
    FileConnection.Call link = connection.send(request, copy, null);
    if (steps.getLast().fresh) { // nothing is mounted in what this copy made
      window.add(link);
      return true;
    }
    if (link.await() instanceof FileReply.Failed(int errno)) {
      if (errno == FileErrors.EXDEV) {
        return false;
      }
      window.drain(); // the first failure says more
    }
    FileCalls.done(connection, link);
    return true;
  }

  private void makeRoom(FileRequest.Name name, String path, boolean fresh) throws IOException {
    if (!fresh) {
      window.add(
          connection.send(new FileRequest.Remove(name, FileRequest.REMOVE_FILE), path, null));
    }
  }

  private void copyFile(Path host, HostFile file, FileRequest.Name name, String path, boolean fresh)
      throws IOException {
    try (SeekableByteChannel in = Files.newByteChannel(host)) {
      byte[] start = new byte[(int) Math.min(file.size() + 1, FileRequest.MAX_PUT_BYTES + 1)];
      int count = fill(in, start);
      if (count < start.length) { // all of it
        tally.content(path, count);
        FileRequest.Changes changes = file.changes(options.keepOwners());
        ByteBuffer bytes = ByteBuffer.wrap(start, 0, count);
        FileRequest.Put put = new FileRequest.Put(name, !fresh, changes, bytes);
        window.add(connection.send(put, path, null));
        return;
      }
      makeRoom(name, path, fresh);
      copyLarge(host, in, file, name, path);
    }
  }

  /// A chunk at a time, without the holes.
  private void copyLarge(
      Path host, SeekableByteChannel in, HostFile file, FileRequest.Name name, String path)
      throws IOException {
    int flags =
        FileRequest.WRITE | FileRequest.CREATE | FileRequest.EXCLUSIVE | FileRequest.NOFOLLOW;
    try (HostHoles holes = HostHoles.of(host, file.size());
        FileHandle handle = FileHandle.open(connection, name, path, flags, OUR_FILE)) {
      window.add(handle.opening()); // first, as its failure says more than those of the writes
      long size = in.size();
      long end = 0; // of the bytes read
      for (long at = holes.data(0); at >= 0; at = holes.data(at)) {
        long hole = holes.hole(at);
        in.position(at);
        int count = CHUNK;
        while (at < hole && count == CHUNK) {
          byte[] chunk = new byte[(int) Math.min(CHUNK, hole - at)];
          count = fill(in, chunk);
          if (!holes.isHole(chunk, count)) {
            tally.content(path, count);
            window.add(handle.write(at, ByteBuffer.wrap(chunk, 0, count)));
          }
          at += count;
          end = at;
        }
        if (at < hole) {
          break; // the end of the file
        }
      }
      window.add(handle.set(file.changes(options.keepOwners(), Math.max(size, end))));
      handle.finish();
    }
  }

  private static int fill(SeekableByteChannel in, byte[] bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    while (buffer.hasRemaining() && in.read(buffer) >= 0) {
      // until there is no more
    }
    return buffer.position();
  }

  /// Makes the directory, or takes the one that is there.
  ///
  /// @param top the caller named it: then a link that leads to it may be followed
  /// @param inFresh its directory is new, so that it needs no look whether something is there
  @SuppressWarnings("StreamResourceLeak") // closed with its step
  private void enter(
      Path host, HostFile file, FileRequest.Name name, String path, boolean top, boolean inFresh)
      throws IOException {
    for (Step step : steps) {
      if (options.followLinks() && step.file.key().equals(file.key())) {
        throw new FileSystemLoopException(host + ": it is in itself, by symbolic links");
      }
    }
    FileConnection.Call making =
        connection.send(new FileRequest.MakeDirectory(name, OUR_DIRECTORY), path, null);
    boolean fresh = inFresh;
    if (inFresh) {
      window.add(making);
    } else {
      FileReply made = making.await();
      fresh = made instanceof FileReply.Done;
      if (!fresh && !(made instanceof FileReply.Failed(int errno) && errno == FileErrors.EEXIST)) {
        FileCalls.done(connection, making);
      }
    }
    int flags = FileRequest.DIRECTORY | (top ? 0 : FileRequest.NOFOLLOW);
    FileHandle guest =
        FileHandle.open(connection, name, path, flags | (fresh ? FileRequest.READ : 0), 0);
    DirectoryStream<Path> stream = null;
    try {
      try {
        if (inFresh) {
          window.add(guest.opening());
        } else {
          guest.attributes();
        }
      } catch (NotDirectoryException | FileSystemLoopException e) {
        throw new FileAlreadyExistsException(path, null, "no directory, where the host has one");
      }
      stream = Files.newDirectoryStream(host);
      steps.push(new Step(host, file, stream, stream.iterator(), guest, fresh));
    } finally {
      if (stream == null) {
        guest.close();
      }
    }
  }
}
