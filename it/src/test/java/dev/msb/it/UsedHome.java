package dev.msb.it;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;

/// Homes in which msb has been used before, as nearly all users have one.
///
/// A new home finds out first whether a guest boots on KVM, which takes eight seconds where
/// `/dev/kvm` opens and no guest does, and boots its first two sandboxes afresh. Homes of tests
/// know the first from a home that all tests share, and most use the templates there. Tests of
/// either have a new home.
final class UsedHome {
  private static final Path SHARED = Path.of("target", "used-home").toAbsolutePath();

  private static boolean isUsed;

  private UsedHome() {}

  /// Makes a home that knows the machine and has the templates of the others.
  static Path make() throws IOException {
    Path home = makeWithoutTemplates();
    Path templates = Files.createDirectories(SHARED.resolve("templates"));
    Files.createSymbolicLink(home.resolve("templates"), templates);
    return home;
  }

  /// Makes a home that knows the machine.
  static Path makeWithoutTemplates() throws IOException {
    use();
    Path home = Files.createTempDirectory("msb-it-");
    Path known = SHARED.resolve("accelerator");
    if (Files.exists(known)) { // without /dev/kvm there is nothing to remember
      Files.copy(known, home.resolve(known.getFileName()));
    }
    return home;
  }

  /// Has msb look at the machine, if it has not. Other processes with tests may want the same.
  private static synchronized void use() throws IOException {
    if (isUsed) {
      return;
    }
    Files.createDirectories(SHARED);
    Files.setPosixFilePermissions(SHARED, PosixFilePermissions.fromString("rwx------"));
    try (FileChannel lock =
        FileChannel.open(
            SHARED.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      lock.lock();
      new Msb(SHARED).run("doctor").ok();
      Msb.forget(SHARED);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
    isUsed = true;
  }
}
