package dev.msb.relay;

import static dev.msb.relay.RelayHarness.data;
import static dev.msb.relay.RelayHarness.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.msb.protocol.EndReason;
import dev.msb.protocol.ErrorCode;
import dev.msb.protocol.ExitRecord;
import dev.msb.protocol.FailureKind;
import dev.msb.protocol.Frame;
import dev.msb.protocol.Protocol;
import dev.msb.protocol.ProtocolException;
import dev.msb.protocol.StdStream;
import java.util.List;
import org.junit.jupiter.api.Test;

class RelayTest {
  private static final int WINDOW = Protocol.DEFAULT_WINDOW_BYTES;

  private final RelayHarness it;

  RelayTest() throws ProtocolException {
    it = RelayHarness.configured();
  }

  @Test
  void theAgentIsConfiguredOnceItIsReady() throws ProtocolException {
    RelayHarness fresh = new RelayHarness();
    assertThat(fresh.toAgent()).isEmpty();
    fresh.fromAgent(new Frame.Ready(1, 1, 0, "test"));
    assertThat(fresh.toAgent()).containsExactly(new Frame.Configure(RelayHarness.CONFIGURATION));
    fresh.fromAgent(new Frame.Configured(5));
    assertThat(fresh.told).containsExactly("configured 5");
  }

  @Test
  void idsAreGivenOutOnce() throws ProtocolException {
    assertThat(it.welcome(it.client(3))).isEqualTo(new Frame.Welcome(1, 0, 1, 3));
    assertThat(it.welcome(it.client(0))).isEqualTo(new Frame.Welcome(1, 0, 4, 0));
    assertThat(it.welcome(it.client(1))).isEqualTo(new Frame.Welcome(1, 0, 4, 1));
    assertThat(it.welcome(it.client(1))).isEqualTo(new Frame.Welcome(1, 0, 5, 1));
  }

  @Test
  void aTurnGoesThereAndBack() throws ProtocolException {
    Client client = it.running(false);

    it.fromClient(client, data(1, StdStream.STDIN, 0, 10));
    assertThat(it.toAgent()).containsExactly(data(1, StdStream.STDIN, 0, 10));
    it.fromAgent(data(1, StdStream.STDOUT, 0, 12));
    assertThat(it.toClient(client)).containsExactly(data(1, StdStream.STDOUT, 0, 12));
    it.fromClient(client, new Frame.Credit(1, StdStream.STDOUT, WINDOW + 12));
    assertThat(it.toAgent()).containsExactly(new Frame.Credit(1, StdStream.STDOUT, WINDOW + 12));
  }

  @Test
  void anExecEndsWithItsExitAndBothCloses() throws ProtocolException {
    Client client = it.running(false);
    Frame exit = new Frame.Exit(1, exit(0, 3));

    it.fromAgent(exit);
    assertThat(it.toClient(client)).contains(exit);
    it.fromAgent(data(1, StdStream.STDOUT, 0, 3));
    it.fromAgent(new Frame.Close(1, StdStream.STDOUT, 3));
    assertThat(it.relay.hasExecs()).isTrue();
    it.fromAgent(new Frame.Close(1, StdStream.STDERR, 0));
    assertThat(it.toClient(client))
        .containsExactlyInAnyOrder(
            data(1, StdStream.STDOUT, 0, 3),
            new Frame.Close(1, StdStream.STDOUT, 3),
            new Frame.Close(1, StdStream.STDERR, 0));
    assertThat(it.relay.hasExecs()).isFalse();
  }

  @Test
  void aStopSignalGoesAheadAndTheGuestEndsWhenTheExecsHave() throws ProtocolException {
    it.running(false);
    it.relay.stop("going", 1000, 10);
    assertThat(it.toAgent()).containsExactly(new Frame.Signal(1, 10));
    it.fromAgent(new Frame.Exit(1, exit(0, 0)));
    it.fromAgent(new Frame.Close(1, StdStream.STDOUT, 0));
    assertThat(it.toAgent()).isEmpty();
    it.fromAgent(new Frame.Close(1, StdStream.STDERR, 0));
    assertThat(it.toAgent()).containsExactly(new Frame.Shutdown(1000));
    it.relay.shutDown(0);
    assertThat(it.toAgent()).isEmpty();
  }

  @Test
  void anExecThatIgnoresTheStopSignalIsEndedWithTheGuest() throws ProtocolException {
    it.running(false);
    it.relay.stop("going", 1000, 10);
    it.toAgent();
    it.relay.shutDown(0);
    assertThat(it.toAgent()).containsExactly(new Frame.Shutdown(0));
  }

  @Test
  void controlOvertakesData() throws ProtocolException {
    Client client = it.running(false);
    it.fromClient(client, data(1, StdStream.STDIN, 0, 60_000));
    it.fromClient(client, new Frame.Signal(1, 15));
    assertThat(it.toAgent().getFirst()).isEqualTo(new Frame.Signal(1, 15));

    it.fromAgent(data(1, StdStream.STDOUT, 0, 60_000));
    it.fromAgent(new Frame.Credit(1, StdStream.STDIN, WINDOW + 1));
    assertThat(it.toClient(client).getFirst())
        .isEqualTo(new Frame.Credit(1, StdStream.STDIN, WINDOW + 1));
  }

  @Test
  void aSmallStreamIsNotBehindALargeOne() throws ProtocolException {
    Client large = it.running(false);
    Client small = it.running(false);
    for (int i = 0; i < 4; i++) {
      it.fromClient(large, data(1, StdStream.STDIN, i * 60_000L, 60_000));
    }
    it.fromClient(small, data(2, StdStream.STDIN, 0, 5));
    List<Frame> frames = it.toAgent();
    assertThat(frames.indexOf(data(2, StdStream.STDIN, 0, 5))).isEqualTo(1);
    assertThat(frames).hasSizeGreaterThan(6);
  }

  @Test
  void creditsAndSignalsThatWaitCollapse() throws ProtocolException {
    Client client = it.running(false);
    it.fromAgent(data(1, StdStream.STDOUT, 0, 100));
    it.toClient(client);
    for (int i = 1; i <= 100; i++) {
      it.fromClient(client, new Frame.Credit(1, StdStream.STDOUT, WINDOW + i));
      it.fromClient(client, new Frame.Signal(1, 10));
    }
    assertThat(it.toAgent())
        .containsExactly(
            new Frame.Credit(1, StdStream.STDOUT, WINDOW + 100), new Frame.Signal(1, 10));
  }

  @Test
  void aClientThatGoesTakesItsExecWithIt() throws ProtocolException {
    Client client = it.running(false);
    it.fromAgent(data(1, StdStream.STDOUT, 0, 100));
    it.relay.disconnected(client);
    assertThat(it.toAgent())
        .containsExactlyInAnyOrder(
            new Frame.Kill(1, EndReason.CLIENT_GONE, 5000),
            new Frame.Close(1, StdStream.STDIN, 0),
            new Frame.Close(1, StdStream.STDOUT, 100),
            new Frame.Close(1, StdStream.STDERR, 0));
    it.fromAgent(data(1, StdStream.STDOUT, 100, 50)); // crossed our CLOSE
    it.fromAgent(new Frame.Exit(1, exit(0, 150)));
    it.fromAgent(new Frame.Close(1, StdStream.STDOUT, 150));
    it.fromAgent(new Frame.Close(1, StdStream.STDERR, 0));
    assertThat(it.relay.hasExecs()).isFalse();
  }

  @Test
  void aClientThatGoesBeforeItsExecRunsTakesItToo() throws ProtocolException {
    Client client = it.client(1);
    it.fromClient(client, new Frame.Start(1, request(false, WINDOW, "cat")));
    it.relay.disconnected(client);
    assertThat(it.toAgent()).contains(new Frame.Kill(1, EndReason.CLIENT_GONE, 5000));
    it.fromAgent(new Frame.Started(1, 100, WINDOW));
    assertThat(it.toAgent()).containsExactly(new Frame.Close(1, StdStream.STDIN, 0));
  }

  @Test
  void framesForAnExecThatIsOverAreIgnored() throws ProtocolException {
    Client client = it.client(1);
    it.fromClient(client, new Frame.Start(1, request(false, WINDOW, "nope")));
    it.toAgent();
    it.fromAgent(new Frame.Failed(1, FailureKind.NOT_FOUND, 2, "execve", "nope"));
    it.toClient(client);
    it.fromClient(client, data(1, StdStream.STDIN, 0, 10));
    it.fromClient(client, new Frame.Close(1, StdStream.STDIN, 10));
    it.fromClient(client, new Frame.Signal(1, 15));
    assertThat(it.toAgent()).isEmpty();
    assertThat(it.toClient(client)).isEmpty();
  }

  @Test
  void aLongStartIsPassedOnInOnePiece() throws ProtocolException {
    Client long1 = it.client(1);
    Client short1 = it.client(1);
    it.fromClient(long1, new Frame.Start(1, request(false, WINDOW, "echo", "x".repeat(1_000_000))));
    it.fromClient(short1, new Frame.Start(2, request(false, WINDOW, "true")));
    List<Frame> frames = it.toAgentRaw();
    assertThat(frames).hasSize(17);
    assertThat(frames.subList(0, 16)).allMatch(frame -> frame.owner() == 1);
    assertThat(frames.get(16).owner()).isEqualTo(2);
  }

  @Test
  void aLostAgentIsToldToEveryClientAfterWhatCameBefore() throws ProtocolException {
    Client client = it.running(false);
    it.fromAgent(data(1, StdStream.STDOUT, 0, 100));
    it.relay.agentLost("QEMU was killed by signal 9");
    assertThat(it.toClient(client))
        .containsExactlyInAnyOrder(
            data(1, StdStream.STDOUT, 0, 100),
            new Frame.Error(0, ErrorCode.AGENT_LOST, "QEMU was killed by signal 9"));
    assertThat(client.closing()).isTrue();
  }

  @Test
  void pingsOfManyClientsNeedOnlyOneAtATime() throws ProtocolException {
    Client one = it.client(0);
    Client two = it.client(0);
    it.toClient(one);
    it.toClient(two);
    it.fromClient(one, new Frame.Probe(11, 1000));
    it.fromClient(two, new Frame.Probe(22, 1000));
    assertThat(it.toAgent()).hasSize(1);
    it.fromAgent(new Frame.Pong(0));
    assertThat(it.toClient(one)).containsExactly(new Frame.Pong(11));
    assertThat(it.toClient(two)).isEmpty();
    assertThat(it.toAgent()).hasSize(1);
    it.fromAgent(new Frame.Pong(0));
    assertThat(it.toClient(two)).containsExactly(new Frame.Pong(22));
  }

  @Test
  void theLastHolderReleasesTheSandbox() throws ProtocolException {
    Client one = it.relay.connect();
    Client two = it.relay.connect();
    it.fromClient(one, new Frame.Hello(1, 1, 0, Protocol.HELLO_HOLD, 0));
    it.fromClient(two, new Frame.Hello(1, 1, 0, Protocol.HELLO_HOLD, 0));
    it.relay.disconnected(one);
    assertThat(it.told).doesNotContain("released");
    it.relay.disconnected(two);
    assertThat(it.told).endsWith("released");
  }

  @Test
  void nothingStartsInASandboxThatStops() throws ProtocolException {
    Client client = it.client(1);
    it.toClient(client);
    it.relay.stop("going", 1000, 0);
    assertThat(it.toAgent()).containsExactly(new Frame.Shutdown(1000));
    it.fromClient(client, new Frame.Start(1, request(false, WINDOW, "true")));
    assertThat(it.toAgent()).isEmpty();
    assertThat(it.toClient(client))
        .containsOnly(new Frame.Error(0, ErrorCode.STOPPING, "going"))
        .hasSize(2); // when it began to stop, and for the START
  }

  @Test
  void stdinIsHeldToTheAgentsCreditAndNoMore() throws ProtocolException {
    Client client = it.running(false);
    it.fromClient(client, data(1, StdStream.STDIN, 0, 60_000));
    for (int at = 60_000; at < WINDOW; ) {
      int length = Math.min(60_000, WINDOW - at);
      it.fromClient(client, data(1, StdStream.STDIN, at, length));
      at += length;
    }
    assertThat(
            it.toAgent().stream().mapToInt(frame -> ((Frame.Data) frame).bytes().remaining()).sum())
        .isEqualTo(WINDOW);
  }

  static ExitRecord exit(int code, long stdoutTotal) {
    return new ExitRecord(
        false, code, false, false, false, EndReason.NONE, stdoutTotal, 0, 0, 0, 0, 0, 0);
  }
}
