package dev.msb.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Map;

/// The attributes of a file of the host that a guest can be told.
///
/// @param mode the twelve permission bits, or the usual ones where the file system has none
/// @param links how many names it has
/// @param device the number of its file system
/// @param key equal for two names of one file
record HostFile(
    FileInfo.Type type,
    long size,
    int mode,
    int uid,
    int gid,
    FileTime modified,
    FileTime accessed,
    int links,
    Object device,
    Object key) {
  private static final int USUAL_DIRECTORY = 0755;
  private static final int USUAL_FILE = 0644;
  private static final int PERMISSIONS = 07777;

  static HostFile of(Path path, boolean follow) throws IOException {
    LinkOption[] options =
        follow ? new LinkOption[0] : new LinkOption[] {LinkOption.NOFOLLOW_LINKS};
    BasicFileAttributes basic = Files.readAttributes(path, BasicFileAttributes.class, options);
    FileInfo.Type type =
        basic.isRegularFile()
            ? FileInfo.Type.REGULAR
            : basic.isDirectory()
                ? FileInfo.Type.DIRECTORY
                : basic.isSymbolicLink() ? FileInfo.Type.SYMBOLIC_LINK : FileInfo.Type.SPECIAL;
    int mode = type == FileInfo.Type.DIRECTORY ? USUAL_DIRECTORY : USUAL_FILE;
    int uid = 0;
    int gid = 0;
    int links = 1;
    Object device = 0L;
    if (path.getFileSystem().supportedFileAttributeViews().contains("unix")) {
      Map<String, Object> unix = Files.readAttributes(path, "unix:mode,uid,gid,nlink,dev", options);
      mode = number(unix, "mode") & PERMISSIONS;
      uid = number(unix, "uid");
      gid = number(unix, "gid");
      links = number(unix, "nlink");
      device = unix.getOrDefault("dev", device);
    }
    Object key = basic.fileKey();
    return new HostFile(
        type,
        basic.size(),
        mode,
        uid,
        gid,
        basic.lastModifiedTime(),
        basic.lastAccessTime(),
        links,
        device,
        key == null ? path.toAbsolutePath().normalize() : key);
  }

  private static int number(Map<String, Object> unix, String name) {
    return unix.get(name) instanceof Integer number ? number : 0;
  }

  /// All of it, for a file of the guest's that is open.
  FileRequest.Changes changes(boolean owners) {
    return changes(owners, 0);
  }

  /// The same, and its size; 0: as it is.
  FileRequest.Changes changes(boolean owners, long newSize) {
    boolean link = type == FileInfo.Type.SYMBOLIC_LINK;
    int mask = FileRequest.SET_ACCESSED | FileRequest.SET_MODIFIED;
    mask |= link ? 0 : FileRequest.SET_MODE;
    mask |= newSize > 0 ? FileRequest.SET_SIZE : 0;
    mask |= owners ? FileRequest.SET_OWNER | FileRequest.SET_GROUP : 0;
    return new FileRequest.Changes(
        mask,
        mode,
        uid,
        gid,
        newSize,
        GuestFileAttributes.time(accessed),
        GuestFileAttributes.time(modified));
  }
}
