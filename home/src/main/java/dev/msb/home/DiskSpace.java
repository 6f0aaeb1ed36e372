package dev.msb.home;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;

/// The room that is left on the disk that a home is on.
public final class DiskSpace {
  private static final long MEBIBYTE = 1024 * 1024;

  /// What must be free for a sandbox to be made or started, so that it can be stopped, too.
  private static final long RESERVE_BYTES = 32 * MEBIBYTE;

  /// What must be free for a VM to go on that was paused because there was no room.
  private static final long RESUME_BYTES = 8 * MEBIBYTE;

  private final Path path;

  /// The disk that a file is on.
  public DiskSpace(Path path) {
    this.path = path;
  }

  private long free() {
    File file = path.toFile(); // the shortest way: no list of file systems is read
    return file.getTotalSpace() == 0 ? Long.MAX_VALUE : file.getUsableSpace(); // it is not known
  }

  /// Checks that a sandbox may begin to write.
  ///
  /// @throws IOException if there is no room
  public void require() throws IOException {
    long free = free();
    if (free < RESERVE_BYTES) {
      throw new IOException(
          told(free)
              + ", and a sandbox needs "
              + RESERVE_BYTES / MEBIBYTE
              + " MiB to start: free some space there");
    }
  }

  /// Whether there is room for so much, and the reserve beside.
  public boolean hasRoomFor(long mebibytes) {
    return free() >= mebibytes * MEBIBYTE + RESERVE_BYTES;
  }

  /// Whether a VM may go on that was paused for want of room.
  public boolean letsGoOn() {
    return free() >= RESUME_BYTES;
  }

  /// Why a VM is paused whose write found no room.
  public String why() {
    return "the host's disk is full: "
        + told(free())
        + "; free some space there, and it goes on by itself";
  }

  private String told(long free) {
    return "the disk of " + path + " has " + free / MEBIBYTE + " MiB free";
  }
}
