package dev.msb.relay;

import static dev.msb.relay.RelayHarness.data;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msb.protocol.EndReason;
import dev.msb.protocol.ErrorCode;
import dev.msb.protocol.Frame;
import dev.msb.protocol.ListedExec;
import dev.msb.protocol.Protocol;
import dev.msb.protocol.ProtocolException;
import dev.msb.protocol.StdStream;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Execs that outlive their client.
class RelayAttachTest {
  private static final int WINDOW = Protocol.DEFAULT_WINDOW_BYTES;
  private static final long LAST = Protocol.LAST_GRANTED;

  private final RelayHarness it;

  RelayAttachTest() throws ProtocolException {
    it = RelayHarness.configured();
  }

  @Test
  void aKeptExecGoesOnWithoutItsClientAndIsResumed() throws ProtocolException {
    Client first = it.running(true);
    it.fromClient(first, data(1, StdStream.STDIN, 0, 10));
    it.toAgent();
    it.fromAgent(data(1, StdStream.STDOUT, 0, 100));
    it.toClient(first);
    it.relay.disconnected(first);
    assertThat(it.toAgent()).isEmpty();
    it.fromAgent(data(1, StdStream.STDOUT, 100, 50));

    Client second = client();
    it.fromClient(second, attach(100));
    assertThat(it.toClient(second))
        .containsExactly(
            new Frame.Attached(1, 100, 10, WINDOW, 100, 0, false, false),
            new Frame.Data(1, StdStream.STDOUT, 100, RelayHarness.bytes(50)));
    assertThat(it.toAgent()).contains(new Frame.Credit(1, StdStream.STDOUT, WINDOW + 100));
  }

  @Test
  void whoCountsNothingGoesOnWhereItWasLastGrantedAway() throws ProtocolException {
    Client first = it.running(true);
    it.fromAgent(data(1, StdStream.STDOUT, 0, 100));
    it.toClient(first);
    it.fromClient(first, new Frame.Credit(1, StdStream.STDOUT, WINDOW + 60));
    it.relay.disconnected(first);
    Client second = client();
    it.fromClient(second, attach(LAST));
    assertThat(it.toClient(second).getFirst())
        .isEqualTo(new Frame.Attached(1, 100, 0, WINDOW, 60, 0, false, false));
  }

  @Test
  void anOffsetThatIsNotKeptIsAnErrorAndTheConnectionStays() throws ProtocolException {
    Client first = it.running(true);
    it.fromAgent(data(1, StdStream.STDOUT, 0, 100));
    it.toClient(first);
    it.fromClient(first, new Frame.Credit(1, StdStream.STDOUT, WINDOW + 60));
    Client second = client();
    for (long offset : new long[] {59, 101}) {
      it.fromClient(second, attach(offset));
      assertThat(it.toClient(second))
          .containsExactly(
              new Frame.Error(
                  1, ErrorCode.BAD_OFFSET, "exec 1 keeps stdout 60 to 100 and stderr 0 to 0"));
    }
    assertThat(second.closing()).isFalse();
    assertThat(first.closing()).isFalse();
  }

  @Test
  void aSecondClientTakesOver() throws ProtocolException {
    Client first = it.running(true);
    Client second = client();
    it.fromClient(second, attach(LAST));
    assertThat(it.toClient(first))
        .containsExactly(
            new Frame.Error(1, ErrorCode.TAKEN_OVER, "another client took exec 1 over"));
    assertThat(first.closing()).isTrue();
    it.relay.disconnected(first);
    assertThat(it.toAgent()).noneMatch(frame -> frame instanceof Frame.Kill);
    it.fromClient(second, data(1, StdStream.STDIN, 0, 5));
    assertThat(it.toAgent()).contains(data(1, StdStream.STDIN, 0, 5));
  }

  @Test
  void anExecThatWasNotKeptCannotBeTaken() throws ProtocolException {
    it.running(false);
    Client second = client();
    it.fromClient(second, attach(LAST));
    assertThat(it.toClient(second).getFirst())
        .isEqualTo(
            new Frame.Error(
                1,
                ErrorCode.UNKNOWN_EXEC,
                "exec 1 ends with its client: it was not started to be kept"));
    it.fromClient(second, new Frame.Attach(99, false, LAST, LAST, WINDOW, WINDOW));
    assertThat(it.toClient(second).getFirst())
        .isEqualTo(new Frame.Error(99, ErrorCode.UNKNOWN_EXEC, "there is no exec 99"));
  }

  @Test
  void theEndIsKeptForAClientStillToCome() throws ProtocolException {
    Client first = it.running(true);
    it.relay.disconnected(first);
    it.fromAgent(data(1, StdStream.STDOUT, 0, 3));
    Frame exit = new Frame.Exit(1, RelayTest.exit(4, 3));
    it.fromAgent(exit);
    it.fromAgent(new Frame.Close(1, StdStream.STDOUT, 3));
    it.fromAgent(new Frame.Close(1, StdStream.STDERR, 0));
    Client second = client();
    it.fromClient(second, attach(LAST));
    List<Frame> frames = it.toClient(second);
    assertThat(frames.subList(0, 2))
        .containsExactly(new Frame.Attached(1, 100, 0, WINDOW, 0, 0, true, false), exit);
    assertThat(frames)
        .contains(
            data(1, StdStream.STDOUT, 0, 3),
            new Frame.Close(1, StdStream.STDOUT, 3),
            new Frame.Close(1, StdStream.STDERR, 0));
  }

  @Test
  void aWatcherGetsCopiesAndDrivesNothing() throws ProtocolException {
    Client owner = it.running(true);
    it.fromAgent(data(1, StdStream.STDOUT, 0, 4));
    it.toClient(owner);
    Client watcher = client();
    it.fromClient(watcher, new Frame.Attach(1, true, LAST, LAST, WINDOW, WINDOW));
    assertThat(it.toClient(watcher))
        .containsExactly(
            new Frame.Attached(1, 100, 0, WINDOW, 0, 0, false, false),
            data(1, StdStream.STDOUT, 0, 4));
    it.fromAgent(new Frame.Data(1, StdStream.STDOUT, 4, RelayHarness.bytes(5)));
    assertThat(it.toClient(watcher)).isEqualTo(it.toClient(owner));
    it.fromClient(watcher, data(1, StdStream.STDIN, 0, 5));
    it.fromClient(watcher, new Frame.Close(1, StdStream.STDOUT, 0));
    it.relay.disconnected(watcher);
    assertThat(it.toAgent()).isEmpty();
  }

  @Test
  void aWatcherThatFallsBehindIsDropped() throws ProtocolException {
    Client owner = it.running(true);
    Client watcher = client();
    it.fromClient(watcher, new Frame.Attach(1, true, LAST, LAST, WINDOW, WINDOW));
    it.toClient(watcher);
    it.fromAgent(data(1, StdStream.STDOUT, 0, 60_000));
    it.toClient(owner);
    it.fromClient(owner, new Frame.Credit(1, StdStream.STDOUT, WINDOW + 60_000L));
    assertThat(watcher.closing()).isTrue();
    assertThat(it.toClient(watcher))
        .contains(new Frame.Error(1, ErrorCode.LAGGED, "too slow to watch exec 1"));
    assertThat(owner.closing()).isFalse();
  }

  @Test
  void leavingIsNotDying() throws ProtocolException {
    Client owner = it.running(true);
    it.fromClient(owner, new Frame.Detach(1));
    it.relay.disconnected(owner);
    assertThat(it.toAgent()).isEmpty();
    assertThat(it.relay.hasExecs()).isTrue();
  }

  @Test
  void whoLeavesATerminalIsFollowedByteForByte() throws ProtocolException {
    Client first = terminal();
    it.fromAgent(data(1, StdStream.STDOUT, 0, 100));
    it.toClient(first);
    it.fromClient(first, new Frame.Credit(1, StdStream.STDOUT, WINDOW + 60)); // 40 were not shown
    it.fromClient(first, new Frame.Detach(1));
    it.relay.disconnected(first);
    assertThat(it.toAgent()).noneMatch(frame -> frame instanceof Frame.Kill);
    assertThat(it.told).doesNotContain("released");
    Client second = client();
    it.fromClient(second, attach(LAST));
    assertThat(it.toClient(second).getFirst())
        .isEqualTo(new Frame.Attached(1, 100, 0, WINDOW, 60, 0, false, true));
  }

  @Test
  void whoIsTornFromATerminalTakesItsExecAlong() throws ProtocolException {
    Client first = terminal();
    it.relay.disconnected(first);
    assertThat(it.toAgent()).contains(new Frame.Kill(1, EndReason.CLIENT_GONE, 5000));
  }

  @Test
  void aPipeThatWasNotKeptCannotBeLeft() throws ProtocolException {
    Client owner = it.running(false);
    it.fromClient(owner, new Frame.Detach(1));
    assertThat(it.toClient(owner))
        .contains(new Frame.Error(1, ErrorCode.UNKNOWN_EXEC, "exec 1 was not started to be kept"));
  }

  @Test
  void anOwnerThatLetsGoLeavesTheSandboxToItsExecs() throws ProtocolException {
    Client owner = it.relay.connect();
    it.fromClient(owner, new Frame.Hello(1, 1, 0, Protocol.HELLO_OWN, 0));
    Client first = terminal();
    it.fromClient(first, new Frame.Detach(1));
    it.relay.disconnected(first);
    it.fromClient(owner, new Frame.Detach(0));
    it.relay.disconnected(owner);
    assertThat(it.told).doesNotContain("owner gone", "released");
    it.fromAgent(new Frame.Exit(1, RelayTest.exit(0, 0)));
    it.fromAgent(new Frame.Close(1, StdStream.STDOUT, 0));
    it.fromAgent(new Frame.Close(1, StdStream.STDERR, 0));
    assertThat(it.told).contains("released");
  }

  /// A client that drives exec 1, which has a terminal.
  private Client terminal() throws ProtocolException {
    Client client = it.relay.connect();
    it.fromClient(client, new Frame.Hello(1, 1, 0, Protocol.HELLO_HOLD, 1));
    it.fromClient(client, new Frame.Start(1, RelayHarness.request(false, true, WINDOW, "sh")));
    it.toAgent();
    it.fromAgent(new Frame.Started(1, 100, WINDOW));
    it.toClient(client);
    return client;
  }

  @Test
  void theListTellsOfEveryExec() throws ProtocolException {
    Client owner = it.running(true);
    it.running(false);
    it.relay.disconnected(owner);
    Client asker = client();
    it.fromClient(asker, new Frame.ListExecs());
    assertThat(it.toClient(asker))
        .containsExactly(
            new Frame.Listing(
                true,
                List.of(
                    new ListedExec(1, 1, 100, false, 0, 0, 0, List.of("cat")),
                    new ListedExec(2, 1, 100, true, 0, 0, 0, List.of("cat")))));
  }

  @Test
  void aKeptExecHoldsTheSandboxUpUntilItIsOver() throws ProtocolException {
    Client holder = it.relay.connect();
    it.fromClient(holder, new Frame.Hello(1, 1, 0, Protocol.HELLO_HOLD, 1));
    it.fromClient(holder, new Frame.Start(1, RelayHarness.request(true, WINDOW, "job")));
    it.toAgent();
    it.fromAgent(new Frame.Started(1, 100, WINDOW));
    it.relay.disconnected(holder);
    assertThat(it.told).doesNotContain("released");
    it.fromAgent(new Frame.Exit(1, RelayTest.exit(0, 0)));
    it.fromAgent(new Frame.Close(1, StdStream.STDOUT, 0));
    it.fromAgent(new Frame.Close(1, StdStream.STDERR, 0));
    assertThat(it.told).endsWith("released");
  }

  @Test
  void aClientThatHoldsNothingUpEndsTheLastKeptExec() throws ProtocolException {
    Client driver = it.running(true);
    it.end(1, 5);
    assertThat(it.told).doesNotContain("released"); // it has not been told yet
    it.toClient(driver);
    assertThat(it.told).endsWith("released");
  }

  @Test
  void whatWasGrantedAfterTheEndIsNotSentAgain() throws ProtocolException {
    Client first = it.running(true);
    it.end(1, 100);
    it.toClient(first);
    it.fromClient(first, new Frame.Credit(1, StdStream.STDOUT, WINDOW + 60));
    it.relay.disconnected(first);
    Client second = client();
    it.fromClient(second, attach(LAST));
    assertThat(it.toClient(second))
        .contains(new Frame.Data(1, StdStream.STDOUT, 60, tail(60, 100)));
  }

  @Test
  void onlyTheNewestEndsAreKept() throws ProtocolException {
    Client driver = it.client(66);
    it.toClient(driver);
    for (int id = 1; id <= 66; id++) {
      it.start(driver, id, true, WINDOW);
      it.end(id, 0);
      it.toClient(driver);
    }
    assertThat(driver.execs().keySet()).doesNotContain(1L, 2L).hasSize(64);
    it.relay.disconnected(driver);
    Client second = client();
    it.fromClient(second, attach(LAST));
    assertThat(it.toClient(second))
        .containsExactly(new Frame.Error(1, ErrorCode.UNKNOWN_EXEC, "there is no exec 1"));
  }

  @Test
  void aWatcherOfAnEndThatIsNoLongerKeptIsTold() throws ProtocolException {
    Client driver = it.client(65);
    it.toClient(driver);
    it.start(driver, 1, true, WINDOW);
    Client watcher = client();
    it.fromClient(watcher, new Frame.Attach(1, true, LAST, LAST, WINDOW, WINDOW));
    for (int id = 1; id <= 65; id++) {
      if (id > 1) {
        it.start(driver, id, true, WINDOW);
      }
      it.end(id, 3);
      it.toClient(driver);
    }
    assertThat(it.toClient(watcher))
        .last()
        .isEqualTo(new Frame.Error(1, ErrorCode.LAGGED, "too slow to watch exec 1"));
  }

  @Test
  void aWatcherThatHasSeenTheEndIsForgotten() throws ProtocolException {
    Client driver = it.running(true);
    Client watcher = client();
    it.fromClient(watcher, new Frame.Attach(1, true, LAST, LAST, WINDOW, WINDOW));
    it.end(1, 3);
    it.toClient(driver);
    it.toClient(watcher);
    assertThat(watcher.execs()).isEmpty();
    assertThat(watcher.closing()).isFalse();
  }

  @Test
  void aWatcherOfWhatADriverLeapsOverIsTold() throws ProtocolException {
    Client driver = it.running(true);
    it.fromAgent(data(1, StdStream.STDOUT, 0, 10));
    Client watcher = client();
    it.fromClient(watcher, new Frame.Attach(1, true, 0, LAST, WINDOW, WINDOW));
    it.fromClient(driver, new Frame.Detach(1));
    it.fromClient(driver, attach(10));
    assertThat(it.toClient(watcher))
        .last()
        .isEqualTo(new Frame.Error(1, ErrorCode.LAGGED, "too slow to watch exec 1"));
  }

  @Test
  void aWatcherThatClosesStdinStillSeesBothOutputs() throws ProtocolException {
    it.running(true);
    Client watcher = client();
    it.fromClient(watcher, new Frame.Attach(1, true, LAST, LAST, WINDOW, WINDOW));
    it.toClient(watcher);
    it.fromClient(watcher, new Frame.Close(1, StdStream.STDIN, 0));
    it.fromAgent(data(1, StdStream.STDERR, 0, 3));
    assertThat(it.toClient(watcher)).containsExactly(data(1, StdStream.STDERR, 0, 3));
  }

  @Test
  void onlyWhatAClientMayAskForCanBeAskedFor() throws ProtocolException {
    Client owner = it.running(true);
    assertThatThrownBy(() -> it.fromClient(owner, new Frame.Kill(1, EndReason.TIMEOUT, 0)))
        .isInstanceOf(ProtocolException.class)
        .hasMessage("KILL with reason TIMEOUT");
    assertThatThrownBy(() -> it.fromClient(owner, attach(LAST)))
        .isInstanceOf(ProtocolException.class)
        .hasMessage("ATTACH to exec 1, which is this client's already");
  }

  private static ByteBuffer tail(int from, int to) {
    return RelayHarness.bytes(to).slice(from, to - from);
  }

  private Client client() throws ProtocolException {
    Client client = it.client(0);
    it.toClient(client);
    return client;
  }

  private static Frame.Attach attach(long stdoutOffset) {
    return new Frame.Attach(1, false, stdoutOffset, LAST, WINDOW, WINDOW);
  }
}
