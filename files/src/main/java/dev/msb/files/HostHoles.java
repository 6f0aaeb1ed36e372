package dev.msb.files;

import dev.msb.posix.Posix;
import dev.msb.protocol.Bytes;
import java.nio.file.FileSystems;
import java.nio.file.Path;

/// Where a file of the host has data. Without the native library, in other file systems than the
/// host's, and in files that have no size before they are read, as in `/proc`, what is zeros is
/// taken for a hole.
final class HostHoles implements AutoCloseable {
  private final int descriptor; // negative: nobody can tell

  private HostHoles(int descriptor) {
    this.descriptor = descriptor;
  }

  /// @param size what the file's attributes say: 0 of the kernel's own files, which also say that
  ///   they have no data
  static HostHoles of(Path path, long size) {
    boolean known =
        size > 0 && Posix.available() && path.getFileSystem().equals(FileSystems.getDefault());
    return new HostHoles(
        known ? Posix.open(Bytes.of(HostNames.text(path)), Posix.O_RDONLY, 0) : -1);
  }

  /// Where data begins, from this offset on; -1: there is none.
  long data(long offset) {
    if (descriptor < 0) {
      return offset;
    }
    long data = Posix.seekData(descriptor, offset);
    return data == -Posix.ENXIO ? -1 : data < 0 ? offset : data;
  }

  /// Where the data at this offset ends.
  long hole(long offset) {
    long hole = descriptor < 0 ? -1 : Posix.seekHole(descriptor, offset);
    return hole < 0 ? Long.MAX_VALUE : hole;
  }

  /// Whether these bytes can be left out.
  boolean isHole(byte[] bytes, int count) {
    if (descriptor >= 0) {
      return false;
    }
    for (int i = 0; i < count; i++) {
      if (bytes[i] != 0) {
        return false;
      }
    }
    return true;
  }

  @Override
  public void close() {
    if (descriptor >= 0) {
      Posix.close(descriptor);
    }
  }
}
