package dev.msb.sdk;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/// A process inside a sandbox, driven like any other [Process].
///
/// Bytes written to [#getOutputStream] reach the guest's stdin at once, without a flush; closing it
/// is end of file there. The two input streams must be read: each holds at most 256 KiB, then the
/// process blocks, as on a full pipe. What has arrived stays readable after the process has ended.
/// Closing an input stream breaks the guest's pipe.
///
/// If the sandbox goes away, reads throw [SandboxLostException] when what had arrived is read, and
/// [#exitStatus] tells why.
///
/// All methods may be called from any thread. Reads and writes of the streams are not
/// interruptible, as with a local process; closing a stream from another thread ends them. There is
/// no host process behind this object: [#toHandle], [#info] and [#children] throw
/// [UnsupportedOperationException].
public final class SandboxProcess extends Process implements Closeable {
  private final ClientExec exec;
  private final SupervisorConnection connection;

  SandboxProcess(ClientExec exec, SupervisorConnection connection) {
    this.exec = exec;
    this.connection = connection;
  }

  @Override
  public OutputStream getOutputStream() {
    return exec.stdin();
  }

  @Override
  public InputStream getInputStream() {
    return exec.stdout();
  }

  @Override
  public InputStream getErrorStream() {
    return exec.stderr();
  }

  /// Its number in the sandbox, by which another client can find it: see [Sandbox#attach].
  public long id() {
    return exec.id();
  }

  /// How many bytes of its stdout were read here, counted from its start.
  public long stdoutOffset() {
    return exec.stdout().taken();
  }

  /// How many bytes of its stderr were read here, counted from its start.
  public long stderrOffset() {
    return exec.stderr().taken();
  }

  /// Leaves it to itself. It must have been started with [SandboxProcessBuilder#keep].
  public void detach() {
    connection.close();
  }

  /// What is known of its end, once it has ended: totals, resources used.
  public Optional<ExitDetails> exitDetails() {
    return Optional.ofNullable(exec.record()).map(ExitDetails::of);
  }

  /// How it ended, once that is known. That may be before its last output was read.
  public Optional<ExitStatus> exitStatus() {
    return Optional.ofNullable(exec.status());
  }

  /// Waits until it has ended, and tells how.
  public ExitStatus awaitExit() throws InterruptedException {
    return exec.awaitEnd();
  }

  @Override
  public int waitFor() throws InterruptedException {
    return exec.awaitEnd().exitValue();
  }

  // Overridden because the inherited method polls. waitFor(Duration) calls this one.
  @Override
  public boolean waitFor(long timeout, TimeUnit unit) throws InterruptedException {
    return exec.awaitEnd(timeout, unit);
  }

  /// The code; 128 + n for death by signal n; 124 timed out; 125 if the sandbox went away.
  @Override
  public int exitValue() {
    ExitStatus status = exec.status();
    if (status == null) {
      throw new IllegalThreadStateException("the process has not ended");
    }
    return status.exitValue();
  }

  @Override
  public boolean isAlive() {
    return exec.status() == null;
  }

  /// Its number in the guest.
  @Override
  public long pid() {
    return exec.pid();
  }

  /// Completes on a thread of its own when the process has ended.
  @Override
  public CompletableFuture<Process> onExit() {
    CompletableFuture<Process> future = new CompletableFuture<>();
    Thread.ofVirtual()
        .name("msb-exit")
        .start(() -> {
          try {
            exec.awaitEnd();
            future.complete(this);
          } catch (InterruptedException e) {
            future.completeExceptionally(e);
          }
        });
    return future;
  }

  /// Sends a signal to its process group. Nothing happens if it has ended.
  ///
  /// @throws SandboxException if the sandbox is gone
  public void signal(Signal signal) throws SandboxException {
    exec.signal(signal.number());
  }

  /// Tells its terminal that it has another size.
  ///
  /// @throws SandboxException if the sandbox is gone
  public void resize(TerminalSize size) throws SandboxException {
    exec.resize(size);
  }

  /// Waits until the process wants no more input: it closed its stdin, or has ended.
  public void awaitStdinClosed() {
    exec.stdin().awaitBroken();
  }

  /// SIGTERM to its process group.
  @Override
  public void destroy() {
    signalQuietly(Signal.TERM);
  }

  /// SIGKILL to its process group.
  @Override
  public Process destroyForcibly() {
    signalQuietly(Signal.KILL);
    return this;
  }

  private void signalQuietly(Signal signal) {
    try {
      signal(signal);
    } catch (IOException e) {
      // the sandbox is gone, and the process with it
    }
  }

  @Override
  public boolean supportsNormalTermination() {
    return true;
  }

  /// Closes the three streams and waits for the process to end; if interrupted, kills it. This is
  /// the contract that `Process.close` has from Java 26 on.
  @Override
  public void close() throws IOException {
    getOutputStream().close();
    getInputStream().close();
    getErrorStream().close();
    try {
      exec.awaitEnd();
    } catch (InterruptedException e) {
      destroyForcibly();
      Thread.currentThread().interrupt();
    }
    connection.close();
  }
}
