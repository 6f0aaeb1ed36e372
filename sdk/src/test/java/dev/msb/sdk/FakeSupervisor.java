package dev.msb.sdk;

import dev.msb.protocol.Frame;
import dev.msb.protocol.FrameCodec;
import dev.msb.protocol.FrameParser;
import dev.msb.protocol.Protocol;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// The supervisor's end of a connection, played by the test over a real socket.
final class FakeSupervisor implements AutoCloseable {
  private static final long ID = 7;

  private final Path directory = Files.createTempDirectory("msb-sdk-");
  private final ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final ByteBuffer input = ByteBuffer.allocate(2 * Protocol.MAX_FRAME_BYTES).flip();
  private final FrameParser parser = new FrameParser(input);
  private final SupervisorConnection connection;
  private final SocketChannel socket;

  FakeSupervisor() throws Exception {
    Path path = directory.resolve("socket");
    server.bind(UnixDomainSocketAddress.of(path));
    Future<SupervisorConnection> opening =
        threads.submit(() -> SupervisorConnection.open(transport(path), "box", 0, 1));
    socket = server.accept();
    expect(Frame.Hello.class);
    send(new Frame.Welcome(1, 0, ID, 1));
    connection = opening.get();
  }

  /// Begins a process whose START the test answers.
  Future<SandboxProcess> starting(String... argv) {
    return threads.submit(() -> builder(argv).start());
  }

  SandboxProcessBuilder builder(String... argv) {
    return new SandboxProcessBuilder(List.of(argv), () -> connection);
  }

  /// A process that runs.
  SandboxProcess running(long stdinCredit) throws Exception {
    Future<SandboxProcess> starting = starting("cat");
    expect(Frame.Start.class);
    send(new Frame.Started(ID, 42, stdinCredit));
    return starting.get();
  }

  /// What is under test is set by the build, which runs all tests over each.
  static Transport transport(Path socket) throws IOException, InterruptedException {
    return Boolean.getBoolean("msb.test.channels")
        ? ChannelTransport.connect(socket)
        : PosixTransport.connect(socket);
  }

  SupervisorConnection connection() {
    return connection;
  }

  long id() {
    return ID;
  }

  <T> Future<T> inBackground(Callable<T> task) {
    return threads.submit(task);
  }

  /// Sends frames in one piece: what the first makes the client do does not cut off the others.
  void send(Frame... frames) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (Frame frame : frames) {
      all.writeBytes(FrameCodec.encode(frame));
    }
    ByteBuffer bytes = ByteBuffer.wrap(all.toByteArray());
    while (bytes.hasRemaining()) {
      socket.write(bytes);
    }
  }

  /// The next frame, which must be of this kind.
  <T extends Frame> T expect(Class<T> kind) throws IOException {
    Frame frame = next();
    if (!kind.isInstance(frame)) {
      throw new AssertionError("expected " + kind.getSimpleName() + ", got " + frame);
    }
    return kind.cast(frame);
  }

  private Frame next() throws IOException {
    while (!parser.next()) {
      input.compact();
      int count = socket.read(input);
      input.flip();
      if (count < 0) {
        throw new AssertionError("the client closed the connection");
      }
    }
    return parser.type() == 0x10 // a PART, which means nothing alone
        ? new Frame.Part(parser.owner(), parser.payload())
        : parser.decode();
  }

  /// Whether the client has closed the connection, after what it had sent.
  boolean clientClosed() throws IOException {
    while (true) {
      while (parser.next()) {
        // it crossed
      }
      input.compact();
      int count;
      try {
        count = socket.read(input);
      } catch (SocketException e) {
        return true; // it did before it had read all of ours, which Linux tells as a reset
      }
      input.flip();
      if (count < 0) {
        return true;
      }
    }
  }

  void hangUp() throws IOException {
    socket.close();
  }

  @Override
  public void close() throws IOException {
    socket.close();
    server.close();
    threads.close();
    Files.delete(directory.resolve("socket"));
    Files.delete(directory);
  }
}
