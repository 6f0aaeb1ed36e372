package dev.msb.files;

import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The host's side of a copy out of a guest.
///
/// A file or a link that is in the way is removed and made anew, never opened, so that nothing is
/// written through a link. A directory in the way is an error, as is anything else in the way of a
/// directory. Of permissions only the nine are set, without those of the umask unless owners are
/// kept: a guest makes no program of this machine setuid, and opens no file to all.
final class HostTarget {
  private static final Set<PosixFilePermission> OURS =
      Set.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);
  private static final Set<PosixFilePermission> OUR_DIRECTORY =
      Set.of(
          PosixFilePermission.OWNER_READ,
          PosixFilePermission.OWNER_WRITE,
          PosixFilePermission.OWNER_EXECUTE);

  private final CopyOptions options;
  private final int mask;
  private final FreeSpace space = new FreeSpace();

  HostTarget(CopyOptions options) {
    this.options = options;
    mask = options.keepOwners() ? 0 : HostMask.current();
  }

  /// Makes the directory that the caller named. Links that lead to it are the caller's.
  ///
  /// @return null if it is new, else the directory that was there, by a path without links
  @Nullable Path enterTop(Path host) throws IOException {
    if (Files.isDirectory(host)) {
      return host.toRealPath();
    }
    makeDirectory(host);
    return null;
  }

  /// Makes a directory, or takes one that is there and no link.
  ///
  /// @return whether it is new
  boolean enter(Path host, boolean fresh) throws IOException {
    space.use(host, 0);
    try {
      makeDirectory(host);
      return true;
    } catch (FileAlreadyExistsException e) {
      if (fresh || !Files.isDirectory(host, LinkOption.NOFOLLOW_LINKS)) {
        throw e;
      }
      return false;
    }
  }

  private static void makeDirectory(Path host) throws IOException {
    Files.createDirectory(host, ifPosix(host, OUR_DIRECTORY));
  }

  private static FileAttribute<?>[] ifPosix(Path host, Set<PosixFilePermission> permissions) {
    return host.getFileSystem().supportedFileAttributeViews().contains("posix")
        ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(permissions)}
        : new FileAttribute<?>[0];
  }

  /// Makes a file, whose content is written then.
  ///
  /// @param fresh its directory is new, so that nothing can be in the way
  HostContent file(Path host, FileReply.Attributes attributes, boolean fresh) throws IOException {
    clear(host, fresh);
    space.use(host, 0);
    return new HostContent(host, attributes, create(host), space);
  }

  /// Makes a further name of a file that this copy made.
  ///
  /// @return false if there are no hard links there, or no more: [#duplicate] makes a file then
  boolean hardLink(Path host, Path existing, boolean fresh) throws IOException {
    clear(host, fresh);
    try {
      Files.createLink(host, existing);
      return true;
    } catch (UnsupportedOperationException | FileSystemException e) {
      if (Files.exists(host, LinkOption.NOFOLLOW_LINKS)) {
        throw e;
      }
      return false;
    }
  }

  void duplicate(Path host, Path existing, long size) throws IOException {
    space.use(host, size);
    Files.copy(existing, host, StandardCopyOption.COPY_ATTRIBUTES, LinkOption.NOFOLLOW_LINKS);
  }

  private static SeekableByteChannel create(Path host) throws IOException {
    return Files.newByteChannel(
        host, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), ifPosix(host, OURS));
  }

  void link(Path host, String to, FileReply.Attributes attributes, boolean fresh)
      throws IOException {
    clear(host, fresh);
    Files.createSymbolicLink(host, HostNames.path(host, to));
    if (options.keepOwners()) {
      setOwner(host, attributes);
    }
  }

  private static void clear(Path host, boolean fresh) throws IOException {
    if (fresh) {
      return;
    }
    if (Files.isDirectory(host, LinkOption.NOFOLLOW_LINKS)) {
      throw new FileAlreadyExistsException(
          host.toString(), null, "a directory, where the guest has something else");
    }
    Files.deleteIfExists(host);
  }

  /// Sets what is kept of the attributes: of what this copy made, and never through a link. The
  /// permissions last, as the rest may take reading the file.
  void finish(Path host, FileReply.Attributes attributes) throws IOException {
    if (options.keepOwners()) {
      setOwner(host, attributes);
    }
    BasicFileAttributeView basic =
        Files.getFileAttributeView(host, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
    basic.setTimes(
        GuestFileAttributes.time(attributes.modified()),
        GuestFileAttributes.time(attributes.accessed()),
        null);
    PosixFileAttributeView posix =
        Files.getFileAttributeView(host, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
    if (posix != null) {
      posix.setPermissions(GuestFileAttributes.permissions(attributes.mode() & ~mask));
    }
  }

  private static void setOwner(Path host, FileReply.Attributes attributes) throws IOException {
    Files.setAttribute(host, "unix:uid", attributes.uid(), LinkOption.NOFOLLOW_LINKS);
    Files.setAttribute(host, "unix:gid", attributes.gid(), LinkOption.NOFOLLOW_LINKS);
  }
}
