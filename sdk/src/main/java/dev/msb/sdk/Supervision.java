package dev.msb.sdk;

import dev.msb.home.Distribution;
import dev.msb.home.SandboxDirectory;
import dev.msb.home.StartLock;
import dev.msb.home.SupervisorLauncher;
import dev.msb.protocol.Frame;
import dev.msb.protocol.Protocol;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Finds the supervisor of one sandbox, starts it, stops it. All methods may be called from any
/// thread.
final class Supervision {
  private static final int TRIES = 8;

  private final SandboxDirectory directory;
  private volatile Consumer<String> notices = line -> {};
  private volatile Consumer<String> progress = line -> {};

  Supervision(SandboxDirectory directory) {
    this.directory = directory;
  }

  /// Takes lines for people when a supervisor is started.
  void notices(Consumer<String> listener) {
    notices = listener;
  }

  /// Takes what is being done while one is started; an empty text when that is over.
  void progress(Consumer<String> listener) {
    progress = listener;
  }

  /// Connects to the supervisor, starting one if none runs. Whoever finds the sandbox going down
  /// waits for that and starts it anew.
  SupervisorConnection connect(int flags, int ids) throws SandboxException, InterruptedException {
    for (int tries = 0; tries < TRIES; tries++) {
      SupervisorConnection connection = tryConnect(flags, ids);
      if (connection != null) {
        return connection;
      }
      launch(true);
    }
    throw goesDown();
  }

  /// Has the sandbox run until it is stopped. One that was launched for that is not asked again: a
  /// stop may have come first, and has the last word.
  void start() throws SandboxException, InterruptedException {
    for (int tries = 0; tries < TRIES; tries++) {
      SupervisorConnection connection = tryConnect(Protocol.HELLO_PIN, 0);
      if (connection != null) {
        connection.close();
        return;
      }
      if (launch(false)) {
        return;
      }
    }
    throw goesDown();
  }

  /// Connects if somebody listens; waits for the end of a sandbox that goes down.
  private @Nullable SupervisorConnection tryConnect(int flags, int ids)
      throws SandboxException, InterruptedException {
    if (!Files.exists(directory.socket())) {
      return null;
    }
    try {
      return SupervisorConnection.open(directory.socket(), directory.name(), flags, ids);
    } catch (SandboxStoppingException e) {
      awaitDown();
      return null;
    } catch (SandboxLostException e) {
      return null; // it went as we came
    } catch (SandboxException e) {
      throw e;
    } catch (IOException e) {
      return null; // nobody listens: the supervisor has gone without tidying up, or is about to
    }
  }

  private SandboxException goesDown() {
    return new SandboxException(
        "sandbox \"" + directory.name() + "\" goes down as soon as it is up");
  }

  /// Connects to the supervisor.
  ///
  /// @throws SandboxException if none runs
  SupervisorConnection connectIfRunning(int flags) throws SandboxException, InterruptedException {
    try {
      return SupervisorConnection.open(directory.socket(), directory.name(), flags, 0);
    } catch (SandboxStoppingException e) {
      throw new SandboxException("sandbox \"" + directory.name() + "\" is stopping", e);
    } catch (SandboxException e) {
      throw e;
    } catch (IOException e) {
      if (!directory.exists()) {
        throw new NoSuchSandboxException(directory.name());
      }
      throw new SandboxException("sandbox \"" + directory.name() + "\" is not running", e);
    }
  }

  private void awaitDown() throws SandboxException, InterruptedException {
    try {
      directory.awaitUnsupervised();
    } catch (IOException e) {
      throw SandboxException.of("cannot wait for sandbox \"" + directory.name() + "\"", e);
    }
  }

  /// Starts a supervisor, unless one runs.
  ///
  /// @return whether it did
  private boolean launch(boolean transientSandbox) throws SandboxException, InterruptedException {
    try (StartLock lock = directory.lockForStart()) {
      lock.hold();
      if (directory.isSupervised()) {
        if (directory.state().equals("running")) {
          return false;
        }
        directory.awaitUnsupervised();
      }
      if (!directory.exists()) {
        throw new NoSuchSandboxException(directory.name());
      }
      if (!directory.state().isEmpty() && !directory.state().startsWith("stopped")) {
        directory.tell("crashed");
        notices.accept(
            "the supervisor of sandbox \"" + directory.name() + "\" was killed; starting it again");
      }
      launch(lock, transientSandbox);
      return true;
    } catch (BootException e) {
      throw new BootException(e.getMessage() + " (see " + directory.supervisorLog() + ")");
    } catch (NoSuchFileException e) {
      throw new NoSuchSandboxException(directory.name());
    } catch (SandboxException e) {
      throw e;
    } catch (IOException e) {
      throw bootException(e);
    }
  }

  /// Starts a supervisor. None runs, and the caller holds the lock.
  void launch(StartLock lock, boolean transientSandbox)
      throws SandboxException, InterruptedException {
    lock.hold();
    try {
      SupervisorLauncher.launch(
          Distribution.find(), directory, transientSandbox, notices, progress);
    } catch (IOException e) {
      throw bootException(e);
    } catch (InterruptedException e) {
      progress.accept("");
      throw e;
    }
  }

  private BootException bootException(IOException e) {
    return new BootException(
        "cannot start sandbox \"" + directory.name() + "\": " + e.getMessage());
  }

  /// Stops the sandbox and waits until it is down.
  void stop(Duration grace) throws SandboxException, InterruptedException {
    end("stop", new Frame.Stop(Math.min(grace.toMillis(), Integer.MAX_VALUE)));
  }

  /// Ends the VM at once.
  void kill() throws SandboxException, InterruptedException {
    end("kill", new Frame.PowerOff());
  }

  private void end(String what, Frame request) throws SandboxException, InterruptedException {
    try {
      directory.home().check(); // what is waited for here is not another user's
      awaitStart();
      if (Files.exists(directory.socket())) {
        try (SupervisorConnection connection =
            SupervisorConnection.open(directory.socket(), directory.name(), 0, 0)) {
          connection.end(request);
        } catch (VersionMismatchException e) {
          throw e;
        } catch (IOException e) {
          // it is going down, or nobody is there: both are waited for below
        }
      }
      directory.awaitUnsupervised();
    } catch (IOException e) {
      throw SandboxException.of("cannot " + what + " sandbox \"" + directory.name() + "\"", e);
    }
  }

  /// Waits until the sandbox is down.
  SandboxEnd awaitEnd() throws SandboxException, InterruptedException {
    try {
      awaitStart();
      String last = directory.awaitUnsupervised();
      return SandboxEnd.parse(last.isEmpty() ? directory.state() : last);
    } catch (IOException e) {
      throw SandboxException.of("cannot wait for sandbox \"" + directory.name() + "\"", e);
    }
  }

  /// Waits for whoever starts the sandbox at the moment: before it is up it cannot be asked
  /// anything.
  private void awaitStart() throws IOException, InterruptedException {
    try (StartLock lock = directory.lockForStart()) {
      lock.hold();
    } catch (NoSuchFileException e) {
      // there is no sandbox, so nobody starts it
    }
  }
}
