package dev.msb.protocol;

import java.nio.ByteBuffer;
import java.util.List;

/// One message on the wire. [FrameCodec] turns it into bytes and back; `docs/protocol.md` says when
/// each may be sent.
///
/// ```
///   client                               agent
///     | -- START --------------------->  |
///     | <--------------------- STARTED - |   or FAILED, which ends the exec
///     | -- DATA(stdin) -------------->   |  \
///     | <--------------- DATA(stdout) -- |   |  any number, any order between streams,
///     | -- CREDIT(stdout) ----------->   |   |  within the credit
///     | <-------------- CREDIT(stdin) -- |  /
///     | -- CLOSE(stdin) ------------->   |     end of file for the process
///     | <------------------------ EXIT - |     may overtake DATA; ends stdin too
///     | <------- DATA.. CLOSE(stdout) -- |
///     | <------- DATA.. CLOSE(stderr) -- |     EXIT and both CLOSEs seen: the exec is over
/// ```
public sealed interface Frame {

  /// The owner that it belongs to: an exec or a link, or 0 for the connection itself. See
  /// [Protocol#LINK].
  default long owner() {
    return 0;
  }

  /// What a client may send to a supervisor.
  sealed interface FromClient extends Frame {}

  /// What a supervisor may send to the agent.
  sealed interface ToAgent extends Frame {}

  /// What a supervisor may send to a client.
  sealed interface ToClient extends Frame {}

  /// What the agent may send.
  sealed interface FromAgent extends Frame {}

  /// A frame about an exec, or in a few cases about the connection.
  sealed interface OfExec extends Frame {
    /// The exec's number; 0 for the connection.
    long exec();

    @Override
    default long owner() {
      return exec();
    }
  }

  /// Opens a client's connection.
  record Hello(int lowestVersion, int highestVersion, long features, int flags, int ids)
      implements FromClient {}

  /// Answers HELLO: the version, and the exec ids that are this client's.
  record Welcome(int version, long features, long firstId, int ids) implements ToClient {}

  /// Something is wrong; `exec` is 0 unless the code speaks of one exec.
  @SuppressWarnings("AvoidCommonTypeNames") // it is the name in the protocol
  record Error(long exec, ErrorCode code, String text) implements OfExec, ToClient, FromAgent {}

  /// Asks for a PONG from the agent.
  record Ping(long token) implements ToAgent {}

  /// Asks the supervisor whether the agent answers: PONG, or ERROR after so long.
  record Probe(long token, long waitMillis) implements FromClient {}

  /// Answers PING and PROBE.
  record Pong(long token) implements ToClient, FromAgent {}

  /// Stops the sandbox: SIGTERM to all execs, SIGKILL after the grace, power off.
  record Stop(long graceMillis) implements FromClient {}

  /// Asks for LISTING.
  record ListExecs() implements FromClient {}

  /// Answers LIST, in one or more frames.
  record Listing(boolean last, List<ListedExec> execs) implements ToClient {}

  /// Ends the VM at once.
  record PowerOff() implements FromClient {}

  /// Asks for COUNTS.
  record Count() implements FromClient {}

  /// Answers COUNT.
  record Counts(VmCounts counts) implements ToClient {}

  /// A piece of a START that is too long for one frame.
  record Part(long exec, ByteBuffer bytes) implements OfExec, FromClient, ToAgent {}

  /// Starts a process.
  record Start(long exec, StartRequest request) implements OfExec, FromClient, ToAgent {}

  /// Sends a signal to the exec's process group. Linux numbering.
  record Signal(long exec, int signal) implements OfExec, FromClient, ToAgent {}

  /// Sets the terminal's size.
  record Resize(long exec, int rows, int columns) implements OfExec, FromClient, ToAgent {}

  /// Ends the exec's process group: SIGTERM, SIGKILL after the grace.
  record Kill(long exec, EndReason reason, long graceMillis)
      implements OfExec, FromClient, ToAgent {}

  /// Asks for an exec's streams; `watch` takes only copies.
  record Attach(
      long exec,
      boolean watch,
      long stdoutOffset,
      long stderrOffset,
      int stdoutWindow,
      int stderrWindow)
      implements OfExec, FromClient {}

  /// Leaves an exec that goes on without a client.
  record Detach(long exec) implements OfExec, FromClient {}

  /// Bytes of a stream; `offset` is that of the first one.
  record Data(long owner, StdStream stream, long offset, ByteBuffer bytes)
      implements FromClient, ToAgent, ToClient, FromAgent {}

  /// The writer of the stream may send up to `offset`, exclusive.
  record Credit(long owner, StdStream stream, long offset)
      implements FromClient, ToAgent, ToClient, FromAgent {}

  /// From the writing end: end of file at `offset`. From the reading end: a broken pipe.
  record Close(long owner, StdStream stream, long offset)
      implements FromClient, ToAgent, ToClient, FromAgent {}

  /// Asks the other end for a link. What `target` means depends on the kind, see [LinkKind].
  ///
  /// @param window the first credit of the stream that the sender reads, in bytes
  record Open(long owner, int kind, int window, String target)
      implements FromClient, ToAgent, FromAgent {}

  /// Answers OPEN: bytes may flow. `window` is as in [Open].
  record Opened(long owner, int window) implements ToAgent, ToClient, FromAgent {}

  /// Answers OPEN: there is no link. `errno` is Linux's.
  record Refused(long owner, int errno, String why) implements ToAgent, ToClient, FromAgent {}

  /// Ends a link in both directions at once; bytes under way are lost. `errno` is Linux's.
  record Reset(long owner, int errno) implements FromClient, ToAgent, ToClient, FromAgent {}

  /// The process runs, with this number in the guest.
  record Started(long exec, long pid, long stdinCredit) implements OfExec, ToClient, FromAgent {}

  /// The process could not be started; `errno` is Linux's, 0 if none applies.
  record Failed(long exec, FailureKind kind, int errno, String step, String subject)
      implements OfExec, ToClient, FromAgent {}

  /// The process has ended.
  record Exit(long exec, ExitRecord status) implements OfExec, ToClient, FromAgent {}

  /// Answers ATTACH: where each stream stands.
  record Attached(
      long exec,
      long pid,
      long stdinReceived,
      long stdinCredit,
      long stdoutOffset,
      long stderrOffset,
      boolean stdinClosed,
      boolean terminal)
      implements OfExec, ToClient {}

  /// The agent waits for CONFIGURE.
  record Ready(int lowestVersion, int highestVersion, long features, String build)
      implements FromAgent {}

  /// What makes this guest this sandbox.
  record Configure(GuestConfiguration configuration) implements ToAgent {}

  /// A piece of a CONFIGURE that is too long for one frame.
  record ConfigurePart(ByteBuffer bytes) implements ToAgent {}

  /// The guest is set up and takes execs.
  record Configured(long bootMillis) implements FromAgent {}

  /// The guest could not be set up.
  record BootFailed(int errno, String step, String subject) implements FromAgent {}

  /// End every process, unmount, power off.
  record Shutdown(long graceMillis) implements ToAgent {}

  /// Sets the guest's clock, in nanoseconds since 1970.
  record Clock(long realtimeNanos) implements ToAgent {}
}
