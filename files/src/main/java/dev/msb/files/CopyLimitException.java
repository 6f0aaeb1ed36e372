package dev.msb.files;

import java.nio.file.FileSystemException;

/// A copy came to a limit of its [CopyOptions]. The files copied until then stay.
public final class CopyLimitException extends FileSystemException {
  private static final long serialVersionUID = 1L;

  CopyLimitException(String path, String reason) {
    super(path, null, reason);
  }
}
