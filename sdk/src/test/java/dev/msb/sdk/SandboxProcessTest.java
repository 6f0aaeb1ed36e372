package dev.msb.sdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msb.protocol.EndReason;
import dev.msb.protocol.ErrorCode;
import dev.msb.protocol.ExitRecord;
import dev.msb.protocol.FailureKind;
import dev.msb.protocol.Frame;
import dev.msb.protocol.Protocol;
import dev.msb.protocol.StdStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class SandboxProcessTest {
  private static final int WINDOW = Protocol.DEFAULT_WINDOW_BYTES;

  private final FakeSupervisor supervisor;
  private final long id;

  SandboxProcessTest() throws Exception {
    supervisor = new FakeSupervisor();
    id = supervisor.id();
  }

  @AfterEach
  void close() throws IOException {
    supervisor.close();
  }

  @Test
  void aTurnGoesThereAndBack() throws Exception {
    SandboxProcess process = supervisor.running(WINDOW);
    process.getOutputStream().write("ask\n".getBytes(StandardCharsets.UTF_8)); // and no flush
    Frame.Data asked = supervisor.expect(Frame.Data.class);
    assertThat(asked).isEqualTo(data(StdStream.STDIN, 0, "ask\n"));
    supervisor.send(data(StdStream.STDOUT, 0, "reply\n"));
    assertThat(process.inputReader().readLine()).isEqualTo("reply");
    assertThat(process.pid()).isEqualTo(42);
  }

  @Test
  void aWriterWaitsForCredit() throws Exception {
    SandboxProcess process = supervisor.running(100);
    Future<Void> writing = writing(process, 250);
    assertThat(supervisor.expect(Frame.Data.class).bytes().remaining()).isEqualTo(100);
    assertThat(isWaiting(writing)).isTrue();
    supervisor.send(new Frame.Credit(id, StdStream.STDIN, 250));
    Frame.Data rest = supervisor.expect(Frame.Data.class);
    assertThat(rest.offset()).isEqualTo(100);
    assertThat(rest.bytes().remaining()).isEqualTo(150);
    writing.get();
  }

  @Test
  void aWriterThatWaitsIsTheOneToSeeABrokenPipe() throws Exception {
    SandboxProcess process = supervisor.running(100);
    Future<Void> writing = writing(process, 250);
    supervisor.expect(Frame.Data.class);
    supervisor.send(new Frame.Close(id, StdStream.STDIN, 50));
    assertThatThrownBy(writing::get).hasMessageContaining("Broken pipe");
    process.awaitStdinClosed();
    assertThat(process.isAlive()).isTrue();
    process.getOutputStream().close(); // says nothing more
  }

  @Test
  void closingStdinIsEndOfFileAfterEveryByte() throws Exception {
    SandboxProcess process = supervisor.running(WINDOW);
    try (OutputStream stdin = process.getOutputStream()) {
      stdin.write(new byte[40_000]);
    }
    long total = 0;
    while (total < 40_000) {
      total += supervisor.expect(Frame.Data.class).bytes().remaining();
    }
    assertThat(supervisor.expect(Frame.Close.class))
        .isEqualTo(new Frame.Close(id, StdStream.STDIN, 40_000));
    supervisor.send(data(StdStream.STDOUT, 0, "still here"));
    assertThat(process.getInputStream().readNBytes(10)).hasSize(10);
  }

  @Test
  void theStatusIsKnownWhileTheOutputIsStillUnderWay() throws Exception {
    SandboxProcess process = supervisor.running(WINDOW);
    supervisor.send(exit(false, 3, 4));
    assertThat(process.waitFor()).isEqualTo(3);
    supervisor.send(data(StdStream.STDOUT, 0, "late"));
    supervisor.send(new Frame.Close(id, StdStream.STDOUT, 4));
    supervisor.send(new Frame.Close(id, StdStream.STDERR, 0));
    assertThat(process.getInputStream().readAllBytes())
        .isEqualTo("late".getBytes(StandardCharsets.UTF_8));
    assertThat(process.getErrorStream().readAllBytes()).isEmpty();
    assertThat(process.exitStatus()).contains(new ExitStatus.Exited(3));
    assertThat(supervisor.clientClosed()).isTrue();
  }

  @Test
  void endsAreToldApart() throws Exception {
    SandboxProcess process = supervisor.running(WINDOW);
    supervisor.send(exit(true, 15, 0));
    assertThat(process.awaitExit()).isEqualTo(new ExitStatus.Signaled(15, false));
    assertThat(process.exitValue()).isEqualTo(143);
    assertThat(new ExitStatus.TimedOut(new ExitStatus.Exited(0)).exitValue()).isEqualTo(124);
    assertThat(new ExitStatus.TimedOut(new ExitStatus.Exited(0)).success()).isFalse();
  }

  @Test
  void aTruncatedOutputIsAnErrorNotAnEnd() throws Exception {
    SandboxProcess process = supervisor.running(WINDOW);
    supervisor.send(data(StdStream.STDOUT, 0, "some"));
    supervisor.send(new Frame.Close(id, StdStream.STDOUT, 9));
    InputStream stdout = process.getInputStream();
    assertThat(stdout.readNBytes(4)).hasSize(4);
    assertThatThrownBy(stdout::read)
        .isInstanceOf(SandboxLostException.class)
        .hasMessage("the output is truncated: 4 of 9 bytes came");
    assertThat(process.awaitExit())
        .isEqualTo(new ExitStatus.Lost("the output is truncated: 4 of 9 bytes came"));
  }

  @Test
  void whatCameBeforeALossIsReadable() throws Exception {
    SandboxProcess process = supervisor.running(WINDOW);
    supervisor.send(new Frame.Error(0, ErrorCode.AGENT_LOST, "QEMU was killed by signal 9"));
    supervisor.send(data(StdStream.STDOUT, 0, "last"));
    supervisor.hangUp();
    InputStream stdout = process.getInputStream();
    assertThat(stdout.readNBytes(4)).isEqualTo("last".getBytes(StandardCharsets.UTF_8));
    assertThatThrownBy(stdout::read)
        .isInstanceOf(SandboxLostException.class)
        .hasMessage("QEMU was killed by signal 9");
    assertThat(process.waitFor()).isEqualTo(125);
  }

  @Test
  void moreThanWasGrantedIsNotTaken() throws Exception {
    SandboxProcess process = supervisor.running(WINDOW);
    for (int at = 0; at < WINDOW; at += 32_768) {
      supervisor.send(new Frame.Data(id, StdStream.STDOUT, at, ByteBuffer.allocate(32_768)));
    }
    supervisor.send(data(StdStream.STDOUT, WINDOW, "!"));
    assertThat(process.awaitExit())
        .isEqualTo(new ExitStatus.Lost("data at offset 262144 that was not granted"));
  }

  @Test
  void readingGrantsInLargePieces() throws Exception {
    SandboxProcess process = supervisor.running(WINDOW);
    supervisor.send(new Frame.Data(id, StdStream.STDOUT, 0, ByteBuffer.allocate(65_000)));
    supervisor.send(new Frame.Data(id, StdStream.STDOUT, 65_000, ByteBuffer.allocate(65_000)));
    for (int i = 0; i < 130; i++) {
      assertThat(process.getInputStream().readNBytes(1000)).hasSize(1000);
    }
    long first = supervisor.expect(Frame.Credit.class).offset();
    assertThat(first).isEqualTo(WINDOW + 66_000);
    process.getInputStream().close();
    assertThat(supervisor.expect(Frame.Close.class))
        .isEqualTo(new Frame.Close(id, StdStream.STDOUT, 130_000));
  }

  @Test
  void closingAStreamEndsAReadThatWaits() throws Exception {
    SandboxProcess process = supervisor.running(WINDOW);
    Future<Integer> reading = supervisor.inBackground(() -> process.getInputStream().read());
    assertThat(isWaiting(reading)).isTrue();
    process.getInputStream().close();
    assertThatThrownBy(reading::get).cause().isInstanceOf(IOException.class);
    assertThatThrownBy(() -> process.getInputStream().read()).hasMessage("Stream closed");
  }

  @Test
  void onExitRunsUsersCodeOffTheReader() throws Exception {
    SandboxProcess process = supervisor.running(WINDOW);
    Future<Thread> thread =
        supervisor.inBackground(
            () -> process.onExit().thenApply(p -> Thread.currentThread()).get());
    supervisor.send(exit(false, 0, 0));
    assertThat(thread.get().getName()).isNotEqualTo("msb-box-reader");
  }

  @Test
  void aStartThatFailsSaysWhyAndWhatToDo() throws Exception {
    Future<SandboxProcess> starting = supervisor.starting("nope");
    supervisor.expect(Frame.Start.class);
    supervisor.send(new Frame.Failed(id, FailureKind.NOT_FOUND, 2, "execve", "nope"));
    assertThatThrownBy(starting::get)
        .isInstanceOf(ExecutionException.class)
        .cause()
        .isInstanceOf(StartFailedException.class)
        .hasMessage(
            "cannot run \"nope\": not found (execve: ENOENT); is it in the image, and on its PATH?");
  }

  @Test
  void aLongCommandGoesInPieces() throws Exception {
    Future<SandboxProcess> starting =
        supervisor.starting("echo", "x".repeat(75_000), "y".repeat(75_000));
    assertThat(supervisor.expect(Frame.Part.class).bytes().remaining()).isEqualTo(65_536);
    supervisor.expect(Frame.Part.class);
    supervisor.hangUp();
    assertThatThrownBy(starting::get).cause().isInstanceOf(SandboxLostException.class);
  }

  @Test
  void whatExecveWouldNotTakeIsRefused() throws Exception {
    Future<SandboxProcess> word = supervisor.starting("echo", "x".repeat(131_072));
    assertThatThrownBy(word::get)
        .cause()
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a word of the command takes 131072 bytes, more than the 131071 possible");
    String[] words = new String[18];
    Arrays.fill(words, "x".repeat(131_000));
    Future<SandboxProcess> all = supervisor.starting(words);
    assertThatThrownBy(all::get)
        .cause()
        .isInstanceOf(StartFailedException.class)
        .hasMessageContaining("they take 2358072 bytes, more than the 2146304 possible");
  }

  @Test
  void waitingIsInterruptible() throws Exception {
    SandboxProcess process = supervisor.running(WINDOW);
    assertThat(process.waitFor(1, TimeUnit.MILLISECONDS)).isFalse();
    Thread.currentThread().interrupt();
    assertThatThrownBy(process::waitFor).isInstanceOf(InterruptedException.class);
  }

  private Future<Void> writing(SandboxProcess process, int length) {
    return supervisor.inBackground(() -> {
      process.getOutputStream().write(new byte[length]);
      return null;
    });
  }

  /// A thread that waits stays so: it can be seen not to have ended, and what follows proves that
  /// it was not before.
  private static boolean isWaiting(Future<?> future) throws Exception {
    try {
      future.get(50, TimeUnit.MILLISECONDS);
      return false;
    } catch (TimeoutException e) {
      return true;
    }
  }

  private Frame.Data data(StdStream stream, long offset, String text) {
    return new Frame.Data(
        id, stream, offset, ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
  }

  private Frame exit(boolean signaled, int code, long stdoutTotal) {
    return new Frame.Exit(
        id,
        new ExitRecord(
            signaled, code, false, false, false, EndReason.NONE, stdoutTotal, 0, 0, 0, 0, 0, 0));
  }
}
