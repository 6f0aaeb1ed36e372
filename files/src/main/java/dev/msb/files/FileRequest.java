package dev.msb.files;

import java.nio.ByteBuffer;

/// The requests of a client to the file server. See `docs/protocol.md`, section 10.
///
/// Handles are the client's choice, from 0 to [#HANDLES] - 1. Requests are done and answered in the
/// order in which they were sent, so one may name a handle that the one before opens.
sealed interface FileRequest {
  /// How many handles there are.
  int HANDLES = 4096;

  /// Most bytes of one READ or WRITE.
  int MAX_DATA_BYTES = 65_536;

  /// Most bytes of a message after its length.
  int MAX_MESSAGE_BYTES = 66_560;

  /// Of OPEN: for reading.
  int READ = 1;

  /// Of OPEN: for writing.
  int WRITE = 2;

  /// Of OPEN: every write goes to the end.
  int APPEND = 4;

  /// Of OPEN: made if it is not there.
  int CREATE = 8;

  /// Of OPEN: must not be there.
  int EXCLUSIVE = 16;

  /// Of OPEN: emptied.
  int TRUNCATE = 32;

  /// Of OPEN, STAT and SET: the path's last part is not followed if it is a symbolic link.
  int NOFOLLOW = 64;

  /// Of OPEN: must be a directory.
  int DIRECTORY = 128;

  /// Of OPEN: a write returns when it is on the disk.
  int SYNC = 256;

  /// Of OPEN: the same for the content alone.
  int DSYNC = 512;

  /// Of SET: the permissions.
  int SET_MODE = 1;

  /// Of SET: the user.
  int SET_OWNER = 2;

  /// Of SET: the group.
  int SET_GROUP = 4;

  /// Of SET: the time of the last access.
  int SET_ACCESSED = 8;

  /// Of SET: the time of the last modification.
  int SET_MODIFIED = 16;

  /// Of SET: the size.
  int SET_SIZE = 32;

  /// Of REMOVE: anything but a directory.
  int REMOVE_FILE = 0;

  /// Of REMOVE: an empty directory.
  int REMOVE_DIRECTORY = 1;

  /// Of REMOVE: anything but a directory that is not empty.
  int REMOVE_EITHER = 2;

  /// Of WALK: what symbolic links lead to is walked through in their place.
  int WALK_FOLLOW = 1;

  /// Of WALK: of a file with holes it is told first where it has data.
  int WALK_MAP = 2;

  /// Most content of one PUT; a name has room beside it.
  int MAX_PUT_BYTES = 32_768;

  /// A file: a path, from a directory.
  ///
  /// @param directory a handle, or [#NOWHERE] for the root
  /// @param path empty for the file of the handle itself
  record Name(int directory, String path) {
    /// No handle.
    public static final int NOWHERE = -1;

    /// An absolute path.
    public static Name of(String path) {
      return new Name(NOWHERE, path);
    }
  }

  /// A time, from 1970 on.
  ///
  /// @param seconds may be negative
  /// @param nanos 0 to 999,999,999
  record Time(long seconds, int nanos) {
    /// The time 0.
    public static final Time ZERO = new Time(0, 0);
  }

  /// The changes of a SET; fields without their bit in `mask` do not count.
  record Changes(int mask, int mode, int uid, int gid, long size, Time accessed, Time modified) {}

  /// Opens a file under a handle; answered with ATTRIBUTES.
  record Open(int handle, Name name, int flags, int mode) implements FileRequest {}

  /// Closes a handle; DONE.
  record Close(int handle) implements FileRequest {}

  /// Reads up to so many bytes; DATA, with fewer only at the end of the file.
  record Read(int handle, long offset, int count) implements FileRequest {}

  /// Writes all of the bytes; DONE with their number.
  record Write(int handle, long offset, ByteBuffer bytes) implements FileRequest {}

  /// Copies within the guest; DONE with the number of bytes copied, 0 at the end.
  record Copy(int from, long fromOffset, int to, long toOffset, int count) implements FileRequest {}

  /// The next entries of a directory; ENTRIES.
  record List(int handle) implements FileRequest {}

  /// ATTRIBUTES.
  record Stat(Name name, int flags) implements FileRequest {}

  /// DONE.
  record Set(Name name, int flags, Changes changes) implements FileRequest {}

  /// DONE.
  record MakeDirectory(Name name, int mode) implements FileRequest {}

  /// A further name of a file; DONE.
  record Link(Name existing, Name link) implements FileRequest {}

  /// DONE.
  record SymbolicLink(String target, Name link) implements FileRequest {}

  /// PATH.
  record ReadSymbolicLink(Name link) implements FileRequest {}

  /// DONE.
  record Remove(Name name, int what) implements FileRequest {}

  /// DONE.
  record Rename(Name from, Name to, boolean mayReplace) implements FileRequest {}

  /// Whether the user may read (4), write (2), execute (1); DONE if so.
  record Access(Name name, int mode) implements FileRequest {}

  /// The absolute path without links; PATH.
  record RealPath(Name name) implements FileRequest {}

  /// SPACE.
  record Space(Name name) implements FileRequest {}

  /// The next records of a walk through what a handle is of, which it begins with; WALKED.
  record Walk(int handle, int flags) implements FileRequest {}

  /// Makes a file with its content and attributes; DONE with the number of bytes.
  ///
  /// @param replace whether a file of that name goes
  record Put(Name name, boolean replace, Changes changes, ByteBuffer bytes)
      implements FileRequest {}
}
