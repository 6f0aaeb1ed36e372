package dev.msb.files;

import java.nio.ByteBuffer;

/// The answers of the file server. A guest may lie in them: the codec checks that they are well
/// formed, and no more.
sealed interface FileReply {
  /// Kinds of files.
  enum Kind {
    /// None of the others, or not known.
    OTHER,
    /// A regular file.
    REGULAR,
    /// A directory.
    DIRECTORY,
    /// A symbolic link.
    SYMBOLIC_LINK,
    /// A character device.
    CHARACTER_DEVICE,
    /// A block device.
    BLOCK_DEVICE,
    /// A named pipe.
    FIFO,
    /// A Unix socket.
    SOCKET
  }

  /// It failed, with one of Linux's error numbers.
  record Failed(int errno) implements FileReply {}

  /// It is done.
  record Done(long value) implements FileReply {}

  /// Bytes of a file.
  record Data(ByteBuffer bytes) implements FileReply {}

  /// Attributes of a file.
  record Attributes(
      Kind kind,
      int mode,
      int uid,
      int gid,
      long size,
      long links,
      long device,
      long inode,
      long specialDevice,
      FileRequest.Time accessed,
      FileRequest.Time modified,
      FileRequest.Time changed)
      implements FileReply {}

  /// An entry of a directory.
  record Entry(String name, Attributes attributes) {}

  /// Entries of a directory, and whether they were the last.
  record Entries(boolean last, java.util.List<Entry> entries) implements FileReply {}

  /// The next steps of a walk, and whether they were the last.
  record Walked(boolean last, java.util.List<WalkRecord> records) implements FileReply {}

  /// A path.
  record Target(String path) implements FileReply {}

  /// Of a file system, in blocks.
  record SpaceOf(
      long blockSize, long blocks, long free, long available, boolean readOnly, int magic)
      implements FileReply {}
}
