package dev.msb.files;

import java.nio.ByteBuffer;

/// One step of a walk through a tree of a guest. See `docs/protocol.md`, section 10.
sealed interface WalkRecord {
  /// The next file of the directory that the walk is in.
  record Entry(String name, FileReply.Attributes attributes) implements WalkRecord {}

  /// The end of the directory or of the file that the walk is in, or of a link that cannot be read.
  ///
  /// @param errno 0, or what kept the guest from reading it
  /// @param size how long the file is
  record End(int errno, long size) implements WalkRecord {}

  /// Content of the file.
  record Content(long offset, ByteBuffer bytes) implements WalkRecord {}

  /// Where the symbolic link leads.
  record Target(String path) implements WalkRecord {}

  /// The file is one that the walk had before, under another name.
  record Same() implements WalkRecord {}

  /// The directory is the root of a file system that the kernel makes up; it is not entered.
  record Kernels() implements WalkRecord {}

  /// Where the file has data, told before its content if that was asked for.
  record Part(long offset, long length) implements WalkRecord {}
}
