package dev.msb.sdk;

import dev.msb.files.GuestFiles;
import dev.msb.home.MsbHome;
import dev.msb.home.SandboxConfig;
import dev.msb.home.SandboxDirectory;
import dev.msb.home.SandboxImage;
import dev.msb.home.StartLock;
import dev.msb.protocol.Frame;
import dev.msb.protocol.ListedExec;
import dev.msb.protocol.Protocol;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A microVM of its own, with a disk and a name, in which processes run.
///
/// A sandbox lives on the machine, not in this object: several objects and several JVMs may use one
/// at the same time. All methods may be called from any thread.
///
/// The object that [SandboxBuilder#create] returns is attached to its sandbox: the sandbox stops
/// when the object is closed, and when this JVM ends in any way, be it by `kill -9`. With
/// [SandboxBuilder#detached] it lives on. Objects that [#get] returns are handles; closing one does
/// nothing.
public final class Sandbox implements AutoCloseable {
  /// The offset that stands for "where it was last granted away", see [#attach].
  public static final long LAST_GRANTED = Protocol.LAST_GRANTED;

  private static final Duration CLOSE_GRACE = Duration.ofSeconds(10);
  private static final Duration PING_WAIT = Duration.ofSeconds(10);
  private static final long LONGEST_WAIT_MILLIS = 0xffff_ffffL;

  private final SandboxDirectory directory;
  private final Supervision supervision;
  private final boolean attached;
  private final String machineId; // empty for one that is not attached
  private final AtomicBoolean closed = new AtomicBoolean();
  private final AtomicReference<@Nullable SupervisorConnection> owner = new AtomicReference<>();

  Sandbox(SandboxDirectory directory) {
    this(directory, "");
  }

  private Sandbox(SandboxDirectory directory, String machineId) {
    this.directory = directory;
    this.supervision = new Supervision(directory);
    this.attached = !machineId.isEmpty();
    this.machineId = machineId;
  }

  /// Starts a sandbox that was just made.
  ///
  /// @param attached whether it ends with the object returned, or with this JVM
  static Sandbox launch(
      SandboxDirectory directory,
      StartLock lock,
      String machineId,
      boolean attached,
      Consumer<String> notices,
      Consumer<String> progress)
      throws SandboxException, InterruptedException {
    Sandbox sandbox = new Sandbox(directory, attached ? machineId : "");
    sandbox.notices(notices).progress(progress);
    sandbox.supervision.launch(lock, attached);
    if (attached) {
      sandbox.owner.set(sandbox.supervision.connectIfRunning(Protocol.HELLO_OWN));
    }
    return sandbox;
  }

  /// Begins a new sandbox in the user's home: the system property `msb.home`, else `$MSB_HOME`,
  /// else `~/.msb`.
  ///
  /// @throws IllegalArgumentException if that is no name for a sandbox
  public static SandboxBuilder builder(String name) {
    return new SandboxBuilder(MsbHome.ofEnvironment(), name);
  }

  /// The same, of a sandbox that is given a name of its own: [#name] tells it.
  public static SandboxBuilder builder() {
    return new SandboxBuilder(MsbHome.ofEnvironment());
  }

  /// Checks that a sandbox can have this name: 1 to 63 letters, digits, `-`, `_` and `.`.
  ///
  /// @throws IllegalArgumentException if it cannot; the message says why
  public static void checkName(String name) {
    MsbHome.ofEnvironment().sandbox(name);
  }

  /// The sandbox of this name, whether it runs or not.
  ///
  /// @throws NoSuchSandboxException if there is none
  /// @throws IllegalArgumentException if that is no name for a sandbox
  public static Sandbox get(String name) throws SandboxException {
    MsbHome home = MsbHome.ofEnvironment();
    SandboxDirectory directory = home.sandbox(name);
    if (!directory.exists()) {
      throw new NoSuchSandboxException(name);
    }
    return new Sandbox(directory);
  }

  /// All sandboxes of the user, by name. Ephemeral ones whose supervisor was killed are removed.
  ///
  /// @throws SandboxException if they cannot be read
  public static List<SandboxInfo> list() throws SandboxException {
    MsbHome home = MsbHome.ofEnvironment();
    try {
      List<SandboxInfo> infos = new ArrayList<>();
      for (SandboxDirectory directory : home.all()) {
        try {
          SandboxInfo info = new Sandbox(directory).info();
          boolean runs =
              info.state() != SandboxState.STOPPED && info.state() != SandboxState.CRASHED;
          if (runs || !info.ephemeral() || !directory.removeIfLeft()) {
            infos.add(info);
          }
        } catch (NoSuchSandboxException e) {
          // it went meanwhile
        }
      }
      return infos;
    } catch (IOException e) {
      throw SandboxException.of("cannot list the sandboxes in " + home.path(), e);
    }
  }

  /// Its name.
  public String name() {
    return directory.name();
  }

  /// Where its disk and its logs are. `docs/sandbox-directory.md` tells what lies there.
  public Path directory() {
    return directory.path();
  }

  /// Takes lines for people when a stopped sandbox is started on behalf of a process.
  public Sandbox notices(Consumer<String> listener) {
    supervision.notices(listener);
    return this;
  }

  /// Takes what is being done while a call starts this sandbox, for people to look at: a few words
  /// such as `booting`, one after the other, on the calling thread; an empty text when it is over.
  /// Returns this.
  public Sandbox progress(Consumer<String> listener) {
    supervision.progress(listener);
    return this;
  }

  /// What is known of it now.
  ///
  /// @throws NoSuchSandboxException if it was removed
  /// @throws SandboxException if it cannot be told
  public SandboxInfo info() throws SandboxException {
    try {
      SandboxConfig config = directory.config();
      String written;
      boolean supervised;
      do {
        written = directory.state();
        supervised = directory.isSupervised();
      } while (!directory.state().equals(written)); // else it may be what came before
      SandboxConfig.Lifetime lifetime = config.lifetime();
      SandboxState state = state(written, supervised);
      String kernel = directory.kernel();
      return new SandboxInfo(
          name(),
          state,
          supervised || written.isEmpty()
              ? Optional.empty()
              : Optional.of(SandboxEnd.parse(written)),
          Instant.ofEpochMilli(directory.stateMillis().orElse(config.createdMillis())),
          config.image().name(),
          config.cpus(),
          MemorySize.mebibytes(config.memoryMebibytes()),
          config.env(),
          config.workingDirectory(),
          config.user(),
          TmpfsMounts.shown(config.tmpfs()),
          config.has(SandboxConfig.Flag.LOG_OUTPUT),
          config.labels(),
          config.has(SandboxConfig.Flag.EPHEMERAL),
          duration(lifetime.idleMillis()),
          duration(lifetime.mostMillis()),
          Instant.ofEpochMilli(config.createdMillis()),
          kernel.isEmpty() ? Optional.empty() : Optional.of(kernel));
    } catch (IOException e) {
      if (!directory.exists()) {
        throw new NoSuchSandboxException(name());
      }
      throw SandboxException.of("cannot read sandbox \"" + name() + "\"", e);
    }
  }

  private static Optional<Duration> duration(long millis) {
    return millis == 0 ? Optional.empty() : Optional.of(Duration.ofMillis(millis));
  }

  private static SandboxState state(String written, boolean supervised) {
    if (supervised) {
      return switch (written) {
        case "running" -> SandboxState.RUNNING;
        case "", "starting" -> SandboxState.STARTING;
        default -> SandboxState.STOPPING;
      };
    }
    return written.isEmpty() || written.startsWith("stopped")
        ? SandboxState.STOPPED
        : SandboxState.CRASHED;
  }

  /// Begins a process in the sandbox. If the sandbox is stopped, it is started for as long as such
  /// processes run.
  public SandboxProcessBuilder process(String... argv) {
    return process(List.of(argv));
  }

  /// The same, with the words in a list.
  public SandboxProcessBuilder process(List<String> argv) {
    return new SandboxProcessBuilder(argv, () -> supervision.connect(Protocol.HELLO_HOLD, 1));
  }

  /// Runs a command to its end and collects what it writes, at most 16 MiB of each output; what is
  /// longer is not kept, and the result says so. Its stdin is /dev/null. [#process] has a builder
  /// for all else: `box.process("wc", "-c").input("hello").exec()`.
  ///
  /// @throws StartFailedException if the guest cannot start it
  /// @throws SandboxException if the sandbox cannot be reached or started, or goes away
  /// @throws InterruptedException when interrupted; the process is killed then
  public ExecResult exec(String... argv) throws SandboxException, InterruptedException {
    return process(argv).exec();
  }

  /// Runs a line, or a whole script, of the guest's shell: `exec("sh", "-c", script)`.
  ///
  /// @throws StartFailedException if the guest has no shell
  /// @throws SandboxException if the sandbox cannot be reached or started, or goes away
  /// @throws InterruptedException when interrupted; the process is killed then
  public ExecResult shell(String script) throws SandboxException, InterruptedException {
    return exec("sh", "-c", script);
  }

  /// Its files. Each call gives an object with a connection of its own: keep it for as long as
  /// there is something to do, see [GuestFiles].
  public GuestFiles files() {
    return SandboxFileServer.files(directory, supervision);
  }

  /// The words of the command that the sandbox's image is made for: its entrypoint, then the given
  /// words, or, if there are none, its own.
  ///
  /// @throws SandboxException if the image names no command and there are no words
  public List<String> imageCommand(List<String> words) throws SandboxException {
    try {
      SandboxImage image = directory.config().image();
      List<String> command = new ArrayList<>(image.entrypoint());
      command.addAll(words.isEmpty() ? image.command() : words);
      if (command.isEmpty()) {
        throw new SandboxException("the image " + image.name() + " names no command: give one");
      }
      return command;
    } catch (IOException e) {
      throw SandboxException.of("cannot read sandbox \"" + name() + "\"", e);
    }
  }

  /// Goes on with a process that was started with [SandboxProcessBuilder#keep], in place of whoever
  /// drives it now. Its output follows from where it was last granted away: the last bytes that
  /// were read may come again.
  ///
  /// @throws SandboxException if there is no such process
  public SandboxProcess attach(long id) throws SandboxException, InterruptedException {
    return attach(id, false, Protocol.LAST_GRANTED, Protocol.LAST_GRANTED);
  }

  /// The same, for a driver that counted what it had read: no byte is lost, and none comes twice.
  ///
  /// @throws SandboxException if there is no such process, or an offset is no longer kept
  public SandboxProcess attach(long id, long stdoutOffset, long stderrOffset)
      throws SandboxException, InterruptedException {
    return attach(id, false, stdoutOffset, stderrOffset);
  }

  /// Watches such a process without driving it. A watcher that falls behind by a window is dropped.
  ///
  /// @throws SandboxException if there is no such process
  public SandboxProcess watch(long id) throws SandboxException, InterruptedException {
    return attach(id, true, Protocol.LAST_GRANTED, Protocol.LAST_GRANTED);
  }

  private SandboxProcess attach(long id, boolean watch, long stdoutOffset, long stderrOffset)
      throws SandboxException, InterruptedException {
    SupervisorConnection connection = supervision.connectIfRunning(Protocol.HELLO_HOLD);
    try {
      ClientExec exec = connection.attach(id, watch, stdoutOffset, stderrOffset);
      exec.awaitStarted();
      return new SandboxProcess(exec, connection);
    } catch (SandboxException | InterruptedException e) {
      connection.close();
      throw e;
    }
  }

  /// The processes started from outside that run, and those started with
  /// [SandboxProcessBuilder#keep] that have ended. None if the sandbox does not run.
  ///
  /// @throws SandboxException if it does not answer
  public List<ProcessInfo> processes() throws SandboxException, InterruptedException {
    if (info().state() != SandboxState.RUNNING) {
      return List.of();
    }
    List<ProcessInfo> processes = new ArrayList<>();
    try (SupervisorConnection connection = supervision.connectIfRunning(0)) {
      for (ListedExec exec : connection.list()) {
        processes.add(
            new ProcessInfo(
                exec.id(),
                exec.pid(),
                exec.owned(),
                exec.state() < 2 ? Optional.empty() : Optional.of(statusOf(exec)),
                Duration.ofMillis(exec.ageMillis()),
                exec.argv()));
      }
    }
    return processes;
  }

  private static ExitStatus statusOf(ListedExec exec) {
    return exec.how() == 1
        ? new ExitStatus.Signaled(exec.code(), false)
        : new ExitStatus.Exited(exec.code());
  }

  /// Sends a signal to the group of one of its processes, whoever drives that.
  ///
  /// @throws SandboxException if there is no such process
  public void signal(long id, Signal signal) throws SandboxException, InterruptedException {
    try (SupervisorConnection connection = supervision.connectIfRunning(0)) {
      boolean there = false;
      for (ListedExec exec : connection.list()) {
        there |= exec.id() == id && exec.state() < 2;
      }
      if (!there) {
        throw new SandboxException("no process " + id + " runs in sandbox \"" + name() + "\"");
      }
      connection.send(new Frame.Signal(id, signal.number()));
      connection.list(); // answered after the signal was passed on
    }
  }

  /// Starts the sandbox if it does not run. It then runs until it is stopped, or, if this object
  /// made it and it is attached, until this object is closed.
  ///
  /// @throws BootException if it does not come up
  /// @throws SandboxException if anything else fails
  public void start() throws SandboxException, InterruptedException {
    if (!attached) {
      supervision.start();
      return;
    }
    SupervisorConnection current = owner.get();
    if (current == null || current.isLost()) {
      owner.set(supervision.connect(Protocol.HELLO_OWN, 0));
    }
  }

  /// Stops the sandbox: its processes get SIGTERM, after the grace SIGKILL; then its file systems
  /// are unmounted. Whoever drives a process there sees [ExitStatus.Lost]. Returns when it is down;
  /// at once if it does not run.
  ///
  /// @throws SandboxException if that fails
  public void stop(Duration grace) throws SandboxException, InterruptedException {
    supervision.stop(grace);
  }

  /// Ends the VM at once, as if it were unplugged: what its processes wrote and did not sync may be
  /// lost. Returns when it is down; at once if it does not run.
  ///
  /// @throws SandboxException if that fails
  public void kill() throws SandboxException, InterruptedException {
    supervision.kill();
  }

  /// Stops the sandbox and starts it again.
  ///
  /// @throws SandboxException if it is ephemeral, or either fails
  public void restart(Duration grace) throws SandboxException, InterruptedException {
    if (info().ephemeral()) {
      throw new SandboxException(
          "sandbox \"" + name() + "\" is ephemeral: it is removed when it stops");
    }
    stop(grace);
    start();
  }

  /// Waits until the sandbox is down. Returns at once if it does not run.
  ///
  /// @return how its last run ended
  /// @throws SandboxException if it cannot be told
  public SandboxEnd awaitEnd() throws SandboxException, InterruptedException {
    return supervision.awaitEnd();
  }

  /// If this object made the sandbox, and not [SandboxBuilder#detached]: leaves it to its
  /// processes. It stops with the last of them that was started with [SandboxProcessBuilder#keep]
  /// or was detached from, and no longer with this object. Otherwise nothing happens.
  public void detach() {
    if (!attached || closed.getAndSet(true)) {
      return;
    }
    SupervisorConnection connection = owner.getAndSet(null);
    if (connection != null) {
      connection.trySend(new Frame.Detach(0));
      connection.close();
    }
  }

  /// If this object made the sandbox, and not [SandboxBuilder#detached]: stops it with a grace of
  /// 10 seconds, and removes it if it is ephemeral. Otherwise nothing happens. The same happens
  /// when this JVM ends in any way. When interrupted it does not wait for the end, and leaves the
  /// interrupt status set.
  ///
  /// @throws SandboxException if it cannot be stopped
  @Override
  public void close() throws SandboxException {
    if (!attached || closed.getAndSet(true)) {
      return;
    }
    try {
      if (isStillThere()) {
        supervision.stop(CLOSE_GRACE);
      }
      letGo();
      if (isStillThere()) {
        directory.removeIfLeft(); // an ephemeral one whose supervisor was killed
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (SandboxException e) {
      throw e;
    } catch (IOException e) {
      throw SandboxException.of("cannot remove sandbox \"" + name() + "\"", e);
    } finally {
      letGo();
    }
  }

  /// The supervisor ends what is attached to us.
  private void letGo() {
    SupervisorConnection connection = owner.getAndSet(null);
    if (connection != null) {
      connection.close();
    }
  }

  /// Whether what has its name is the sandbox that this object made, and not another that took its
  /// place.
  private boolean isStillThere() throws IOException {
    try {
      return directory.config().machineId().equals(machineId);
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  /// How long its agent takes to answer, there and back, at most 10 seconds. That is no use of the
  /// sandbox.
  ///
  /// @throws NoAnswerException if it does not answer within that time; at once if its VM is paused
  /// @throws SandboxException if it does not run
  public Duration ping() throws SandboxException, InterruptedException {
    return ping(PING_WAIT);
  }

  /// The same, at most this long.
  ///
  /// @throws NoAnswerException if it does not answer within that time; at once if its VM is paused
  /// @throws SandboxException if it does not run
  /// @throws IllegalArgumentException if the time is negative, or longer than 49 days
  public Duration ping(Duration wait) throws SandboxException, InterruptedException {
    if (wait.isNegative() || wait.toMillis() > LONGEST_WAIT_MILLIS) {
      throw new IllegalArgumentException("a wait of " + wait);
    }
    try (SupervisorConnection connection = supervision.connectIfRunning(0)) {
      long begin = System.nanoTime();
      connection.ping(wait);
      return Duration.ofNanos(System.nanoTime() - begin);
    }
  }

  /// Uses it, without doing anything: its idle timeout begins anew.
  ///
  /// @throws SandboxException if it does not run
  public void touch() throws SandboxException, InterruptedException {
    supervision.connectIfRunning(Protocol.HELLO_TOUCH).close();
  }

  /// What it costs, and what it did since its start.
  ///
  /// @throws SandboxException if it does not run
  public SandboxMetrics metrics() throws SandboxException, InterruptedException {
    try (SupervisorConnection connection = supervision.connectIfRunning(0)) {
      return SandboxMetrics.of(connection.count());
    } catch (IOException e) {
      throw SandboxException.of("cannot measure sandbox \"" + name() + "\"", e);
    }
  }

  /// Reads what its processes wrote, if [SandboxBuilder#logOutput] has it kept.
  ///
  /// @param follow whether to wait for more, as long as it runs
  /// @throws SandboxException if nothing is kept
  public SandboxLog log(boolean follow) throws SandboxException {
    return SandboxLog.open(directory, follow);
  }

  /// The last 32 KiB of what its kernel printed: of the run under way but for the last second, else
  /// of the last run. Empty if it never ran.
  ///
  /// @throws SandboxException if it cannot be read
  public byte[] console() throws SandboxException {
    try {
      return Files.readAllBytes(directory.consoleLog());
    } catch (NoSuchFileException e) {
      if (!directory.exists()) {
        throw new NoSuchSandboxException(name());
      }
      return new byte[0];
    } catch (IOException e) {
      throw SandboxException.of("cannot read the console of sandbox \"" + name() + "\"", e);
    }
  }

  /// Begins to change what it was created with.
  public SandboxChange change() {
    return new SandboxChange(directory);
  }

  /// Gives a sandbox that does not run another name, which is also its host name from its next
  /// start on. This object is of no use then.
  ///
  /// @return the sandbox under its new name
  /// @throws SandboxExistsException if there is one of that name
  /// @throws SandboxException if it runs, or cannot be renamed
  /// @throws IllegalArgumentException if that is no name for a sandbox
  public Sandbox rename(String newName) throws SandboxException, InterruptedException {
    SandboxDirectory renamed = MsbHome.ofEnvironment().sandbox(newName);
    try (StartLock lock = directory.lockForStart()) {
      if (directory.isSupervised()) {
        throw running();
      }
      if (!directory.rename(renamed, lock)) {
        throw new SandboxExistsException(newName);
      }
      return new Sandbox(renamed);
    } catch (NoSuchFileException e) {
      throw new NoSuchSandboxException(name());
    } catch (IOException e) {
      throw SandboxException.of("cannot rename sandbox \"" + name() + "\"", e);
    }
  }

  private SandboxException running() {
    return new SandboxException("sandbox \"" + name() + "\" is running: stop it first");
  }

  /// The same as [#remove], and nothing if it is not there.
  void removeIfThere() throws SandboxException, InterruptedException {
    try {
      remove();
    } catch (NoSuchSandboxException e) {
      // an ephemeral one is gone when it has stopped
    }
  }

  /// Ends its VM at once if it runs, and removes it with its disk.
  ///
  /// @throws SandboxException if it cannot be removed
  public void removeForcibly() throws SandboxException, InterruptedException {
    kill();
    removeIfThere();
  }

  /// Removes a sandbox that does not run, with its disk.
  ///
  /// @throws SandboxException if it runs, or cannot be removed
  public void remove() throws SandboxException, InterruptedException {
    try (StartLock lock = directory.lockForStart()) {
      lock.hold();
      if (directory.isSupervised()) {
        throw running();
      }
      directory.remove();
    } catch (SandboxException e) {
      throw e;
    } catch (IOException e) {
      if (!directory.exists()) {
        throw new NoSuchSandboxException(name());
      }
      throw SandboxException.of("cannot remove sandbox \"" + name() + "\"", e);
    }
  }
}
