package dev.msb.home;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.FileLockInterruptionException;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// The files of one sandbox. `docs/sandbox-directory.md` says who writes and who reads each; this
/// is the only place that knows their names.
public final class SandboxDirectory {
  private static final int LONGEST_STATE_BYTES = 4096;

  /// Held while this process looks whether a supervisor runs.
  private static final ReentrantLock LOOKING = new ReentrantLock();

  private final Path path;

  SandboxDirectory(Path path) {
    this.path = path;
  }

  /// The directory at a path, as handed to a supervisor.
  public static SandboxDirectory at(Path path) {
    return new SandboxDirectory(path);
  }

  /// The home that the sandbox is in.
  public MsbHome home() {
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

  /// What the console showed last when the VM broke, the last time that it did.
  public Path crashLog() {
    return path.resolve("crash.log");
  }

  /// What execs wrote, if that is kept; `docs/sandbox-directory.md` has its format.
  public Path outputLog() {
    return path.resolve("output.log");
  }

  /// What was in that file before it became too long.
  public Path olderOutputLog() {
    return path.resolve("output.log.1");
  }

  public Path upperDisk() {
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

  private Path kernelFile() {
    return path.resolve("kernel");
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

  /// Changes what the sandbox is to be from its next start on. The caller must hold the start lock.
  ///
  /// @throws IOException if it cannot be written; then nothing has changed
  public void config(SandboxConfig config) throws IOException {
    Path next = path.resolve("config.new");
    config.write(next);
    Files.move(next, configFile(), StandardCopyOption.ATOMIC_MOVE);
    tell("modified");
  }

  /// Makes the directory, all at once or not at all: two callers with one name never both succeed.
  ///
  /// @param rootDisk a file that becomes this sandbox's own root disk; null for none
  /// @return the lock that holds off every other starter; null if there is a sandbox of that name
  /// @throws IOException if it cannot be made; nothing is left then
  public @Nullable StartLock create(SandboxConfig config, @Nullable Path rootDisk)
      throws IOException, InterruptedException {
    new DiskSpace(home().path()).require();
    StartLock lock = null;
    boolean created = false;
    Path made = newDirectory(".new-");
    try {
      config.write(made.resolve("config"));
      Files.createFile(made.resolve("lock"), MsbHome.PRIVATE_FILE);
      Path startLock = Files.createFile(made.resolve("start.lock"), MsbHome.PRIVATE_FILE);
      lock = StartLock.take(startLock, startLockFile());
      if (rootDisk != null) {
        Files.move(rootDisk, made.resolve("root.squashfs"));
      }
      created = !exists() && moveIfFree(made, path);
      if (created) {
        tell("created");
      }
      return created ? lock : null;
    } finally {
      if (!created) {
        if (lock != null) {
          lock.close();
        }
        deleteTree(made);
      }
    }
  }

  /// Not `createTempDirectory`, which takes 20 ms to find its source of random numbers.
  private Path newDirectory(String prefix) throws IOException {
    Path directory = sandboxes().resolve(prefix + HexFormat.of().formatHex(Entropy.bytes(8)));
    return Files.createDirectory(directory, MsbHome.PRIVATE);
  }

  /// Renames a directory, unless there is a sandbox of the new name.
  private static boolean moveIfFree(Path from, Path to) throws IOException {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
      return true;
    } catch (FileSystemException e) {
      if (new SandboxDirectory(to).exists()) {
        return false; // somebody else was quicker: the target is not empty
      }
      throw e;
    }
  }

  /// Gives a sandbox that does not run another name. The caller must hold the start lock.
  ///
  /// @return false if there is a sandbox of that name
  /// @throws IOException if it cannot be renamed
  public boolean rename(SandboxDirectory to, StartLock lock) throws IOException {
    boolean renamed =
        !to.exists() && lock.extendTo(to.startLockFile()) && moveIfFree(path, to.path);
    if (renamed) {
      tell("renamed", "to=" + to.name());
    }
    return renamed;
  }

  /// Keeps the logs of a sandbox that broke or could not be made, and may be removed next, in place
  /// of those of the last one. If two do that at once, one of them is the last.
  ///
  /// @throws IOException if they cannot be kept
  public void keepLogs() throws IOException {
    Path gone = newDirectory(".old-");
    try {
      Path made = Files.createDirectory(gone.resolve("made"), MsbHome.PRIVATE);
      for (Path log : List.of(supervisorLog(), consoleLog())) {
        if (Files.exists(log)) {
          Files.copy(log, made.resolve(log.getFileName()));
        }
      }
      Path kept = home().lastFailure();
      if (Files.exists(kept)) {
        Files.move(kept, gone.resolve("before"), StandardCopyOption.ATOMIC_MOVE);
      }
      Files.move(made, kept, StandardCopyOption.ATOMIC_MOVE);
    } catch (FileSystemException e) {
      if (!Files.exists(home().lastFailure())) {
        throw e; // else somebody else was quicker
      }
    } finally {
      deleteTree(gone);
    }
  }

  /// Removes a sandbox that does not run: its name is free at once.
  ///
  /// @throws IOException if it cannot be removed
  public void remove() throws IOException {
    Path gone = newDirectory(".old-");
    try {
      Files.move(path, gone.resolve("sandbox"), StandardCopyOption.ATOMIC_MOVE);
      tell("removed");
    } finally {
      deleteTree(gone);
    }
  }

  // Who runs.

  /// Takes the lock that says "a supervisor runs here", for the life of this process. Waits for one
  /// whose starter was killed and which therefore ends, and for those who only look.
  public FileLock lockForSupervisor() throws IOException {
    FileLock lock = open(lockFile()).lock();
    // Blank, but of full length: what is written at the end needs no room on the disk then.
    channel(lock).write(inFull(""), 0);
    return lock;
  }

  private static ByteBuffer inFull(String state) {
    byte[] text = state.getBytes(StandardCharsets.UTF_8);
    byte[] full = new byte[LONGEST_STATE_BYTES];
    Arrays.fill(full, (byte) ' ');
    System.arraycopy(text, 0, full, 0, Math.min(text.length, full.length));
    return ByteBuffer.wrap(full);
  }

  /// Whether a supervisor runs.
  ///
  /// @throws IOException if it cannot be told
  public boolean isSupervised() throws IOException {
    LOOKING.lock();
    try {
      // Null also when a thread of this process waits in awaitUnsupervised.
      FileLock lock = tryLock(lockFile(), true);
      if (lock != null) {
        lock.acquiredBy().close();
      }
      return lock == null;
    } finally {
      LOOKING.unlock();
    }
  }

  /// Waits until no supervisor runs.
  ///
  /// @return what the last one wrote at its end, as in [#state], also if the sandbox went with it;
  ///   empty if it was killed, or there was none
  /// @throws IOException if it cannot be told
  /// @throws InterruptedException when interrupted
  public String awaitUnsupervised() throws IOException, InterruptedException {
    Turns.take(lockFile());
    try (FileChannel channel = open(lockFile());
        FileLock lock = waitFor(channel)) {
      lock.isValid();
      ByteBuffer bytes = ByteBuffer.allocate(LONGEST_STATE_BYTES);
      channel.read(bytes);
      return StandardCharsets.UTF_8.decode(bytes.flip()).toString().strip();
    } catch (NoSuchFileException e) {
      return ""; // removed in the meantime: nobody runs
    } catch (IOException e) {
      throw interruption(e);
    } finally {
      Turns.end(lockFile());
    }
  }

  private static FileLock waitFor(FileChannel channel) throws IOException, InterruptedException {
    while (true) {
      try {
        return channel.lock(0, Long.MAX_VALUE, true);
      } catch (OverlappingFileLockException e) {
        LOOKING.lockInterruptibly(); // when the thread that looks has looked
        try {
          FileLock lock = channel.tryLock(0, Long.MAX_VALUE, true);
          if (lock != null) {
            return lock;
          }
        } finally {
          LOOKING.unlock();
        }
      }
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

  private static FileChannel channel(FileLock lock) {
    return Objects.requireNonNull(lock.channel());
  }

  private static FileChannel open(Path file) throws IOException {
    return FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
  }

  /// Holds off every other starter until closed.
  ///
  /// @throws IOException if it cannot be locked
  /// @throws InterruptedException when interrupted
  public StartLock lockForStart() throws IOException, InterruptedException {
    return StartLock.take(startLockFile());
  }

  /// Removes an ephemeral sandbox whose supervisor or creator was killed before it could do that.
  ///
  /// @return whether the sandbox is gone
  /// @throws IOException if it cannot be removed
  public boolean removeIfLeft() throws IOException {
    try (StartLock lock = StartLock.tryTake(startLockFile())) {
      if (lock == null || !config().has(SandboxConfig.Flag.EPHEMERAL) || isSupervised()) {
        return false;
      }
      remove();
      return true;
    } catch (NoSuchFileException e) {
      return true; // by another one
    }
  }

  public static @Nullable FileLock tryLock(Path file, boolean shared) throws IOException {
    FileChannel channel = open(file);
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

  /// When that state was written, in milliseconds since 1970; empty if none was.
  ///
  /// @throws IOException if it cannot be read
  public OptionalLong stateMillis() throws IOException {
    try {
      return OptionalLong.of(Files.getLastModifiedTime(stateFile()).toMillis());
    } catch (NoSuchFileException e) {
      return OptionalLong.empty();
    }
  }

  public void state(String state) throws IOException {
    replace(stateFile(), state);
  }

  /// The kernel that it runs, or ran last; empty if it never ran.
  ///
  /// @throws IOException if it cannot be read
  public String kernel() throws IOException {
    try {
      return Files.readString(kernelFile()).strip();
    } catch (NoSuchFileException e) {
      return "";
    }
  }

  public void kernel(String name) throws IOException {
    replace(kernelFile(), name);
  }

  private static void replace(Path file, String line) throws IOException {
    Path next = file.resolveSibling(file.getFileName() + ".new");
    try {
      MsbHome.write(next, (line + "\n").getBytes(StandardCharsets.UTF_8));
      Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (NoSuchFileException e) {
      throw e;
    } catch (IOException e) {
      Files.deleteIfExists(next);
      overwrite(file, line); // on a full disk: its block is there
    }
  }

  private static void overwrite(Path file, String line) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8));
    try (FileChannel channel = open(file)) {
      int length = bytes.remaining();
      channel.write(bytes, 0);
      channel.truncate(length);
    }
  }

  /// Says how the supervisor ended: in `state`, and in the locked file for those who wait for it.
  public void ended(Ending ending, FileLock lock) throws IOException {
    channel(lock).write(inFull(ending.state()), 0);
    state(ending.state());
    if (ending.cause() == Ending.Cause.FAILED) {
      tell("stopped", "reason=failed", "detail=" + ending.text());
    } else {
      tell("stopped", "reason=" + ending.cause().word);
    }
  }

  /// Tells who follows the home's events.
  public void tell(String... words) {
    home().events().add(name(), words);
  }

  /// Removes a directory with all that is in it; nothing happens if it is not there.
  public static void deleteTree(Path root) throws IOException {
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
          public FileVisitResult visitFileFailed(Path file, IOException failure)
              throws IOException {
            if (failure instanceof NoSuchFileException) {
              return FileVisitResult.CONTINUE; // another one removes it, too
            }
            throw failure;
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
