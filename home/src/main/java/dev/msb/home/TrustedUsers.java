package dev.msb.home;

import dev.msb.posix.Posix;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/// The users that may hand us something to work on: ourselves, and root, who could anyway.
public final class TrustedUsers {
  private static final int ROOT = 0;

  private TrustedUsers() {}

  /// The number of the user that this process runs as.
  ///
  /// @throws IOException if it cannot be told
  public static int own() throws IOException {
    return Posix.available()
        ? Posix.getuid()
        : (Integer) Objects.requireNonNull(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
  }

  /// Whether this user is one of them. An error number is none.
  ///
  /// @throws IOException if it cannot be told
  public static boolean include(int uid) throws IOException {
    return uid == ROOT || uid == own();
  }
}
