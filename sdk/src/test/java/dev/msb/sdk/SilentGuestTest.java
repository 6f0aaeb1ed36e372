package dev.msb.sdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msb.files.FileTransport;
import dev.msb.protocol.EndReason;
import dev.msb.protocol.ErrorCode;
import dev.msb.protocol.ExitRecord;
import dev.msb.protocol.Frame;
import dev.msb.protocol.StdStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
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

  @Test
  void aFileServerThatDoesNotAnswerIsToldFromItsGuest() throws Exception {
    FileTransport files = fileServer();
    Future<IOException> asking = supervisor.inBackground(() -> files.silent("files: no answer"));
    Frame.Probe probe = supervisor.expect(Frame.Probe.class);
    supervisor.send(new Frame.Pong(probe.token()));
    assertThat(asking.get())
        .isInstanceOf(NoAnswerException.class)
        .hasMessage("files: no answer: the guest answers, its file server does not");
    assertThat(files.again(asking.get())).isInstanceOf(NoAnswerException.class);
  }

  @Test
  void aFileServerThatEndsTellsHow() throws Exception {
    FileTransport files = fileServer();
    supervisor.send(
        new Frame.Exit(id, killed(EndReason.NONE, 0)),
        new Frame.Close(id, StdStream.STDOUT, 0),
        new Frame.Close(id, StdStream.STDERR, 0));
    IOException ended = files.ended(new IOException("nothing more"));
    assertThat(ended)
        .isInstanceOf(SandboxLostException.class)
        .hasMessageStartingWith("the file server of sandbox \"box\" ended: ");
    assertThat(files.again(ended)).isInstanceOf(SandboxLostException.class);
  }

  private FileTransport fileServer() throws Exception {
    Future<FileServerExec> starting =
        supervisor.inBackground(() -> FileServerExec.start(supervisor.connection(), "box", ""));
    supervisor.expect(Frame.Start.class);
    supervisor.send(new Frame.Started(id, 42, 1000));
    return starting.get();
  }

  private static ExitRecord killed(EndReason reason, long stdoutTotal) {
    return new ExitRecord(true, 9, false, false, false, reason, stdoutTotal, 0, 0, 0, 0, 0, 0);
  }
}
