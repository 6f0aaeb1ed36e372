package dev.msb.files;

import java.io.IOException;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.StandardOpenOption;
import java.util.Set;

/// The options of an open, as the file server has them.
record FileOpenOptions(int flags, boolean deleteOnClose) {
  /// Permissions of a file that is made, where nothing else is said.
  static final int USUAL_MODE = 0644;

  private static final int WRITES = FileRequest.WRITE | FileRequest.APPEND;

  /// Of a channel: for reading, if nothing is said.
  static FileOpenOptions of(Set<? extends OpenOption> options) {
    int flags = 0;
    boolean delete = false;
    for (OpenOption option : options) {
      if (option == StandardOpenOption.DELETE_ON_CLOSE) {
        delete = true;
      } else {
        flags |= flag(option);
      }
    }
    if ((flags & WRITES) == 0) {
      // As everywhere in java.nio.file, options for writing are ignored then.
      flags = (flags & FileRequest.NOFOLLOW) | FileRequest.READ;
    }
    if ((flags & FileRequest.APPEND) != 0
        && (flags & (FileRequest.READ | FileRequest.TRUNCATE)) != 0) {
      throw new IllegalArgumentException("APPEND with READ or TRUNCATE_EXISTING");
    }
    return new FileOpenOptions(flags, delete);
  }

  /// Of an output stream: made or emptied, if nothing is said.
  static FileOpenOptions forWriting(Set<? extends OpenOption> options) {
    if (options.contains(StandardOpenOption.READ)) {
      throw new IllegalArgumentException("READ is not for writing");
    }
    FileOpenOptions how = of(options);
    return options.isEmpty()
        ? new FileOpenOptions(FileRequest.WRITE | FileRequest.CREATE | FileRequest.TRUNCATE, false)
        : (how.flags & WRITES) != 0 ? how : of(with(options));
  }

  private static Set<OpenOption> with(Set<? extends OpenOption> options) {
    Set<OpenOption> all = new java.util.HashSet<>(options);
    all.add(StandardOpenOption.WRITE);
    return all;
  }

  private static int flag(OpenOption option) {
    if (option == LinkOption.NOFOLLOW_LINKS) {
      return FileRequest.NOFOLLOW;
    }
    if (option instanceof StandardOpenOption standard) {
      return switch (standard) {
        case READ -> FileRequest.READ;
        case WRITE -> FileRequest.WRITE;
        case APPEND -> FileRequest.WRITE | FileRequest.APPEND;
        case TRUNCATE_EXISTING -> FileRequest.TRUNCATE;
        case CREATE -> FileRequest.CREATE;
        case CREATE_NEW -> FileRequest.CREATE | FileRequest.EXCLUSIVE;
        case SYNC -> FileRequest.SYNC;
        case DSYNC -> FileRequest.DSYNC;
        case SPARSE, DELETE_ON_CLOSE -> 0;
      };
    }
    throw new UnsupportedOperationException(option + " is not supported");
  }

  /// Opens a file, and waits until it is open.
  FileHandle open(FileConnection connection, String path, int mode) throws IOException {
    FileHandle handle = FileHandle.open(connection, FileRequest.Name.of(path), path, flags, mode);
    boolean opened = false;
    try {
      handle.attributes();
      opened = true;
      return handle;
    } finally {
      if (!opened) {
        handle.close();
      }
    }
  }
}
