package dev.msb.files;

import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Set;

/// The attributes of a file, as the guest tells them. It may lie: nothing here is more than a
/// claim.
///
/// @param path as it was asked for; of an entry of a directory, the directory's path, `/` and its
///   name. A name that is not UTF-8 has U+DC80 to U+DCFF in place of the bytes that are not, and
///   means the same file when it is given back
/// @param type its type
/// @param size bytes
/// @param mode the twelve permission bits, such as `0755`
/// @param uid its user's number
/// @param gid its group's number
/// @param accessed when it was last read, to the nanosecond
/// @param modified when it was last changed, to the nanosecond
/// @param links how many names it has
/// @param device the number of its file system
/// @param inode its number there
public record FileInfo(
    String path,
    Type type,
    long size,
    int mode,
    int uid,
    int gid,
    FileTime accessed,
    FileTime modified,
    long links,
    long device,
    long inode) {

  /// Types of files.
  public enum Type {
    /// It has content.
    REGULAR,
    /// A directory.
    DIRECTORY,
    /// A symbolic link.
    SYMBOLIC_LINK,
    /// A device, a FIFO, a socket, or something not known.
    SPECIAL
  }

  static FileInfo of(String path, FileReply.Attributes attributes) {
    return new FileInfo(
        path,
        type(attributes.kind()),
        attributes.size(),
        attributes.mode(),
        attributes.uid(),
        attributes.gid(),
        GuestFileAttributes.time(attributes.accessed()),
        GuestFileAttributes.time(attributes.modified()),
        attributes.links(),
        attributes.device(),
        attributes.inode());
  }

  static Type type(FileReply.Kind kind) {
    return switch (kind) {
      case REGULAR -> Type.REGULAR;
      case DIRECTORY -> Type.DIRECTORY;
      case SYMBOLIC_LINK -> Type.SYMBOLIC_LINK;
      case OTHER, CHARACTER_DEVICE, BLOCK_DEVICE, FIFO, SOCKET -> Type.SPECIAL;
    };
  }

  /// The last part of its path; empty for the root.
  public String name() {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  /// Whether it is a directory.
  public boolean isDirectory() {
    return type == Type.DIRECTORY;
  }

  /// Whether it is a regular file.
  public boolean isRegularFile() {
    return type == Type.REGULAR;
  }

  /// Whether it is a symbolic link.
  public boolean isSymbolicLink() {
    return type == Type.SYMBOLIC_LINK;
  }

  /// The nine permissions of `mode`.
  public Set<PosixFilePermission> permissions() {
    return GuestFileAttributes.permissions(mode);
  }
}
