package dev.msb.files;

import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/// Attributes by name: those of the views `basic`, `owner`, `posix` and, as in the JDK on Linux,
/// `unix`.
final class GuestAttributeNames {
  private static final Map<FileReply.Kind, Integer> KIND_BITS =
      Map.of(
          FileReply.Kind.REGULAR, 0100000,
          FileReply.Kind.DIRECTORY, 0040000,
          FileReply.Kind.SYMBOLIC_LINK, 0120000,
          FileReply.Kind.CHARACTER_DEVICE, 0020000,
          FileReply.Kind.BLOCK_DEVICE, 0060000,
          FileReply.Kind.FIFO, 0010000,
          FileReply.Kind.SOCKET, 0140000,
          FileReply.Kind.OTHER, 0);

  private GuestAttributeNames() {}

  static Map<String, Object> read(GuestFileAttributes attributes, String names) {
    int colon = names.indexOf(':');
    Map<String, Object> all = of(attributes, colon < 0 ? "basic" : names.substring(0, colon));
    Map<String, Object> read = new LinkedHashMap<>();
    for (String name : names.substring(colon + 1).split(",", -1)) {
      if (name.equals("*")) {
        return all;
      }
      Object value = all.get(name);
      if (value == null) {
        throw new IllegalArgumentException("no attribute " + name + " in " + names);
      }
      read.put(name, value);
    }
    return read;
  }

  private static Map<String, Object> of(GuestFileAttributes attributes, String view) {
    Map<String, Object> all = new LinkedHashMap<>();
    switch (view) {
      case "basic" -> addBasic(all, attributes);
      case "owner" -> all.put("owner", attributes.owner());
      case "posix" -> {
        addBasic(all, attributes);
        addPosix(all, attributes);
      }
      case "unix" -> {
        addBasic(all, attributes);
        addPosix(all, attributes);
        FileReply.Attributes raw = attributes.raw();
        all.put("mode", raw.mode() | KIND_BITS.getOrDefault(raw.kind(), 0));
        all.put("uid", raw.uid());
        all.put("gid", raw.gid());
        all.put("nlink", (int) Math.min(raw.links(), Integer.MAX_VALUE));
        all.put("dev", raw.device());
        all.put("ino", raw.inode());
        all.put("rdev", raw.specialDevice());
        all.put("ctime", GuestFileAttributes.time(raw.changed()));
      }
      default -> throw new UnsupportedOperationException("attribute view " + view);
    }
    return all;
  }

  private static void addBasic(Map<String, Object> all, GuestFileAttributes attributes) {
    all.put("size", attributes.size());
    all.put("lastModifiedTime", attributes.lastModifiedTime());
    all.put("lastAccessTime", attributes.lastAccessTime());
    all.put("creationTime", attributes.creationTime());
    all.put("isRegularFile", attributes.isRegularFile());
    all.put("isDirectory", attributes.isDirectory());
    all.put("isSymbolicLink", attributes.isSymbolicLink());
    all.put("isOther", attributes.isOther());
    all.put("fileKey", attributes.fileKey());
  }

  private static void addPosix(Map<String, Object> all, GuestFileAttributes attributes) {
    all.put("permissions", attributes.permissions());
    all.put("owner", attributes.owner());
    all.put("group", attributes.group());
  }

  /// The change that sets an attribute.
  ///
  /// @throws IllegalArgumentException if it cannot be set
  static FileRequest.Changes change(String name, Object value) {
    return switch (name) {
      case "lastModifiedTime",
          "basic:lastModifiedTime",
          "posix:lastModifiedTime",
          "unix:lastModifiedTime" ->
          FileChanges.times((FileTime) value, null);
      case "lastAccessTime",
          "basic:lastAccessTime",
          "posix:lastAccessTime",
          "unix:lastAccessTime" ->
          FileChanges.times(null, (FileTime) value);
      case "posix:permissions", "unix:permissions" ->
          FileChanges.mode(GuestFileAttributes.mode(permissions(value)));
      case "unix:mode" -> FileChanges.mode((Integer) value & 07777);
      case "unix:uid" -> FileChanges.owner((Integer) value, -1);
      case "unix:gid" -> FileChanges.owner(-1, (Integer) value);
      case "owner:owner", "posix:owner", "unix:owner" ->
          FileChanges.owner(FileChanges.id(value), -1);
      case "posix:group", "unix:group" -> FileChanges.owner(-1, FileChanges.id(value));
      default ->
          throw new IllegalArgumentException("attribute " + name + " cannot be set in a sandbox");
    };
  }

  private static Set<PosixFilePermission> permissions(Object value) {
    Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
    for (Object one : (Set<?>) value) {
      permissions.add((PosixFilePermission) one);
    }
    return permissions;
  }

  /// The permissions that a file is to be made with.
  static int mode(FileAttribute<?>[] attributes, int usual) {
    int mode = usual;
    for (FileAttribute<?> attribute : attributes) {
      mode = mode(attribute);
    }
    return mode;
  }

  private static int mode(FileAttribute<?> attribute) {
    if (!attribute.name().equals("posix:permissions")) {
      throw new UnsupportedOperationException("initial attribute " + attribute.name());
    }
    return GuestFileAttributes.mode(permissions(attribute.value()));
  }
}
