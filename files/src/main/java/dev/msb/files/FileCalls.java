package dev.msb.files;

import dev.msb.files.FileRequest.Name;
import java.io.IOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileSystemException;
import java.nio.file.NotLinkException;

/// The single operations of a file server, with checked answers and typed failures.
final class FileCalls {
  /// Permissions `rwxr-xr-x`.
  static final int ALL_MAY_READ = 0755;

  private static final int MOST_NAME = 255;

  private FileCalls() {}

  /// The answer to a request, which must be of this kind.
  ///
  /// @throws FileSystemException if the server failed
  static <T extends FileReply> T expect(
      FileConnection connection, FileConnection.Call call, Class<T> kind) throws IOException {
    FileReply reply = call.await();
    if (reply instanceof FileReply.Failed(int errno)) {
      throw failure(call, errno);
    }
    if (!kind.isInstance(reply)) {
      throw connection.violated("answers what was not asked");
    }
    return kind.cast(reply);
  }

  private static FileSystemException failure(FileConnection.Call call, int errno) {
    return switch (call.request) {
      case FileRequest.Rename(Name from, Name to, boolean mayReplace) ->
          FileErrors.of(errno, call.path, to.path());
      case FileRequest.Link(Name existing, Name link) ->
          FileErrors.of(errno, call.path, link.path());
      case FileRequest.ReadSymbolicLink link when errno == FileErrors.EINVAL ->
          new NotLinkException(call.path, null, "no symbolic link (EINVAL)");
      default -> FileErrors.of(errno, call.path, null);
    };
  }

  /// A name in a directory must be a single part of a path.
  static void checkName(FileConnection connection, String name) throws IOException {
    if (name.isEmpty()
        || name.equals(".")
        || name.equals("..")
        || name.indexOf('/') >= 0
        || name.indexOf('\0') >= 0
        || name.length() > MOST_NAME) {
      throw connection.violated("lists a file with an impossible name");
    }
  }

  /// Waits for a request that has nothing to answer.
  static long done(FileConnection connection, FileConnection.Call call) throws IOException {
    return expect(connection, call, FileReply.Done.class).value();
  }

  private static void run(FileConnection connection, FileRequest request, String path)
      throws IOException {
    done(connection, connection.send(request, path, null));
  }

  static FileReply.Attributes stat(FileConnection connection, String path, boolean follow)
      throws IOException {
    return stat(connection, Name.of(path), path, follow);
  }

  static FileReply.Attributes stat(
      FileConnection connection, Name name, String path, boolean follow) throws IOException {
    FileRequest request = new FileRequest.Stat(name, follow ? 0 : FileRequest.NOFOLLOW);
    return expect(connection, connection.send(request, path, null), FileReply.Attributes.class);
  }

  static void set(
      FileConnection connection, String path, boolean follow, FileRequest.Changes changes)
      throws IOException {
    int flags = follow ? 0 : FileRequest.NOFOLLOW;
    run(connection, new FileRequest.Set(Name.of(path), flags, changes), path);
  }

  static void makeDirectory(FileConnection connection, String path, int mode) throws IOException {
    run(connection, new FileRequest.MakeDirectory(Name.of(path), mode), path);
  }

  /// Makes a directory and those above it, as far as they are not there.
  static void makeDirectories(FileConnection connection, String absolute) throws IOException {
    for (int i = absolute.indexOf('/', 1); i > 0; i = absolute.indexOf('/', i + 1)) {
      makeIfMissing(connection, absolute.substring(0, i));
    }
    makeIfMissing(connection, absolute);
  }

  static void makeIfMissing(FileConnection connection, String path) throws IOException {
    try {
      makeDirectory(connection, path, ALL_MAY_READ);
    } catch (FileSystemException e) {
      FileReply.Attributes there;
      try {
        there = stat(connection, path, true);
      } catch (FileSystemException missing) {
        e.addSuppressed(missing);
        throw e;
      }
      if (there.kind() != FileReply.Kind.DIRECTORY) {
        throw e;
      }
    }
  }

  static void link(FileConnection connection, String existing, String link) throws IOException {
    run(connection, new FileRequest.Link(Name.of(existing), Name.of(link)), existing);
  }

  static void symbolicLink(FileConnection connection, String link, String target)
      throws IOException {
    run(connection, new FileRequest.SymbolicLink(target, Name.of(link)), link);
  }

  static String readSymbolicLink(FileConnection connection, Name name, String path)
      throws IOException {
    return target(connection, connection.send(new FileRequest.ReadSymbolicLink(name), path, null));
  }

  /// The path that is the answer.
  static String target(FileConnection connection, FileConnection.Call call) throws IOException {
    String path = expect(connection, call, FileReply.Target.class).path();
    if (path.isEmpty() || path.indexOf('\0') >= 0) {
      throw connection.violated("answers an impossible path");
    }
    return path;
  }

  static String realPath(FileConnection connection, String path) throws IOException {
    FileRequest request = new FileRequest.RealPath(Name.of(path));
    String real = target(connection, connection.send(request, path, null));
    if (!real.startsWith("/")) {
      throw connection.violated("answers a real path that is not absolute");
    }
    return real;
  }

  static void remove(FileConnection connection, String path) throws IOException {
    run(connection, new FileRequest.Remove(Name.of(path), FileRequest.REMOVE_EITHER), path);
  }

  static void access(FileConnection connection, String path, int mode) throws IOException {
    run(connection, new FileRequest.Access(Name.of(path), mode), path);
  }

  static FileReply.SpaceOf space(FileConnection connection, String path) throws IOException {
    FileRequest request = new FileRequest.Space(Name.of(path));
    return expect(connection, connection.send(request, path, null), FileReply.SpaceOf.class);
  }

  /// Renames.
  ///
  /// @param replace whether a file or an empty directory of that name goes
  /// @return false if the two are not on one file system
  static boolean rename(FileConnection connection, String from, String to, boolean replace)
      throws IOException {
    FileRequest request = new FileRequest.Rename(Name.of(from), Name.of(to), replace);
    FileReply reply = connection.call(request, from);
    if (replace
        && reply instanceof FileReply.Failed(int errno)
        && (errno == FileErrors.EISDIR || errno == FileErrors.ENOTDIR)
        && stat(connection, from, false) != null) {
      remove(connection, to);
      reply = connection.call(request, from);
    }
    return switch (reply) {
      case FileReply.Done done -> true;
      case FileReply.Failed(int errno) when errno == FileErrors.EXDEV -> false;
      case FileReply.Failed(int errno) -> throw FileErrors.of(errno, from, to);
      default -> throw connection.violated("answers what was not asked");
    };
  }

  static AtomicMoveNotSupportedException notAtomic(String from, String to) {
    return new AtomicMoveNotSupportedException(
        from, to, "on another file system, or a directory of the image (EXDEV)");
  }
}
