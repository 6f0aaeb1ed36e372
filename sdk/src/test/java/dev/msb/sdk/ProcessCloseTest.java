package dev.msb.sdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msb.protocol.EndReason;
import dev.msb.protocol.ExitRecord;
import dev.msb.protocol.Frame;
import dev.msb.protocol.Protocol;
import dev.msb.protocol.StartRequest;
import dev.msb.protocol.StdStream;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What `Process.close` promises from Java 26 on, and what destroying a process closes.
@Timeout(30)
class ProcessCloseTest {
  private final FakeSupervisor supervisor;
  private final long id;

  ProcessCloseTest() throws Exception {
    supervisor = new FakeSupervisor();
    id = supervisor.id();
  }

  @AfterEach
  void close() throws IOException {
    supervisor.close();
  }

  @Test
  void closingWritesWhatTheWriterHoldsThenWaits() throws Exception {
    SandboxProcess process = supervisor.running(Protocol.DEFAULT_WINDOW_BYTES);
    BufferedWriter writer = process.outputWriter(StandardCharsets.UTF_16LE);
    writer.write("é");
    Future<Void> closing = closing(process);
    assertThat(supervisor.expect(Frame.Data.class))
        .isEqualTo(
            new Frame.Data(id, StdStream.STDIN, 0, ByteBuffer.wrap(new byte[] {(byte) 0xe9, 0})));
    expectCloses();
    assertThat(closing.isDone()).isFalse();
    end(0);
    closing.get();
    assertThat(supervisor.clientClosed()).isTrue();
    assertThat(process.exitValue()).isZero();
    process.close(); // once more, which does nothing
  }

  @Test
  void anInterruptedCloseKillsAndWaitsOn() throws Exception {
    SandboxProcess process = supervisor.running(Protocol.DEFAULT_WINDOW_BYTES);
    Future<Boolean> closing =
        supervisor.inBackground(() -> {
          Thread.currentThread().interrupt();
          process.close();
          return Thread.interrupted();
        });
    expectCloses();
    assertThat(supervisor.expect(Frame.Signal.class)).isEqualTo(new Frame.Signal(id, 9));
    assertThat(closing.isDone()).isFalse();
    end(9);
    assertThat(closing.get()).as("the interrupt status").isTrue();
  }

  @Test
  void aFailureToWriteIsToldWhenTheProcessHasEnded() throws Exception {
    SandboxProcess process = supervisor.running(Protocol.DEFAULT_WINDOW_BYTES);
    process.outputWriter().write("lost");
    supervisor.send(new Frame.Close(id, StdStream.STDIN, 0));
    process.awaitStdinClosed();
    Future<Void> closing = closing(process);
    supervisor.expect(Frame.Close.class);
    supervisor.expect(Frame.Close.class);
    assertThat(closing.isDone()).isFalse();
    end(0);
    assertThatThrownBy(closing::get).cause().hasMessageContaining("Broken pipe");
    assertThat(process.isAlive()).isFalse();
  }

  @Test
  void closingEndsReadsAndWritesThatWait() throws Exception {
    SandboxProcess process = supervisor.running(1);
    Future<String> reading = supervisor.inBackground(() -> process.inputReader().readLine());
    Future<Void> writing =
        supervisor.inBackground(() -> {
          try (BufferedWriter writer = process.outputWriter()) {
            writer.write("more than was granted");
          }
          return null;
        });
    supervisor.expect(Frame.Data.class); // the one byte that was granted
    while (!process.isWriteWaiting()) {
      Thread.onSpinWait();
    }
    Future<Void> closing = closing(process);
    assertThatThrownBy(reading::get).cause().hasMessage("Stream closed");
    assertThatThrownBy(writing::get).cause().hasMessage("Stream closed");
    expectCloses();
    end(0);
    closing.get();
  }

  @Test
  void destroyingClosesTheStreamsAsALocalProcessDoes() throws Exception {
    SandboxProcess process = supervisor.running(Protocol.DEFAULT_WINDOW_BYTES);
    process.destroy();
    assertThat(supervisor.expect(Frame.Signal.class)).isEqualTo(new Frame.Signal(id, 15));
    expectCloses();
    assertThatThrownBy(() -> process.getInputStream().read()).hasMessage("Stream closed");
    assertThatThrownBy(() -> process.getErrorStream().available()).hasMessage("Stream closed");
    assertThatThrownBy(() -> process.getOutputStream().write(1)).hasMessage("Stream closed");
    end(15);
    assertThat(process.waitFor()).isEqualTo(143);
  }

  @Test
  void whatIsWrittenToAProcessWithoutStdinIsRefused() throws Exception {
    Future<SandboxProcess> starting =
        supervisor.inBackground(() -> supervisor.builder("cat").noStdin().start());
    assertThat(supervisor.expect(Frame.Start.class).request().has(StartRequest.Flag.NO_STDIN))
        .isTrue();
    supervisor.send(new Frame.Started(id, 42, 0));
    SandboxProcess process = starting.get();
    assertThatThrownBy(() -> process.getOutputStream().write(1)).hasMessage("Stream closed");
    process.awaitStdinClosed();
  }

  private Future<Void> closing(SandboxProcess process) {
    return supervisor.inBackground(() -> {
      process.close();
      return null;
    });
  }

  private void expectCloses() throws IOException {
    for (StdStream stream : StdStream.values()) {
      assertThat(supervisor.expect(Frame.Close.class).stream()).isEqualTo(stream);
    }
  }

  private void end(int signal) throws IOException {
    boolean signaled = signal != 0;
    supervisor.send(
        new Frame.Exit(
            id,
            new ExitRecord(
                signaled, signal, false, false, false, EndReason.NONE, 0, 0, 0, 0, 0, 0, 0)),
        new Frame.Close(id, StdStream.STDOUT, 0),
        new Frame.Close(id, StdStream.STDERR, 0));
  }
}
