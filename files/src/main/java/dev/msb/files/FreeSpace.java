package dev.msb.files;

import java.io.File;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// Keeps a copy out of a guest from filling the file system that it goes to: from time to time it
/// looks how much is left. A small copy is always made.
final class FreeSpace {
  private static final long BETWEEN_LOOKS = 16L << 20;
  private static final long RESERVE = 256L << 20;
  private static final int RESERVED_PART = 20;

  /// Bytes that a file takes beside its content.
  private static final int FILE_BYTES = 4096;

  private long sinceLook;
  private @Nullable File place;

  /// Before a file or a directory is made, or so many bytes are written.
  void use(Path host, long bytes) throws FileSystemException {
    sinceLook += bytes + FILE_BYTES;
    if (sinceLook < BETWEEN_LOOKS || !host.getFileSystem().equals(FileSystems.getDefault())) {
      return;
    }
    sinceLook = 0;
    if (place == null) {
      Path parent = host.toAbsolutePath().getParent();
      place = (parent == null ? host : parent).toFile();
    }
    // Not by a FileStore: there is none in a chroot, where mount points are not known.
    long total = place.getTotalSpace();
    long reserve = Math.min(RESERVE, total / RESERVED_PART);
    if (total > 0 && place.getUsableSpace() - bytes < reserve) {
      throw new FileSystemException(
          host.toString(), null, "less than " + (reserve >> 20) + " MiB are left free there");
    }
  }
}
