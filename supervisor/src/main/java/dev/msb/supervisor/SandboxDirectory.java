package dev.msb.supervisor;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.FileLockInterruptionException;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileSystemException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HexFormat;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// The files of one sandbox. `docs/sandbox-directory.md` says who writes and who reads each; this
/// is the only place that knows their names.
public final class SandboxDirectory {
  /// Held while a thread of this process looks whether a supervisor runs: file locks belong to the
  /// process, and two probes at once would take each other for a supervisor.
  private static final ReentrantLock PROBING = new ReentrantLock();

  private final Path path;

  SandboxDirectory(Path path) {
    this.path = path;
  }

  /// The directory at a path, as handed to a supervisor.
  static SandboxDirectory at(Path path) {
    return new SandboxDirectory(path);
  }

  /// The home that the sandbox is in.
  MsbHome home() {
    return new MsbHome(Objects.requireNonNull(sandboxes().getParent()));
  }

  private Path sandboxes() {
    return Objects.requireNonNull(path.getParent());
  }

  /// The sandbox's name.
  public String name() {
    return Objects.requireNonNull(path.getFileName()).toString();
  }

  /// The directory itself.
  public Path path() {
    return path;
  }

  /// The socket on which the supervisor takes clients.
  public Path socket() {
    return path.resolve("socket");
  }

  /// What the supervisor and QEMU have to say to an engineer.
  public Path supervisorLog() {
    return path.resolve("supervisor.log");
  }

  /// The last of what the guest's kernel printed.
  public Path consoleLog() {
    return path.resolve("console.log");
  }

  Path upperDisk() {
    return path.resolve("upper.img");
  }

  private Path lockFile() {
    return path.resolve("lock");
  }

  private Path startLockFile() {
    return path.resolve("start.lock");
  }

  private Path stateFile() {
    return path.resolve("state");
  }

  private Path configFile() {
    return path.resolve("config");
  }

  /// Whether there is such a sandbox.
  public boolean exists() {
    return Files.isRegularFile(configFile());
  }

  /// What the sandbox was created with.
  ///
  /// @throws IOException if it cannot be read
  public SandboxConfig config() throws IOException {
    return SandboxConfig.read(configFile());
  }

  /// Makes the directory, all at once or not at all: two callers with one name never both succeed.
  ///
  /// @param rootDisk a file that becomes this sandbox's own root disk; null for none
  /// @return false if there is a sandbox of that name
  /// @throws IOException if it cannot be made; nothing is left then
  public boolean create(SandboxConfig config, @Nullable Path rootDisk) throws IOException {
    Path made = newDirectory(".new-");
    try {
      config.write(made.resolve("config"));
      Files.createFile(made.resolve("lock"));
      Files.createFile(made.resolve("start.lock"));
      if (rootDisk != null) {
        Files.move(rootDisk, made.resolve("root.squashfs"));
      }
      if (exists()) {
        return false;
      }
      try {
        Files.move(made, path, StandardCopyOption.ATOMIC_MOVE);
        return true;
      } catch (FileSystemException e) {
        if (exists()) {
          return false; // somebody else was quicker: the target is not empty
        }
        throw e;
      }
    } finally {
      deleteTree(made);
    }
  }

  /// Not `createTempDirectory`, which takes 20 ms to find its source of random numbers.
  private Path newDirectory(String prefix) throws IOException {
    Path directory = sandboxes().resolve(prefix + HexFormat.of().formatHex(Entropy.bytes(8)));
    return Files.createDirectory(directory, MsbHome.PRIVATE);
  }

  /// Removes a sandbox that does not run: its name is free at once.
  ///
  /// @throws IOException if it cannot be removed
  public void remove() throws IOException {
    Path gone = newDirectory(".old-");
    try {
      Files.move(path, gone.resolve("sandbox"), StandardCopyOption.ATOMIC_MOVE);
    } finally {
      deleteTree(gone);
    }
  }

  // Who runs.

  /// Takes the lock that says "a supervisor runs here", for the life of this process.
  ///
  /// @return null if another supervisor has it
  @Nullable FileLock lockForSupervisor() throws IOException {
    return tryLock(lockFile(), false);
  }

  /// Whether a supervisor runs.
  ///
  /// @throws IOException if it cannot be told
  public boolean isSupervised() throws IOException {
    PROBING.lock();
    try {
      FileLock lock = tryLock(lockFile(), true);
      if (lock == null) {
        return true;
      }
      lock.acquiredBy().close();
      return false;
    } finally {
      PROBING.unlock();
    }
  }

  /// Waits until no supervisor runs.
  ///
  /// @throws IOException if it cannot be told
  /// @throws InterruptedException when interrupted
  public void awaitUnsupervised() throws IOException, InterruptedException {
    try (StartLock turn = StartLock.turn(lockFile())) {
      turn.hold();
      while (!lockOnce()) {
        PROBING.lockInterruptibly(); // until the probe of another thread is over
        PROBING.unlock();
      }
    } catch (NoSuchFileException e) {
      // removed in the meantime: nobody runs
    } catch (IOException e) {
      throw interruption(e);
    }
  }

  private boolean lockOnce() throws IOException {
    try (FileChannel channel =
            FileChannel.open(lockFile(), StandardOpenOption.READ, StandardOpenOption.WRITE);
        FileLock lock = channel.lock(0, Long.MAX_VALUE, true)) {
      return lock.isValid();
    } catch (OverlappingFileLockException e) {
      return false; // a thread of this process probes
    }
  }

  /// The exception itself, unless it is how a wait for a lock tells of an interrupt.
  static IOException interruption(IOException e) throws InterruptedException {
    if (e instanceof FileLockInterruptionException || e instanceof ClosedByInterruptException) {
      Thread.interrupted();
      InterruptedException interrupted = new InterruptedException("while waiting for a lock");
      interrupted.initCause(e);
      throw interrupted;
    }
    return e;
  }

  /// Holds off every other starter until closed.
  ///
  /// @throws IOException if it cannot be locked
  /// @throws InterruptedException when interrupted
  public StartLock lockForStart() throws IOException, InterruptedException {
    return StartLock.take(startLockFile());
  }

  static @Nullable FileLock tryLock(Path file, boolean shared) throws IOException {
    FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
    FileLock lock = null;
    try {
      lock = channel.tryLock(0, Long.MAX_VALUE, shared);
    } catch (OverlappingFileLockException e) {
      // held within this process
    } finally {
      if (lock == null) {
        channel.close();
      }
    }
    return lock;
  }

  // The state file: what the last supervisor wrote.

  /// The last state that a supervisor wrote: `starting`, `running`, `stopping`, or `stopped` and
  /// why. Empty if none ever ran.
  ///
  /// @throws IOException if it cannot be read
  public String state() throws IOException {
    try {
      return Files.readString(stateFile()).strip();
    } catch (NoSuchFileException e) {
      return "";
    }
  }

  void state(String state) throws IOException {
    Path next = path.resolve("state.new");
    Files.writeString(next, state + "\n");
    Files.move(next, stateFile(), StandardCopyOption.ATOMIC_MOVE);
  }

  /// Removes a directory with all that is in it; nothing happens if it is not there.
  static void deleteTree(Path root) throws IOException {
    if (!Files.exists(root)) {
      return;
    }
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.deleteIfExists(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
              throws IOException {
            Files.deleteIfExists(directory);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
