package dev.msb.files;

import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.UserPrincipal;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/// A file's attributes as `java.nio.file` has them.
record GuestFileAttributes(FileReply.Attributes raw) implements PosixFileAttributes {
  /// From 0400 down.
  private static final List<PosixFilePermission> BITS =
      List.of(
          PosixFilePermission.OWNER_READ,
          PosixFilePermission.OWNER_WRITE,
          PosixFilePermission.OWNER_EXECUTE,
          PosixFilePermission.GROUP_READ,
          PosixFilePermission.GROUP_WRITE,
          PosixFilePermission.GROUP_EXECUTE,
          PosixFilePermission.OTHERS_READ,
          PosixFilePermission.OTHERS_WRITE,
          PosixFilePermission.OTHERS_EXECUTE);

  /// A user or a group, which is its number.
  record Principal(int id) implements GroupPrincipal {
    @Override
    public String getName() {
      return Integer.toUnsignedString(id);
    }

    @Override
    public String toString() {
      return getName();
    }
  }

  private record Key(long device, long inode) {}

  /// A time; one that Java cannot say becomes the nearest one that it can.
  static FileTime time(FileRequest.Time time) {
    try {
      return FileTime.from(Instant.ofEpochSecond(time.seconds(), time.nanos()));
    } catch (DateTimeException e) {
      return FileTime.from(time.seconds(), TimeUnit.SECONDS);
    }
  }

  static FileRequest.Time time(FileTime time) {
    Instant instant = time.toInstant();
    return new FileRequest.Time(instant.getEpochSecond(), instant.getNano());
  }

  static Set<PosixFilePermission> permissions(int mode) {
    Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
    for (int i = 0; i < BITS.size(); i++) {
      if ((mode & 0400 >> i) != 0) {
        permissions.add(BITS.get(i));
      }
    }
    return permissions;
  }

  static int mode(Set<PosixFilePermission> permissions) {
    int mode = 0;
    for (PosixFilePermission permission : permissions) {
      mode |= 0400 >> BITS.indexOf(permission);
    }
    return mode;
  }

  @Override
  public UserPrincipal owner() {
    return new Principal(raw.uid());
  }

  @Override
  public GroupPrincipal group() {
    return new Principal(raw.gid());
  }

  @Override
  public Set<PosixFilePermission> permissions() {
    return permissions(raw.mode());
  }

  @Override
  public FileTime lastModifiedTime() {
    return time(raw.modified());
  }

  @Override
  public FileTime lastAccessTime() {
    return time(raw.accessed());
  }

  /// The time of the last modification, as the guest does not tell when a file was made.
  @Override
  public FileTime creationTime() {
    return lastModifiedTime();
  }

  @Override
  public boolean isRegularFile() {
    return raw.kind() == FileReply.Kind.REGULAR;
  }

  @Override
  public boolean isDirectory() {
    return raw.kind() == FileReply.Kind.DIRECTORY;
  }

  @Override
  public boolean isSymbolicLink() {
    return raw.kind() == FileReply.Kind.SYMBOLIC_LINK;
  }

  @Override
  public boolean isOther() {
    return FileInfo.type(raw.kind()) == FileInfo.Type.SPECIAL;
  }

  @Override
  public long size() {
    return raw.size();
  }

  @Override
  public Object fileKey() {
    return new Key(raw.device(), raw.inode());
  }
}
