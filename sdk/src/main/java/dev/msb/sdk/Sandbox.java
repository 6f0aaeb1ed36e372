package dev.msb.sdk;

import dev.msb.protocol.Frame;
import dev.msb.protocol.ListedExec;
import dev.msb.protocol.Protocol;
import dev.msb.supervisor.Distribution;
import dev.msb.supervisor.MsbHome;
import dev.msb.supervisor.SandboxConfig;
import dev.msb.supervisor.SandboxDirectory;
import dev.msb.supervisor.SandboxImage;
import dev.msb.supervisor.StartLock;
import dev.msb.supervisor.SupervisorLauncher;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// A microVM of its own, with a disk and a name, in which processes run.
///
/// A sandbox lives on the machine, not in this object: several objects and several JVMs may use one
/// at the same time. All methods may be called from any thread.
public final class Sandbox implements AutoCloseable {
  /// The offset that stands for "where it was last granted away", see [#attach].
  public static final long LAST_GRANTED = Protocol.LAST_GRANTED;

  private static final int TRIES = 8;
  private static final Duration STOP_GRACE = Duration.ofSeconds(10);

  private final SandboxDirectory directory;
  private volatile Consumer<String> notices = line -> {};

  private final boolean attached;

  Sandbox(SandboxDirectory directory) {
    this(directory, false);
  }

  /// @param attached whether [#close] stops it
  Sandbox(SandboxDirectory directory, boolean attached) {
    this.directory = directory;
    this.attached = attached;
  }

  /// Begins a new sandbox in the user's home: the system property `msb.home`, else `$MSB_HOME`,
  /// else `~/.msb`.
  ///
  /// @throws IllegalArgumentException if that is no name for a sandbox
  public static SandboxBuilder builder(String name) {
    return new SandboxBuilder(MsbHome.ofEnvironment(), name);
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

  /// All sandboxes of the user, by name.
  ///
  /// @throws SandboxException if they cannot be read
  public static List<SandboxInfo> list() throws SandboxException {
    MsbHome home = MsbHome.ofEnvironment();
    try {
      List<SandboxInfo> infos = new ArrayList<>();
      for (SandboxDirectory directory : home.all()) {
        if (directory.exists()) {
          infos.add(new Sandbox(directory).info());
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

  /// Takes lines for people when a stopped sandbox is started on behalf of a process.
  public Sandbox notices(Consumer<String> listener) {
    notices = listener;
    return this;
  }

  /// What is known of it now.
  ///
  /// @throws NoSuchSandboxException if it was removed
  /// @throws SandboxException if it cannot be told
  public SandboxInfo info() throws SandboxException {
    try {
      SandboxConfig config = directory.config();
      String written = directory.state();
      SandboxState state = state(written, directory.isSupervised());
      return new SandboxInfo(
          name(),
          state,
          config.image().name(),
          config.cpus(),
          MemorySize.mebibytes(config.memoryMebibytes()),
          config.env(),
          Instant.ofEpochMilli(config.createdMillis()),
          written.startsWith("stopped ") && !written.equals("stopped stopped")
              ? written.substring(8)
              : "");
    } catch (IOException e) {
      if (!directory.exists()) {
        throw new NoSuchSandboxException(name());
      }
      throw SandboxException.of("cannot read sandbox \"" + name() + "\"", e);
    }
  }

  private static SandboxState state(String written, boolean supervised) {
    if (supervised) {
      return switch (written) {
        case "running" -> SandboxState.RUNNING;
        case "stopping" -> SandboxState.STOPPING;
        default -> SandboxState.STARTING;
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
    return new SandboxProcessBuilder(argv, () -> connect(Protocol.HELLO_HOLD, 1));
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
    SupervisorConnection connection = connectIfRunning(Protocol.HELLO_HOLD);
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
    try (SupervisorConnection connection = connectIfRunning(0)) {
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
    try (SupervisorConnection connection = connectIfRunning(0)) {
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

  private SupervisorConnection connectIfRunning(int flags)
      throws SandboxException, InterruptedException {
    try {
      return SupervisorConnection.open(directory.socket(), name(), flags, 0);
    } catch (SandboxException e) {
      throw e;
    } catch (IOException e) {
      throw new SandboxException("sandbox \"" + name() + "\" is not running", e);
    }
  }

  /// Starts the sandbox if it does not run, and lets it run until it is stopped.
  ///
  /// @throws BootException if it does not come up
  /// @throws SandboxException if anything else fails
  public void start() throws SandboxException, InterruptedException {
    connect(Protocol.HELLO_PIN, 0).close();
  }

  /// Stops the sandbox: its processes get SIGTERM, after the grace SIGKILL; then its file systems
  /// are unmounted. Returns when it is down; at once if it does not run.
  ///
  /// @throws SandboxException if that fails
  public void stop(Duration grace) throws SandboxException, InterruptedException {
    try {
      awaitStart();
      if (Files.exists(directory.socket())) {
        try (SupervisorConnection connection =
            SupervisorConnection.open(directory.socket(), name(), 0, 0)) {
          connection.stopSandbox(grace);
        } catch (VersionMismatchException e) {
          throw e;
        } catch (IOException e) {
          // it is going down, or nobody is there: both are waited for below
        }
      }
      directory.awaitUnsupervised();
    } catch (IOException e) {
      throw SandboxException.of("cannot stop sandbox \"" + name() + "\"", e);
    }
  }

  /// Stops the sandbox if this object made it, see [SandboxBuilder#create]; else does nothing. Its
  /// disk is kept, unless it is ephemeral. When interrupted it does not wait for the end, and
  /// leaves the interrupt status set.
  ///
  /// @throws SandboxException if it cannot be stopped
  @Override
  public void close() throws SandboxException {
    if (attached && directory.exists()) {
      try {
        stop(STOP_GRACE);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /// Waits for whoever starts the sandbox at the moment: before it is up it cannot be asked to
  /// stop.
  private void awaitStart() throws IOException, InterruptedException {
    if (directory.exists()) {
      try (StartLock lock = directory.lockForStart()) {
        lock.hold();
      }
    }
  }

  /// Removes a sandbox that does not run, with its disk.
  ///
  /// @throws SandboxException if it runs, or cannot be removed
  public void remove() throws SandboxException, InterruptedException {
    try (StartLock lock = directory.lockForStart()) {
      lock.hold();
      if (directory.isSupervised()) {
        throw new SandboxException("sandbox \"" + name() + "\" is running: stop it first");
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

  /// Connects to the supervisor, starting one if none runs. Whoever finds the sandbox going down
  /// waits for that and starts it anew.
  private SupervisorConnection connect(int flags, int ids)
      throws SandboxException, InterruptedException {
    for (int tries = 0; tries < TRIES; tries++) {
      if (Files.exists(directory.socket())) {
        try {
          return SupervisorConnection.open(directory.socket(), name(), flags, ids);
        } catch (SandboxStoppingException e) {
          awaitDown();
          continue;
        } catch (SandboxLostException e) {
          // it went as we came
        } catch (SandboxException e) {
          throw e;
        } catch (IOException e) {
          // nobody listens: the supervisor has gone without tidying up, or is about to
        }
      }
      if ((flags & Protocol.HELLO_PIN) != 0) {
        launch(false, notices);
      } else {
        launch(true, notices);
      }
    }
    throw new SandboxException("sandbox \"" + name() + "\" goes down as soon as it is up");
  }

  private void awaitDown() throws SandboxException, InterruptedException {
    try {
      directory.awaitUnsupervised();
    } catch (IOException e) {
      throw SandboxException.of("cannot wait for sandbox \"" + name() + "\"", e);
    }
  }

  /// Starts a supervisor, unless one runs.
  void launch(boolean transientSandbox, Consumer<String> listener)
      throws SandboxException, InterruptedException {
    if (!directory.exists()) {
      throw new NoSuchSandboxException(name());
    }
    try (StartLock lock = directory.lockForStart()) {
      lock.hold();
      if (!directory.exists()) {
        throw new NoSuchSandboxException(name());
      }
      if (directory.isSupervised()) {
        if (directory.state().equals("running")) {
          return;
        }
        directory.awaitUnsupervised();
      }
      SandboxState state = state(directory.state(), false);
      if (state == SandboxState.CRASHED) {
        listener.accept(
            "the supervisor of sandbox \"" + name() + "\" was killed; starting it again");
      }
      SupervisorLauncher.launch(Distribution.find(), directory, transientSandbox, listener);
    } catch (SandboxException e) {
      throw e;
    } catch (IOException e) {
      throw new BootException("cannot start sandbox \"" + name() + "\": " + e.getMessage());
    }
  }
}
