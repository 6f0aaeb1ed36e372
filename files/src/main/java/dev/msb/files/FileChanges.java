package dev.msb.files;

import dev.msb.files.FileRequest.Time;
import java.nio.file.ProviderMismatchException;
import java.nio.file.attribute.FileTime;
import org.jspecify.annotations.Nullable;

/// Changes of one attribute of a file.
final class FileChanges {
  private FileChanges() {}

  /// The twelve permission bits.
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
}
