package dev.msb.relay;

import static dev.msb.relay.RelayHarness.data;
import static dev.msb.relay.RelayHarness.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msb.protocol.EndReason;
import dev.msb.protocol.ExitRecord;
import dev.msb.protocol.FailureKind;
import dev.msb.protocol.Frame;
import dev.msb.protocol.Protocol;
import dev.msb.protocol.ProtocolException;
import dev.msb.protocol.StdStream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Each rule that an agent or a client can break once the frames themselves are well formed.
class RelayViolationTest {
  private static final int WINDOW = Protocol.DEFAULT_WINDOW_BYTES;

  static List<Arguments> liesOfTheAgent() {
    List<Arguments> lies = new ArrayList<>();
    add(lies, "frame for exec 9, which is not under way", data(9, StdStream.STDOUT, 0, 1));
    add(lies, "data at offset 5 of stream 1, expected 0", data(1, StdStream.STDOUT, 5, 1));
    add(
        lies,
        "data up to 262150 of stream 1, beyond credit 262144",
        flood(new Frame.Data(1, StdStream.STDOUT, WINDOW - 4L, RelayHarness.bytes(10))));
    add(lies, "stdin data from the guest", data(1, StdStream.STDIN, 0, 1));
    add(lies, "stream 1 closed at 7, but 0 bytes came", new Frame.Close(1, StdStream.STDOUT, 7));
    add(
        lies,
        "stream 1 closed twice",
        new Frame.Close(1, StdStream.STDOUT, 0),
        new Frame.Close(1, StdStream.STDOUT, 0));
    add(
        lies,
        "data after the end of stream 1",
        new Frame.Close(1, StdStream.STDOUT, 0),
        data(1, StdStream.STDOUT, 0, 1));
    add(
        lies,
        "stream 0 closed twice by its reader",
        new Frame.Close(1, StdStream.STDIN, 0),
        new Frame.Close(1, StdStream.STDIN, 0));
    add(
        lies,
        "credit of stream 0 lowered from 262144 to 5",
        new Frame.Credit(1, StdStream.STDIN, 5));
    add(
        lies,
        "credit 4194305 of stream 0 with only 0 bytes sent",
        new Frame.Credit(1, StdStream.STDIN, Protocol.MAX_WINDOW_BYTES + 1));
    add(
        lies,
        "credit for an output stream from the guest",
        new Frame.Credit(1, StdStream.STDOUT, WINDOW));
    add(lies, "STARTED for an exec that is RUNNING", new Frame.Started(1, 5, WINDOW));
    add(
        lies,
        "FAILED for an exec that is RUNNING",
        new Frame.Failed(1, FailureKind.OTHER, 0, "", ""));
    add(
        lies,
        "EXIT for an exec that is EXITED",
        new Frame.Exit(1, RelayTest.exit(0, 0)),
        new Frame.Exit(1, RelayTest.exit(0, 0)));
    add(
        lies,
        "EXIT names a total of 0 bytes where 5 came",
        data(1, StdStream.STDOUT, 0, 5),
        new Frame.Exit(1, RelayTest.exit(0, 0)));
    add(
        lies,
        "EXIT names a total of 9 bytes where 5 came",
        new Frame.Exit(1, RelayTest.exit(0, 9)),
        data(1, StdStream.STDOUT, 0, 5),
        new Frame.Close(1, StdStream.STDOUT, 5));
    add(
        lies,
        "output beyond the total that EXIT named",
        new Frame.Exit(1, RelayTest.exit(0, 2)),
        data(1, StdStream.STDOUT, 0, 5));
    add(
        lies,
        "EXIT tells that 1 bytes of stdin were read of 0",
        new Frame.Exit(
            1, new ExitRecord(false, 0, false, false, false, EndReason.NONE, 0, 0, 0, 0, 0, 0, 1)));
    add(lies, "PONG without a PING", new Frame.Pong(1));
    add(lies, "READY while the agent is CONFIGURED", new Frame.Ready(1, 1, 0, ""));
    add(lies, "CONFIGURED while the agent is CONFIGURED", new Frame.Configured(1));
    add(lies, "frame type 1 from the agent", new Frame.Hello(1, 1, 0, 0, 0));
    add(lies, "frame type 18 from the agent", new Frame.Signal(1, 9));
    return lies;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("liesOfTheAgent")
  void theAgentIsGivenUp(String message, List<Frame> lie) throws ProtocolException {
    RelayHarness it = RelayHarness.configured();
    it.running(false);
    assertThatThrownBy(
            () -> {
              for (Frame frame : lie) {
                it.fromAgent(frame);
              }
            })
        .isInstanceOf(ProtocolException.class)
        .hasMessage(message);
  }

  static List<Arguments> liesOfAClient() {
    List<Arguments> lies = new ArrayList<>();
    add(lies, "a second HELLO", new Frame.Hello(1, 1, 0, 0, 0));
    add(
        lies,
        "START with id 1, expected 2 to 1",
        new Frame.Start(1, request(false, WINDOW, "true")));
    add(
        lies,
        "START with id 2, expected 2 to 1",
        new Frame.Start(2, request(false, WINDOW, "true")));
    add(lies, "exec 77 is not this client's", data(77, StdStream.STDIN, 0, 1));
    add(lies, "data at offset 5 of stream 0, expected 0", data(1, StdStream.STDIN, 5, 1));
    add(lies, "data for an output stream from the host", data(1, StdStream.STDOUT, 0, 1));
    add(lies, "credit for stdin from the host", new Frame.Credit(1, StdStream.STDIN, WINDOW));
    add(
        lies,
        "credit of stream 1 lowered from 262144 to 1",
        new Frame.Credit(1, StdStream.STDOUT, 1));
    add(
        lies,
        "credit 4194305 of stream 1 with only 0 bytes sent",
        new Frame.Credit(1, StdStream.STDOUT, Protocol.MAX_WINDOW_BYTES + 1));
    add(
        lies,
        "data after the end of stream 0",
        new Frame.Close(1, StdStream.STDIN, 0),
        data(1, StdStream.STDIN, 0, 1));
    add(
        lies,
        "stream 0 closed twice",
        new Frame.Close(1, StdStream.STDIN, 0),
        new Frame.Close(1, StdStream.STDIN, 0));
    add(
        lies,
        "stream 1 closed twice by its reader",
        new Frame.Close(1, StdStream.STDOUT, 0),
        new Frame.Close(1, StdStream.STDOUT, 0));
    add(
        lies,
        "a PROBE before the last one was answered",
        new Frame.Probe(1, 1000),
        new Frame.Probe(2, 1000));
    add(
        lies,
        "PART of exec 3 amid those of 2",
        new Frame.Part(2, RelayHarness.bytes(5)),
        new Frame.Part(3, RelayHarness.bytes(5)));
    add(lies, "frame type 48 from a client", new Frame.Started(1, 5, WINDOW));
    add(lies, "frame type 65 from a client", new Frame.Configure(RelayHarness.CONFIGURATION));
    return lies;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("liesOfAClient")
  void theClientIsToldAndNobodyElseNotices(String message, List<Frame> lie)
      throws ProtocolException {
    RelayHarness it = RelayHarness.configured();
    Client liar = it.running(false);
    Client other = it.running(false);
    assertThatThrownBy(
            () -> {
              for (Frame frame : lie) {
                it.fromClient(liar, frame);
              }
            })
        .isInstanceOf(ProtocolException.class)
        .hasMessage(message);
    it.relay.violated(liar, new ProtocolException(message));
    assertThat(liar.closing()).isTrue();
    it.relay.disconnected(liar);
    it.toAgent();
    it.fromClient(other, data(2, StdStream.STDIN, 0, 3));
    assertThat(it.toAgent()).containsExactly(data(2, StdStream.STDIN, 0, 3));
  }

  @Test
  void aClientMustGreetFirst() throws ProtocolException {
    RelayHarness it = RelayHarness.configured();
    Client client = it.relay.connect();
    assertThatThrownBy(() -> it.fromClient(client, new Frame.Probe(1, 1000)))
        .isInstanceOf(ProtocolException.class)
        .hasMessage("the first frame is not HELLO");
  }

  @Test
  void stdinBeforeStartedIsAViolation() throws ProtocolException {
    RelayHarness it = RelayHarness.configured();
    Client client = it.client(1);
    it.fromClient(client, new Frame.Start(1, request(false, WINDOW, "cat")));
    assertThatThrownBy(() -> it.fromClient(client, data(1, StdStream.STDIN, 0, 1)))
        .isInstanceOf(ProtocolException.class)
        .hasMessage("stdin before STARTED");
  }

  @Test
  void nothingComesFromTheAgentBeforeItIsConfigured() {
    RelayHarness it = new RelayHarness();
    assertThatThrownBy(() -> it.fromAgent(new Frame.Configured(1)))
        .isInstanceOf(ProtocolException.class)
        .hasMessage("CONFIGURED while the agent is BOOTING");
  }

  /// The frames that fill the window up to this one, and it.
  private static Frame[] flood(Frame.Data last) {
    List<Frame> frames = new ArrayList<>();
    for (long at = 0; at < last.offset(); ) {
      int length = (int) Math.min(60_000, last.offset() - at);
      frames.add(data(last.owner(), last.stream(), at, length));
      at += length;
    }
    frames.add(last);
    return frames.toArray(new Frame[0]);
  }

  private static void add(List<Arguments> lies, String message, Frame... frames) {
    lies.add(Arguments.of(message, List.of(frames)));
  }
}
