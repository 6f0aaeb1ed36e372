package dev.msb.files;

import java.io.IOException;
import java.nio.file.attribute.BasicFileAttributeView;
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

  private void set(FileRequest.Changes changes) throws IOException {
    String absolute = GuestPath.checkOpen(path).absolute();
    path.client().run(connection -> FileCalls.set(connection, absolute, follow, changes));
  }

  @Override
  public String name() {
    return type == PosixFileAttributeView.class
        ? "posix"
        : type == BasicFileAttributeView.class ? "basic" : "owner";
  }

  @Override
  public PosixFileAttributes readAttributes() throws IOException {
    return path.attributes(follow);
  }

  /// The time of creation cannot be set, and is ignored.
  @Override
  public void setTimes(
      @Nullable FileTime modified, @Nullable FileTime accessed, @Nullable FileTime created)
      throws IOException {
    if (modified != null || accessed != null) {
      set(FileChanges.times(modified, accessed));
    }
  }

  @Override
  public UserPrincipal getOwner() throws IOException {
    return readAttributes().owner();
  }

  @Override
  public void setOwner(UserPrincipal owner) throws IOException {
    set(FileChanges.owner(FileChanges.id(owner), -1));
  }

  @Override
  public void setGroup(GroupPrincipal group) throws IOException {
    set(FileChanges.owner(-1, FileChanges.id(group)));
  }

  @Override
  public void setPermissions(Set<PosixFilePermission> permissions) throws IOException {
    set(FileChanges.mode(GuestFileAttributes.mode(permissions)));
  }
}
