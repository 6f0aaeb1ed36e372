package dev.msb.sdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msb.protocol.EndReason;
import dev.msb.protocol.ErrorCode;
import dev.msb.protocol.ExitRecord;
import dev.msb.protocol.FileRequest;
import dev.msb.protocol.Frame;
import dev.msb.protocol.StdStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What a user sees of a guest that does not answer, when the supervisor has given it up.
@Timeout(60)
class SilentGuestTest {
  private static final String WHY = "the guest has not answered for 60 s";

  private final FakeSupervisor supervisor = new FakeSupervisor();
  private final long id = supervisor.id();

  SilentGuestTest() throws Exception {}

  @AfterEach
  void close() throws Exception {
    supervisor.close();
  }

  @Test
  void aProcessThatIsNotStartedFails() throws Exception {
    Future<SandboxProcess> starting = supervisor.starting("cat");
    supervisor.expect(Frame.Start.class);
    supervisor.send(new Frame.Error(id, ErrorCode.NO_ANSWER, WHY));
    assertThatThrownBy(starting::get)
        .cause()
        .isInstanceOf(NoAnswerException.class)
        .hasMessage("cannot run \"cat\": " + WHY)
        .extracting(e -> ((NoAnswerException) e).exitValue())
        .isEqualTo(125);
  }

  @Test
  void aProcessWhoseTimeRunsOutBeforeItStartsIs124() throws Exception {
    Future<SandboxProcess> starting = supervisor.starting("cat");
    supervisor.expect(Frame.Start.class);
    supervisor.send(new Frame.Error(id, ErrorCode.TIMED_OUT, WHY));
    assertThatThrownBy(starting::get)
        .cause()
        .isInstanceOf(NoAnswerException.class)
        .extracting(e -> ((NoAnswerException) e).exitValue())
        .isEqualTo(124);
  }

  @Test
  void aProcessThatTheGuestDoesNotEndHasTimedOutAndItsOutputIsThere() throws Exception {
    SandboxProcess process = supervisor.running(1000);
    supervisor.send(
        new Frame.Data(id, StdStream.STDOUT, 0, ByteBuffer.wrap(new byte[] {'h', 'i'})),
        new Frame.Error(id, ErrorCode.TIMED_OUT, WHY),
        new Frame.Exit(id, killed(EndReason.TIMEOUT, 2)),
        new Frame.Close(id, StdStream.STDOUT, 2),
        new Frame.Close(id, StdStream.STDERR, 0));
    assertThat(process.awaitExit())
        .isEqualTo(new ExitStatus.TimedOut(new ExitStatus.Lost(WHY)))
        .extracting(ExitStatus::exitValue)
        .isEqualTo(124);
    assertThat(process.getInputStream().readAllBytes()).asString().isEqualTo("hi");
  }

  @Test
  void outputThatIsMissingIsNoQuietSuccess() throws Exception {
    SandboxProcess process = supervisor.running(1000);
    supervisor.send(
        new Frame.Exit(id, killed(EndReason.NONE, 20)),
        new Frame.Data(id, StdStream.STDOUT, 0, ByteBuffer.wrap(new byte[] {'h', 'i'})),
        new Frame.Error(id, ErrorCode.NO_ANSWER, "output is missing"),
        new Frame.Close(id, StdStream.STDOUT, 2),
        new Frame.Close(id, StdStream.STDERR, 0));
    InputStream out = process.getInputStream();
    assertThat(out.readNBytes(2)).asString().isEqualTo("hi");
    assertThatThrownBy(out::read)
        .isInstanceOf(SandboxLostException.class)
        .hasMessage("output is missing");
  }

  /// Its server reads and says nothing.
  @Test
  void aFileServerThatDoesNotAnswerEndsTheCall() throws Exception {
    PipedInputStream replies = new PipedInputStream();
    FileTransport silent =
        new FileTransport() {
          private final PipedOutputStream end = new PipedOutputStream(replies);

          @Override
          public InputStream replies() {
            return replies;
          }

          @Override
          public OutputStream requests() {
            return OutputStream.nullOutputStream();
          }

          @Override
          public String silence() {
            return WHY;
          }

          @Override
          public String end() {
            return "it ended";
          }

          @Override
          public void close() {
            try {
              end.close();
            } catch (IOException e) {
              throw new AssertionError(e);
            }
          }
        };
    FileConnection connection =
        FileConnection.open(silent, "box", Duration.ofSeconds(60), Duration.ofSeconds(1));
    FileRequest request = new FileRequest.RealPath(FileRequest.Name.of("/"));
    assertThatThrownBy(() -> connection.call(request, "/"))
        .isInstanceOf(NoAnswerException.class)
        .hasMessage("files: no answer for 1 s: " + WHY);
  }

  private static ExitRecord killed(EndReason reason, long stdoutTotal) {
    return new ExitRecord(true, 9, false, false, false, reason, stdoutTotal, 0, 0, 0, 0, 0, 0);
  }
}
