package dev.msb.files;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystemException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// The files of a sandbox, from outside: no shell and no program of its image is needed.
///
/// A path is the guest's; a relative one starts at the sandbox's working directory. Names are bytes
/// there: a byte that is not UTF-8 is U+DC80 to U+DCFF here, and goes back as it came. What fails
/// throws the exceptions of `java.nio.file`, with the guest path: [NoSuchFileException],
/// [java.nio.file.AccessDeniedException], [FileAlreadyExistsException] and so on, else a
/// [FileSystemException] whose reason names Linux's error; if the sandbox cannot be asked, the
/// exception of the SDK that says so (`dev.msb.sdk.SandboxException`).
///
/// All methods may be called from any thread, and many at once: they share one connection to a file
/// server in the guest, which the first call opens (it starts the sandbox if that is stopped) and
/// which ends when it was idle for [#IDLE], or with [#close]. So it is no harm to forget this
/// object, but dear to make one for each call. If the server or the sandbox ends, calls under way
/// fail, as do streams and channels that are open, and the next call connects anew. A thread that
/// waits can be interrupted: then a [java.io.InterruptedIOException] is thrown, and the interrupt
/// status stays set; the guest may still do what was asked.
///
/// The guest is not trusted: it may answer anything, also that its kernel or its root user made up.
/// Memory here is bounded whatever it answers, and [#copyOut] touches nothing beside its target.
public final class GuestFiles implements AutoCloseable {
  /// How long the connection stays open with nothing to do.
  public static final Duration IDLE = Duration.ofSeconds(5);

  /// Most bytes that [#readAllBytes] and [#readString] read: 64 MiB.
  public static final int MAX_WHOLE_BYTES = GuestInputStream.MOST_WHOLE_BYTES;

  /// Most entries that [#list] gives.
  public static final int MAX_LISTED = 100_000;

  private final FileClient client;

  /// The files that this server serves, to the guest's usual user.
  public GuestFiles(FileServer server) {
    this(new FileClient(server, "", IDLE));
  }

  GuestFiles(FileClient client) {
    this.client = client;
  }

  FileClient client() {
    return client;
  }

  /// The same files, used as another user of the guest, `NAME|UID[:GROUP|GID]`; over a connection
  /// of its own.
  public GuestFiles as(String guestUser) {
    return new GuestFiles(client.as(guestUser));
  }

  /// The same files for [java.nio.file.Files]. Its paths are absolute or start at the sandbox's
  /// working directory. Closing it closes it alone.
  public FileSystem fileSystem() {
    return new GuestFileSystem(client);
  }

  // Contents.

  /// Reads a file from its start, in pieces as they are wanted. To be closed.
  public InputStream read(String path) throws IOException {
    return client.with(connection -> GuestInputStream.open(connection, client.absolute(path)));
  }

  /// Writes a file, made with permissions `rw-r--r--` or emptied, unless the options of
  /// [java.nio.file.Files#newOutputStream] say otherwise. To be closed, which may fail as a write
  /// does.
  ///
  /// @throws IllegalArgumentException if an option is for reading
  public OutputStream write(String path, OpenOption... options) throws IOException {
    FileOpenOptions how = FileOpenOptions.forWriting(Set.of(options));
    return client.with(
        connection -> GuestOutputStream.open(connection, client.absolute(path), how));
  }

  /// All of a file.
  ///
  /// @throws FileSystemException if that is more than [#MAX_WHOLE_BYTES]
  public byte[] readAllBytes(String path) throws IOException {
    String absolute = client.absolute(path);
    return client.with(connection -> GuestInputStream.readAll(connection, absolute, path));
  }

  /// All of a file as text in UTF-8; what is not UTF-8 becomes U+FFFD.
  ///
  /// @throws FileSystemException if that is more than [#MAX_WHOLE_BYTES]
  public String readString(String path) throws IOException {
    return new String(readAllBytes(path), StandardCharsets.UTF_8);
  }

  /// Makes or replaces the content of a file.
  public void writeBytes(String path, byte[] bytes) throws IOException {
    try (OutputStream out = write(path)) {
      out.write(bytes);
    }
  }

  /// The same with text, in UTF-8.
  public void writeString(String path, String text) throws IOException {
    writeBytes(path, text.getBytes(StandardCharsets.UTF_8));
  }

  // Names.

  /// The attributes of a file; of the one that a symbolic link points to, unless
  /// [LinkOption#NOFOLLOW_LINKS] is given.
  public FileInfo stat(String path, LinkOption... options) throws IOException {
    String absolute = client.absolute(path);
    return FileInfo.of(
        path, client.with(connection -> FileCalls.stat(connection, absolute, options.length == 0)));
  }

  /// Whether there is something of this name, be it a link that points nowhere.
  public boolean exists(String path) throws IOException {
    try {
      stat(path, LinkOption.NOFOLLOW_LINKS);
      return true;
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  /// The entries of a directory, without `.` and `..`, in no order; links are not followed.
  ///
  /// @throws FileSystemException if that is more than [#MAX_LISTED]: then
  ///   [java.nio.file.Files#newDirectoryStream] on [#fileSystem] gives them one by one
  public List<FileInfo> list(String path) throws IOException {
    String absolute = client.absolute(path);
    return client.with(connection -> list(connection, absolute, path));
  }

  private static List<FileInfo> list(FileConnection connection, String absolute, String path)
      throws IOException {
    GuestLevel level = GuestLevel.open(connection, FileRequest.Name.of(absolute), absolute, true);
    try {
      List<FileInfo> infos = new ArrayList<>();
      for (var batch = level.next(); !batch.isEmpty(); batch = level.next()) {
        for (FileReply.Entry entry : batch) {
          infos.add(FileInfo.of(GuestLevel.child(path, entry.name()), entry.attributes()));
        }
        if (infos.size() > MAX_LISTED) {
          throw new FileSystemException(path, null, "more than " + MAX_LISTED + " entries");
        }
      }
      return infos;
    } finally {
      level.close();
    }
  }

  /// Makes a directory with permissions `rwxr-xr-x`.
  public void makeDirectory(String path) throws IOException {
    String absolute = client.absolute(path);
    client.run(connection -> FileCalls.makeDirectory(connection, absolute, FileCalls.ALL_MAY_READ));
  }

  /// Makes a directory and those above it, as far as they are not there.
  ///
  /// @throws FileAlreadyExistsException if something of this name is no directory
  public void makeDirectories(String path) throws IOException {
    String absolute = client.absolute(path);
    client.run(connection -> FileCalls.makeDirectories(connection, absolute));
  }

  /// Removes a file, a link or an empty directory.
  ///
  /// @throws DirectoryNotEmptyException if it is a directory with something in it
  public void remove(String path) throws IOException {
    String absolute = client.absolute(path);
    client.run(connection -> FileCalls.remove(connection, absolute));
  }

  /// Removes a file or a link, or a directory with all that is in it. No link is followed, also if
  /// a process of the guest puts one there meanwhile.
  ///
  /// @throws FileSystemException if something cannot be removed; what was removed before is gone
  public void removeTree(String path) throws IOException {
    String absolute = client.absolute(path);
    client.run(connection -> TreeRemoval.remove(connection, absolute, path));
  }

  /// Renames or moves a file or a tree. Where the guest's kernel cannot do that at one stroke, as
  /// with a directory of the image, it is copied within the guest, then removed.
  ///
  /// @param options [java.nio.file.StandardCopyOption#REPLACE_EXISTING]: what is there goes, if it
  ///   is no directory that is not empty; [java.nio.file.StandardCopyOption#ATOMIC_MOVE]: at one
  ///   stroke or not at all
  public void move(String from, String to, java.nio.file.CopyOption... options) throws IOException {
    try (FileSystem system = fileSystem()) {
      GuestMove.move(
          GuestPath.checked(system.getPath(client.absolute(from))),
          GuestPath.checked(system.getPath(client.absolute(to))),
          Set.of(options));
    }
  }

  /// Makes a symbolic link. Its target is kept as it is, and need not be there.
  public void makeSymbolicLink(String link, String target) throws IOException {
    String absolute = client.absolute(link);
    client.run(connection -> FileCalls.symbolicLink(connection, absolute, target));
  }

  /// The target of a symbolic link.
  ///
  /// @throws java.nio.file.NotLinkException if it is none
  public String readSymbolicLink(String link) throws IOException {
    String absolute = client.absolute(link);
    return client.with(connection ->
        FileCalls.readSymbolicLink(connection, FileRequest.Name.of(absolute), absolute));
  }

  // Attributes.

  /// Sets the nine permissions, and clears setuid, setgid and sticky. Follows links.
  public void setPermissions(String path, Set<PosixFilePermission> permissions) throws IOException {
    setMode(path, GuestFileAttributes.mode(permissions));
  }

  /// Sets the twelve permission bits, such as `04755`. Follows links.
  public void setMode(String path, int mode) throws IOException {
    if ((mode & ~07777) != 0) {
      throw new IllegalArgumentException("a mode of " + Integer.toOctalString(mode));
    }
    change(path, true, FileChanges.mode(mode));
  }

  /// Sets user and group by their numbers; of a link itself.
  public void setOwner(String path, int uid, int gid) throws IOException {
    change(path, false, FileChanges.owner(uid, gid));
  }

  /// Sets the time of the last modification, to the nanosecond. Follows links.
  public void setModified(String path, FileTime time) throws IOException {
    change(path, true, FileChanges.times(time, null));
  }

  private void change(String path, boolean follow, FileRequest.Changes changes) throws IOException {
    String absolute = client.absolute(path);
    client.run(connection -> FileCalls.set(connection, absolute, follow, changes));
  }

  // Trees.

  /// Copies a file or a tree of the host into the guest, with permissions, times and links.
  public CopySummary copyIn(Path host, String guestPath) throws IOException {
    return copyIn(host, guestPath, CopyOptions.defaults());
  }

  /// The same, as the options say. The copy has the path `guestPath`, whose directory must be
  /// there. A directory that is there is merged with and keeps its attributes; files and links in
  /// it are replaced; a directory never replaces something else, nor something else a directory. If
  /// the copy fails, what was copied until then stays.
  ///
  /// @param host may belong to any file system, such as that of a ZIP file
  /// @throws FileAlreadyExistsException if something in the way cannot be replaced
  public CopySummary copyIn(Path host, String guestPath, CopyOptions options) throws IOException {
    String absolute = client.absolute(guestPath);
    return client.with(connection -> TreeIn.copy(connection, host, absolute, options));
  }

  /// Copies a file or a tree of the guest to the host, with permissions, times and links. The umask
  /// applies.
  public CopySummary copyOut(String guestPath, Path host) throws IOException {
    return copyOut(guestPath, host, CopyOptions.defaults());
  }

  /// The same, as the options say; what is in the way is treated as by [#copyIn]. Nothing outside
  /// `host` is written or changed, whatever the guest answers. Setuid, setgid and sticky bits are
  /// not kept. A link is copied as it is, so it may point anywhere: do not follow those of a guest
  /// that you do not trust. A guest may pretend to have endless files, so there are limits, and a
  /// large copy stops before the file system of `host` is full. Holes stay holes, hard links among
  /// what is copied stay hard links, as by [#copyIn]. File systems that the kernel makes up
  /// (`/proc`, `/sys`, `/dev`) are not entered, unless `guestPath` is in them.
  ///
  /// @throws CopyLimitException if there is more than [CopyOptions#limitedTo] allows
  /// @throws FileAlreadyExistsException if something in the way cannot be replaced
  public CopySummary copyOut(String guestPath, Path host, CopyOptions options) throws IOException {
    String absolute = client.absolute(guestPath);
    return client.with(connection -> TreeOut.copy(connection, absolute, host, options));
  }

  /// Unpacks a tar into a directory of the guest, which must be there: V7, ustar, PAX, GNU, as it
  /// is or compressed with gzip, zstd, xz or bzip2. What is there is treated as by [#copyIn]; paths
  /// in the tar that would leave the directory end in it. Devices and FIFOs are left out.
  ///
  /// @throws FileSystemException if something cannot be made; what was made until then stays
  /// @throws IOException if it is no tar, or damaged
  public CopySummary unpack(InputStream tar, String guestDirectory, CopyOptions options)
      throws IOException {
    String absolute = client.absolute(guestDirectory);
    return client.with(connection -> {
      if (FileCalls.stat(connection, absolute, true).kind() != FileReply.Kind.DIRECTORY) {
        throw new NotDirectoryException(guestDirectory);
      }
      return TarIn.copy(connection, tar, absolute, options);
    });
  }

  /// Packs a file or a tree of the guest into a tar, with modes, owners, times and links; what is
  /// not entered is as with [#copyOut].
  ///
  /// @param name the first part of all names in it; empty for `.`, if it is a directory
  /// @param options its owners are kept in any case
  /// @throws FileSystemException if something cannot be read; the tar is not complete then
  public CopySummary pack(String guestPath, String name, OutputStream tar, CopyOptions options)
      throws IOException {
    String absolute = client.absolute(guestPath);
    return client.with(connection -> TarOut.copy(connection, absolute, name, tar, options));
  }

  /// Ends the connection. Calls under way fail, as do streams and channels that are open; later
  /// calls throw [java.nio.file.ClosedFileSystemException].
  @Override
  public void close() {
    client.close();
  }
}
