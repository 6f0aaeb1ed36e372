package dev.msb.sdk;

import dev.msb.protocol.FileReply;
import dev.msb.protocol.FileRequest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
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

  private TreeIn(FileConnection connection, CopyOptions options) {
    this.connection = connection;
    this.options = options;
    tally = new CopyTally(options);
    window = new CallWindow(connection);
  }

  /// Copies what has this host path; it becomes what has this guest path.
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
        enter(host, file, name, guest, true);
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
      copyEntry(
          entry,
          file,
          step.guest.name(name),
          GuestLevel.child(step.guest.path(), name),
          step.fresh);
      return;
    }
    if (step.fresh) {
      window.add(step.guest.set(step.file.changes(options.keepOwners())));
    }
    step.guest.finish();
    step.stream.close();
    steps.pop();
  }

  private void copyEntry(
      Path host, HostFile file, FileRequest.Name name, String path, boolean fresh)
      throws IOException {
    if (file.type() == FileInfo.Type.SPECIAL) {
      tally.skip(host.toString());
      return;
    }
    tally.begin(path, file.type());
    if (!fresh && file.type() != FileInfo.Type.DIRECTORY) {
      window.add(
          connection.send(new FileRequest.Remove(name, FileRequest.REMOVE_FILE), path, null));
    }
    switch (file.type()) {
      case REGULAR -> copyFile(host, file, name, path);
      case SYMBOLIC_LINK -> {
        String target = HostNames.text(Files.readSymbolicLink(host));
        window.add(connection.send(new FileRequest.SymbolicLink(target, name), path, null));
        window.add(
            connection.send(
                new FileRequest.Set(name, FileRequest.NOFOLLOW, file.changes(options.keepOwners())),
                path,
                null));
      }
      case DIRECTORY -> enter(host, file, name, path, false);
      case SPECIAL -> throw new IllegalStateException("skipped above");
    }
  }

  private void copyFile(Path host, HostFile file, FileRequest.Name name, String path)
      throws IOException {
    int flags =
        FileRequest.WRITE | FileRequest.CREATE | FileRequest.EXCLUSIVE | FileRequest.NOFOLLOW;
    try (InputStream in = Files.newInputStream(host);
        FileHandle handle = FileHandle.open(connection, name, path, flags, OUR_FILE)) {
      window.add(handle.opening()); // first, as its failure says more than those of the writes
      long offset = 0;
      while (true) {
        byte[] chunk = in.readNBytes(CHUNK);
        if (chunk.length > 0) {
          tally.content(path, chunk.length);
          window.add(handle.write(offset, ByteBuffer.wrap(chunk)));
          offset += chunk.length;
        }
        if (chunk.length < CHUNK) {
          break;
        }
      }
      window.add(handle.set(file.changes(options.keepOwners())));
      handle.finish();
    }
  }

  /// Makes the directory, or takes the one that is there.
  ///
  /// @param top the caller named it: then a link that leads to it may be followed
  @SuppressWarnings("StreamResourceLeak") // closed with its step
  private void enter(Path host, HostFile file, FileRequest.Name name, String path, boolean top)
      throws IOException {
    for (Step step : steps) {
      if (options.followLinks() && step.file.key().equals(file.key())) {
        throw new FileSystemLoopException(host + ": it is in itself, by symbolic links");
      }
    }
    FileConnection.Call making =
        connection.send(new FileRequest.MakeDirectory(name, OUR_DIRECTORY), path, null);
    FileReply made = making.await();
    boolean fresh = made instanceof FileReply.Done;
    if (!fresh && !(made instanceof FileReply.Failed(int errno) && errno == FileErrors.EEXIST)) {
      FileCalls.done(connection, making);
    }
    int flags = FileRequest.DIRECTORY | (top ? 0 : FileRequest.NOFOLLOW);
    FileHandle guest =
        FileHandle.open(connection, name, path, flags | (fresh ? FileRequest.READ : 0), 0);
    DirectoryStream<Path> stream = null;
    try {
      try {
        guest.attributes();
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
