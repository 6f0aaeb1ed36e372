package dev.msb.files;

import dev.msb.files.FileRequest.Time;
import java.io.IOException;
import java.nio.file.ProviderMismatchException;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.UserPrincipal;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The attributes of one path, to read and to set.
final class GuestAttributeView implements PosixFileAttributeView {
  private final GuestPath path;
  private final Class<? extends FileAttributeView> type;
  private final boolean follow;

  GuestAttributeView(GuestPath path, Class<? extends FileAttributeView> type, boolean follow) {
    this.path = path;
    this.type = type;
    this.follow = follow;
  }

  static FileRequest.Changes mode(int mode) {
    return new FileRequest.Changes(FileRequest.SET_MODE, mode, 0, 0, 0, Time.ZERO, Time.ZERO);
  }

  /// -1 stays as it is.
  static FileRequest.Changes owner(int uid, int gid) {
    int mask = (uid == -1 ? 0 : FileRequest.SET_OWNER) | (gid == -1 ? 0 : FileRequest.SET_GROUP);
    return new FileRequest.Changes(mask, 0, uid, gid, 0, Time.ZERO, Time.ZERO);
  }

  /// Null stays as it is.
  static FileRequest.Changes times(@Nullable FileTime modified, @Nullable FileTime accessed) {
    int mask =
        (modified == null ? 0 : FileRequest.SET_MODIFIED)
            | (accessed == null ? 0 : FileRequest.SET_ACCESSED);
    return new FileRequest.Changes(
        mask,
        0,
        0,
        0,
        0,
        accessed == null ? Time.ZERO : GuestFileAttributes.time(accessed),
        modified == null ? Time.ZERO : GuestFileAttributes.time(modified));
  }

  /// The number of a user or group of a sandbox.
  static int id(Object principal) {
    if (principal instanceof GuestFileAttributes.Principal(int id)) {
      return id;
    }
    throw new ProviderMismatchException("no user or group of a sandbox: " + principal);
  }

  /// The permissions that a file is to be made with.
  static int mode(FileAttribute<?>[] attributes, int usual) {
    int mode = usual;
    for (FileAttribute<?> attribute : attributes) {
      mode = GuestAttributeNames.mode(attribute);
    }
    return mode;
  }

  private void set(FileRequest.Changes changes) throws IOException {
    GuestFileSystemProvider.checkOpen(path);
    String absolute = path.absolute();
    path.files()
        .with(connection -> {
          FileCalls.set(connection, absolute, follow, changes);
          return true;
        });
  }

  @Override
  public String name() {
    return type == PosixFileAttributeView.class
        ? "posix"
        : type == BasicFileAttributeView.class ? "basic" : "owner";
  }

  @Override
  public PosixFileAttributes readAttributes() throws IOException {
    return GuestFileSystemProvider.attributes(path, follow);
  }

  /// The time of creation cannot be set, and is ignored.
  @Override
  public void setTimes(
      @Nullable FileTime modified, @Nullable FileTime accessed, @Nullable FileTime created)
      throws IOException {
    if (modified != null || accessed != null) {
      set(times(modified, accessed));
    }
  }

  @Override
  public UserPrincipal getOwner() throws IOException {
    return readAttributes().owner();
  }

  @Override
  public void setOwner(UserPrincipal owner) throws IOException {
    set(owner(id(owner), -1));
  }

  @Override
  public void setGroup(GroupPrincipal group) throws IOException {
    set(owner(-1, id(group)));
  }

  @Override
  public void setPermissions(Set<PosixFilePermission> permissions) throws IOException {
    set(mode(GuestFileAttributes.mode(permissions)));
  }
}
