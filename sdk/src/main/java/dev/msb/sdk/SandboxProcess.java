package dev.msb.sdk;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.Charset;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/// A process inside a sandbox, driven like any other [Process].
///
/// The two input streams must be read: each holds at most 256 KiB, then the process blocks, as on a
/// full pipe. What has arrived stays readable after the process has ended. Closing an input stream
/// breaks the guest's pipe; closing the output stream is end of file there.
///
/// If the sandbox goes away, reads throw [SandboxLostException] when what had arrived is read, and
/// [#exitStatus] tells why.
///
/// **Threads.** All methods may be called from any thread. Waiting for the end is interruptible.
/// Reads and writes of the streams are not, as with a local process; closing a stream from another
/// thread ends them with an [IOException].
///
/// **Differences from a process of [ProcessBuilder]**, all there are:
///
/// - There is no host process behind this object, and [#pid] is a number in the guest. So that no
///   program of the host's is taken for it, [#toHandle], [#info], [#children] and [#descendants]
///   throw [UnsupportedOperationException], as `Process` allows.
/// - [#getOutputStream] does not buffer: what is written is on its way without a flush. (The
///   [#outputWriter] does buffer, as everywhere.)
/// - What it is sent on stdin leaves the driver before it reads it, up to 320 KiB ahead. What it
///   did not read in the end is lost; [ExitDetails#stdinRead] tells how much it read.
/// - The input streams do not support mark and reset.
/// - [#signal], [#destroy] and [#destroyForcibly] reach the process and the processes of its group,
///   not it alone.
/// - [#exitValue] is 124 if its timeout ran out and 125 if it was lost with its sandbox.
/// - It ends when the driver's JVM does, unless it was started with [SandboxProcessBuilder#keep].
/// - A read or write that waits is ended at once when its stream is closed by another thread; with
///   a local process it may go on until the process acts.
public final class SandboxProcess extends Process implements Closeable {
  private final ClientExec exec;
  private final SupervisorConnection connection;
  private final ReentrantLock closing = new ReentrantLock();
  private boolean closed; // guarded by closing

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

  /// Whether it has a terminal.
  public boolean hasTerminal() {
    return exec.hasTerminal();
  }

  /// Leaves it to itself; see [Sandbox#attach]. It must have been started with
  /// [SandboxProcessBuilder#keep] or have a terminal. With a terminal, reads that are under way
  /// fail and whoever attaches gets what was not read here; otherwise the last bytes may come
  /// again.
  public void detach() {
    exec.leave();
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
      throw new IllegalThreadStateException("process hasn't exited");
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

  /// Tells its terminal which size it has. The foreground processes get SIGWINCH, also if it has
  /// that size already: most programs draw their screen anew then.
  ///
  /// @throws SandboxException if the sandbox is gone
  public void resize(TerminalSize size) throws SandboxException {
    exec.resize(size);
  }

  /// Waits until the process wants no more input: it closed its stdin, or has ended.
  public void awaitStdinClosed() {
    exec.stdin().awaitBroken();
  }

  /// SIGTERM to its process group. Closes the three streams, as the same method of a local process
  /// does: use [#signal] to read what it says in the end.
  @Override
  public void destroy() {
    destroy(Signal.TERM);
  }

  /// SIGKILL to its process group. Closes the three streams.
  @Override
  public Process destroyForcibly() {
    destroy(Signal.KILL);
    return this;
  }

  private void destroy(Signal signal) {
    try {
      signal(signal);
    } catch (IOException e) {
      // the sandbox is gone, and the process with it
    }
    exec.stdin().close();
    exec.stdout().close();
    exec.stderr().close();
  }

  @Override
  public boolean supportsNormalTermination() {
    return true;
  }

  /// Closes the three streams and waits for the process to end; what was not read is lost. If
  /// interrupted it kills the process, and returns, with the interrupt status set, when that has
  /// ended. A second call does nothing. This is the contract of `Process.close` from Java 26 on.
  ///
  /// @throws IOException if what [#outputWriter] still held could not be written; the process has
  ///   ended then, too
  @Override
  public void close() throws IOException {
    closing.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      closeStreams();
    } finally {
      closing.unlock();
    }
  }

  private void closeStreams() throws IOException {
    try {
      if (!isWriteWaiting()) { // else its writer is in use, and would have us wait, too
        existingWriter().close();
      }
    } finally {
      exec.stdin().close();
      exec.stdout().close();
      exec.stderr().close();
      awaitEndUninterruptibly();
      connection.close();
    }
  }

  boolean isWriteWaiting() {
    return exec.stdin().isWaiting();
  }

  /// [Process] keeps its writer to itself, and gives it only to those who know its charset. If
  /// there is none yet this makes one, which is as good.
  private Closeable existingWriter() {
    try {
      return outputWriter();
    } catch (IllegalStateException another) {
      for (Charset charset : Charset.availableCharsets().values()) {
        try {
          return outputWriter(charset);
        } catch (IllegalStateException stillAnother) {
          // try the next
        }
      }
      return getOutputStream();
    }
  }

  private void awaitEndUninterruptibly() {
    boolean interrupted = false;
    while (true) {
      try {
        exec.awaitEnd();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
        destroyForcibly();
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public String toString() {
    ExitStatus status = exec.status();
    return "SandboxProcess[id="
        + id()
        + ", pid="
        + pid()
        + ", exitValue="
        + (status == null ? "\"not exited\"" : status.exitValue())
        + "]";
  }
}
