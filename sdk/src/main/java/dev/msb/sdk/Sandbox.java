package dev.msb.sdk;

import dev.msb.protocol.Protocol;
import dev.msb.supervisor.Distribution;
import dev.msb.supervisor.MsbHome;
import dev.msb.supervisor.SandboxConfig;
import dev.msb.supervisor.SandboxDirectory;
import dev.msb.supervisor.StartLock;
import dev.msb.supervisor.SupervisorLauncher;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// A microVM of its own, with a disk and a name, in which processes run.
///
/// A sandbox lives on the machine, not in this object: several objects and several JVMs may use one
/// at the same time. All methods may be called from any thread.
public final class Sandbox {
  private static final int TRIES = 8;

  private final SandboxDirectory directory;
  private volatile Consumer<String> notices = line -> {};

  Sandbox(SandboxDirectory directory) {
    this.directory = directory;
  }

  /// Begins a new sandbox in the user's home (`$MSB_HOME`, else `~/.msb`).
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
          config.image(),
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

  /// Starts the sandbox if it does not run, and lets it run until it is stopped.
  ///
  /// @throws BootException if it does not come up
  /// @throws SandboxException if anything else fails
  public void start() throws SandboxException {
    connect(Protocol.HELLO_PIN, 0).close();
  }

  /// Stops the sandbox: its processes get SIGTERM, after the grace SIGKILL; then its file systems
  /// are unmounted. Returns when it is down; at once if it does not run.
  ///
  /// @throws SandboxException if that fails
  public void stop(Duration grace) throws SandboxException {
    try {
      if (Files.exists(directory.socket())) {
        try (SupervisorConnection connection =
            SupervisorConnection.open(directory.socket(), name(), 0, 0)) {
          connection.stopSandbox(grace);
        } catch (IOException e) {
          // it is going down, or nobody is there: both are waited for below
        }
      }
      directory.awaitUnsupervised();
    } catch (IOException e) {
      throw SandboxException.of("cannot stop sandbox \"" + name() + "\"", e);
    }
  }

  /// Removes a sandbox that does not run, with its disk.
  ///
  /// @throws SandboxException if it runs, or cannot be removed
  public void remove() throws SandboxException {
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
  private SupervisorConnection connect(int flags, int ids) throws SandboxException {
    for (int tries = 0; tries < TRIES; tries++) {
      if (Files.exists(directory.socket())) {
        try {
          return SupervisorConnection.open(directory.socket(), name(), flags, ids);
        } catch (SandboxStoppingException e) {
          awaitDown();
          continue;
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

  private void awaitDown() throws SandboxException {
    try {
      directory.awaitUnsupervised();
    } catch (IOException e) {
      throw SandboxException.of("cannot wait for sandbox \"" + name() + "\"", e);
    }
  }

  /// Starts a supervisor, unless one runs.
  void launch(boolean transientSandbox, Consumer<String> listener) throws SandboxException {
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
