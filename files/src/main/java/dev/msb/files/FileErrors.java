package dev.msb.files;

import dev.msb.protocol.Errno;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import org.jspecify.annotations.Nullable;

/// From Linux's error numbers to the exceptions of `java.nio.file`.
final class FileErrors {
  static final int EPERM = 1;
  static final int ENOENT = 2;
  static final int EACCES = 13;
  static final int EEXIST = 17;
  static final int EXDEV = 18;
  static final int ENOTDIR = 20;
  static final int EISDIR = 21;
  static final int EINVAL = 22;
  static final int ENOTEMPTY = 39;
  static final int ELOOP = 40;

  private FileErrors() {}

  /// The failure of a request.
  ///
  /// @param path the guest path that it named first
  /// @param other the one that it named second
  static FileSystemException of(int errno, String path, @Nullable String other) {
    return switch (errno) {
      case ENOENT -> new NoSuchFileException(path, other, text(errno));
      case EEXIST ->
          other == null
              ? new FileAlreadyExistsException(path, null, text(errno))
              : new FileAlreadyExistsException(other, path, text(errno));
      case ENOTEMPTY -> new DirectoryNotEmptyException(other == null ? path : other);
      case EACCES, EPERM -> new AccessDeniedException(path, other, text(errno));
      case ENOTDIR -> new NotDirectoryException(path);
      case ELOOP -> new FileSystemLoopException(path + ": " + text(errno));
      default -> new FileSystemException(path, other, text(errno));
    };
  }

  /// The words of the C library, and the name.
  private static String text(int errno) {
    return switch (errno) {
      case EPERM -> "operation not permitted (EPERM)";
      case ENOENT -> "no such file or directory in the sandbox (ENOENT)";
      case 5 -> "input/output error in the guest (EIO)";
      case 6 -> "a FIFO, a socket or a device without driver (ENXIO)";
      case 9 -> "not open, or not open for this (EBADF)";
      case 11 -> "nothing there at the moment (EAGAIN)";
      case 12 -> "the guest has no memory left (ENOMEM)";
      case EACCES -> "permission denied (EACCES)";
      case 16 -> "busy (EBUSY)";
      case EEXIST -> "exists already (EEXIST)";
      case EXDEV -> "on another file system, or a directory of the image (EXDEV)";
      case EISDIR -> "is a directory (EISDIR)";
      case EINVAL -> "invalid (EINVAL)";
      case 23, 24 -> "too many open files in the guest (" + Errno.name(errno) + ")";
      case 26 -> "a program that runs (ETXTBSY)";
      case 27 -> "the file would be too large (EFBIG)";
      case 28 -> "no space left on the guest's disk (ENOSPC)";
      case 30 -> "read-only file system (EROFS)";
      case 31 -> "too many links (EMLINK)";
      case 36 -> "a name or path that is too long (ENAMETOOLONG)";
      case ELOOP -> "a symbolic link where none is followed, or too many of them (ELOOP)";
      case 95 -> "not supported there (EOPNOTSUPP)";
      case 122 -> "the quota is exceeded (EDQUOT)";
      default -> Errno.name(errno);
    };
  }
}
