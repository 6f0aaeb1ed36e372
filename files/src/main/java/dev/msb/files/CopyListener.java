package dev.msb.files;

/// Hears of a copy between host and guest while it is made. Called in the thread that copies; what
/// it throws ends the copy.
public interface CopyListener {
  /// A file, a directory or a link is next.
  ///
  /// @param guestPath its path in the guest
  default void begins(String guestPath) {}

  /// So many bytes of content were copied, all files together.
  default void copied(long totalBytes) {}

  /// It was left out: a device, a FIFO or a socket.
  ///
  /// @param path where the copy is made from
  default void skipped(String path) {}

  /// A file system that the kernel makes up, such as `/proc`, was not entered.
  ///
  /// @param path its directory, which was made and is empty
  default void notEntered(String path) {}
}
