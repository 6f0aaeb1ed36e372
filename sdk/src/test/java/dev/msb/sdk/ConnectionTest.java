package dev.msb.sdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msb.protocol.ErrorCode;
import dev.msb.protocol.Frame;
import dev.msb.protocol.FrameCodec;
import dev.msb.protocol.Protocol;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The first words of a connection, and interrupts in the middle of it.
@Timeout(30)
class ConnectionTest {
  private final Path path;
  private final ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Future<SupervisorConnection> opening;
  private final SocketChannel socket;

  ConnectionTest(@TempDir Path directory) throws IOException {
    path = directory.resolve("socket");
    server.bind(UnixDomainSocketAddress.of(path));
    opening =
        threads.submit(
            () -> SupervisorConnection.open(FakeSupervisor.transport(path), "box", 0, 1));
    socket = server.accept();
    ByteBuffer hello = ByteBuffer.allocate(16 + 24);
    while (hello.hasRemaining()) {
      assertThat(socket.read(hello)).isPositive();
    }
  }

  @AfterEach
  void close() throws IOException {
    socket.close();
    server.close();
    threads.close();
    Files.deleteIfExists(path);
  }

  @Test
  void aSupervisorWithoutACommonVersionIsOfAnotherMsb() throws Exception {
    send(new Frame.Error(0, ErrorCode.VERSION, "versions 2 to 3 are spoken here"));
    assertThatThrownBy(opening::get)
        .cause()
        .isInstanceOf(VersionMismatchException.class)
        .hasMessage(
            "sandbox \"box\" is run by another version of msb; this one speaks version 1 of the"
                + " protocol (versions 2 to 3 are spoken here): stop the sandbox with the msb that"
                + " started it, or use that version's library");
    assertThat(isClosed()).isTrue();
  }

  @Test
  void aSupervisorThatChoosesWhatWasNotOfferedToo() throws Exception {
    send(new Frame.Welcome(2, 0, 1, 1));
    assertThatThrownBy(opening::get).cause().isInstanceOf(VersionMismatchException.class);
    assertThat(isClosed()).isTrue();
  }

  @Test
  void aSupervisorThatHangsUpIsLost() throws Exception {
    socket.close();
    assertThatThrownBy(opening::get).cause().isInstanceOf(SandboxLostException.class);
  }

  @Test
  void anInterruptWhileNobodyAnswersClosesTheConnection() throws Exception {
    opening.cancel(true);
    assertThat(isClosed()).isTrue();
  }

  @Test
  void anInterruptedThreadStillSpeaksAndIsNotCutOff() throws Exception {
    send(new Frame.Welcome(Protocol.VERSION, 0, 7, 1));
    SupervisorConnection connection = opening.get();
    int frames = 100_000; // more than the socket holds: the writer has to wait
    Future<Boolean> writing =
        threads.submit(() -> {
          for (int i = 0; i < frames; i++) {
            Thread.currentThread().interrupt();
            connection.send(new Frame.Signal(7, 15));
          }
          return Thread.interrupted();
        });
    int left = frames * 17;
    ByteBuffer bytes = ByteBuffer.allocate(1 << 16);
    while (left > 0) {
      int count = socket.read(bytes.clear());
      assertThat(count).isPositive();
      left -= count;
    }
    assertThat(writing.get()).as("the interrupt status").isTrue();
    connection.close();
    assertThat(isClosed()).isTrue();
    assertThatThrownBy(() -> connection.send(new Frame.Signal(7, 15)))
        .isInstanceOf(SandboxLostException.class);
  }

  private void send(Frame frame) throws IOException {
    socket.write(ByteBuffer.wrap(FrameCodec.encode(frame)));
  }

  private boolean isClosed() throws IOException {
    return socket.read(ByteBuffer.allocate(1)) < 0;
  }
}
