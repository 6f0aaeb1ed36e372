package dev.msb.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msb.posix.Posix;
import dev.msb.protocol.Frame;
import dev.msb.protocol.FrameCodec;
import dev.msb.protocol.FrameParser;
import dev.msb.protocol.GuestConfiguration;
import dev.msb.protocol.ProtocolException;
import dev.msb.protocol.StartRequest;
import dev.msb.protocol.StdStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// The host's end of an agent, for tests that have no supervisor: one command after the other.
final class GuestDriver implements AutoCloseable {
  private final Qemu qemu;
  private final Connection agent;
  private final Console console;
  private final Connection.Buffers buffers = new Connection.Buffers();
  private final PollSet poll = new PollSet();
  private final ByteArrayOutputStream output = new ByteArrayOutputStream();
  private long exec;
  private boolean configured;
  private boolean exited;
  private boolean ended;
  private int closed; // streams

  /// Configures a guest that was started.
  GuestDriver(VmStart.Started vm, GuestConfiguration configuration) throws IOException {
    qemu = vm.qemu();
    agent = new Connection(qemu.agentFd());
    console = new Console(qemu.consoleFd());
    if (!vm.greeting().hasRemaining()) {
      AgentGreeting.await(qemu, 60_000, -1);
    }
    send(new Frame.Configure(configuration));
    while (!configured) {
      round();
    }
  }

  /// Runs a command to its end, and returns what it wrote to stdout.
  String sh(String script) throws IOException {
    output.reset();
    exited = false;
    closed = 0;
    send(new Frame.Start(++exec, request(script)));
    while (!exited || closed < 2) {
      round();
    }
    return output.toString(StandardCharsets.UTF_8);
  }

  private static StartRequest request(String script) {
    return StartRequest.builder()
        .flag(StartRequest.Flag.NO_STDIN)
        .argv(List.of("sh", "-c", script))
        .build();
  }

  private void send(Frame frame) throws IOException {
    byte[] bytes = FrameCodec.encode(frame);
    ByteBuffer direct = ByteBuffer.allocateDirect(bytes.length).put(bytes);
    assertThat(Posix.write(qemu.agentFd(), direct, 0, bytes.length)).isEqualTo(bytes.length);
  }

  private void round() throws IOException {
    assertThat(ended).as(() -> new String(console.kept(), StandardCharsets.UTF_8)).isFalse();
    poll.clear();
    poll.add(console.fd(), Posix.POLLIN, events -> console.receive());
    poll.add(agent.fd(), Posix.POLLIN, events -> agent.receive(buffers, this::take));
    poll.add(qemu.pidfd(), Posix.POLLIN, events -> ended = true);
    poll.await(1000);
    poll.serve();
  }

  private void take(FrameParser parser) throws ProtocolException {
    Frame frame = parser.decode();
    if (frame instanceof Frame.Configured) {
      configured = true;
    } else if (frame instanceof Frame.Data data && data.stream() == StdStream.STDOUT) {
      byte[] bytes = new byte[data.bytes().remaining()];
      data.bytes().get(bytes);
      output.writeBytes(bytes);
    } else if (frame instanceof Frame.Exit) {
      exited = true;
    } else if (frame instanceof Frame.Close) {
      closed++;
    } else if (frame instanceof Frame.Failed || frame instanceof Frame.BootFailed) {
      throw new AssertionError(frame);
    }
  }

  /// Shuts the guest down, so that its disks are whole.
  @Override
  public void close() throws IOException {
    send(new Frame.Shutdown(0));
    while (!ended) {
      round();
    }
    qemu.end();
  }
}
