package dev.msb.relay;

import static dev.msb.relay.RelayHarness.data;
import static dev.msb.relay.RelayHarness.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.msb.protocol.EndReason;
import dev.msb.protocol.ErrorCode;
import dev.msb.protocol.ExitRecord;
import dev.msb.protocol.Frame;
import dev.msb.protocol.FrameParser;
import dev.msb.protocol.Protocol;
import dev.msb.protocol.ProtocolException;
import dev.msb.protocol.StdStream;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// A guest that says nothing outlasts no deadline, and one that was only slow is forgiven.
class RelayDeadlineTest {
  private static final int WINDOW = Protocol.DEFAULT_WINDOW_BYTES;

  private final RelayHarness it;

  RelayDeadlineTest() throws ProtocolException {
    it = RelayHarness.configured();
  }

  @Test
  void aProbeIsAnsweredWhenItsTimeIsOver() throws ProtocolException {
    Client client = it.client(0);
    it.toClient(client);
    it.pass(3600); // of a guest that nobody asked anything
    it.fromClient(client, new Frame.Probe(7, 3000));
    assertThat(it.toAgent()).containsExactly(new Frame.Ping(0));
    it.pass(2);
    assertThat(it.toClient(client)).isEmpty();
    it.pass(1);
    assertThat(it.toClient(client))
        .containsExactly(error(0, ErrorCode.NO_ANSWER, "the guest has not answered for 3 s"));
    assertThat(client.closing()).isFalse();
  }

  @Test
  void aLatePongIsNoViolationAndAnswersNobody() throws ProtocolException {
    Client client = it.client(0);
    it.fromClient(client, new Frame.Probe(7, 3000));
    it.toAgent();
    it.pass(3);
    it.fromClient(client, new Frame.Probe(8, 3000)); // its PING waits for the PONG under way
    assertThat(it.toAgent()).isEmpty();
    it.toClient(client);
    it.fromAgent(new Frame.Pong(0));
    assertThat(it.toClient(client)).isEmpty();
    assertThat(it.toAgent()).containsExactly(new Frame.Ping(0));
    it.fromAgent(new Frame.Pong(0));
    assertThat(it.toClient(client)).containsExactly(new Frame.Pong(8));
  }

  @Test
  void whoAsksAPausedVmIsToldAtOnce() throws ProtocolException {
    Client early = it.client(0);
    it.toClient(early);
    it.fromClient(early, new Frame.Probe(1, 3600_000));
    it.relay.paused("the reason");
    it.relay.checkDeadlines();
    Frame paused = error(0, ErrorCode.NO_ANSWER, "the VM is paused: the reason");
    assertThat(it.toClient(early)).containsExactly(paused);
    it.fromClient(early, new Frame.Probe(2, 3600_000));
    assertThat(it.toClient(early)).containsExactly(paused);
  }

  @Test
  void aStartThatIsNotAnsweredFails() throws ProtocolException {
    Client client = starting(0);
    it.pass(59);
    assertThat(it.toClient(client)).isEmpty();
    it.pass(1);
    assertThat(it.toClient(client))
        .containsExactly(
            error(1, ErrorCode.NO_ANSWER, "it did not start: the guest has not answered for 60 s"));
    assertThat(it.relay.hasExecs()).isFalse();
    assertThat(it.relay.isInUse()).isFalse();
  }

  @Test
  void anAgentThatSpeaksOfOthersHasTimeToStartOne() throws ProtocolException {
    Client busy = it.running(false);
    Client client = it.client(1);
    it.toClient(client);
    it.fromClient(client, new Frame.Start(2, request(false, WINDOW, "cat")));
    for (int i = 0; i < 11; i++) {
      it.pass(50);
      it.fromAgent(data(1, StdStream.STDOUT, i, 1));
    }
    assertThat(it.toClient(client)).isEmpty();
    it.pass(50); // but not for ever
    assertThat(it.toClient(client))
        .containsExactly(
            error(
                2,
                ErrorCode.NO_ANSWER,
                "it did not start: nothing was heard from the guest for 50 s"));
    assertThat(it.toClient(busy)).hasSize(1); // its output
  }

  @Test
  void aPausedVmGetsLessTimeAndAllOfItAgainWhenItGoesOn() throws ProtocolException {
    Client client = starting(0);
    it.pass(5);
    it.relay.paused("the reason");
    it.relay.checkDeadlines();
    it.relay.resumed();
    it.pass(55);
    assertThat(it.toClient(client)).isEmpty();
    it.relay.paused("the reason");
    it.relay.checkDeadlines();
    assertThat(it.toClient(client))
        .containsExactly(
            error(1, ErrorCode.NO_ANSWER, "it did not start: the VM is paused: the reason"));
  }

  @Test
  void aStartThatTheAgentHasIsKilledThereWhenItWakes() throws ProtocolException {
    Client client = starting(0);
    it.toAgent();
    it.pass(60);
    it.toClient(client);
    assertThat(it.toAgent()).contains(new Frame.Kill(1, EndReason.ASKED, 0));
    it.fromAgent(new Frame.Started(1, 100, 1000));
    it.fromAgent(data(1, StdStream.STDOUT, 0, 10));
    it.end(1, 0, 10);
    assertThat(it.toClient(client)).isEmpty();
    assertThat(it.started).isEmpty();
    // and nothing is left of it: another frame of it would be a violation
    assertThat(violation(new Frame.Exit(1, RelayTest.exit(0, 0))))
        .isEqualTo("frame for exec 1, which is not under way");
  }

  @Test
  void aStartThatTheAgentDoesNotHaveIsNeverSent() throws ProtocolException {
    starting(0);
    it.pass(60);
    assertThat(it.toAgent()).noneMatch(frame -> frame.owner() == 1);
  }

  @Test
  void aStartThatTheAgentHasHalfIsSentToItsEndAndKilled() throws ProtocolException {
    Client client = it.client(1);
    it.toClient(client);
    it.fromClient(client, new Frame.Start(1, request(false, WINDOW, "x".repeat(50_000))));
    ByteBuffer half = ByteBuffer.allocate(1000);
    it.relay.agentOutbox().fill(half);
    assertThat(half.hasRemaining()).isFalse();
    Client other = it.client(1);
    it.fromClient(other, new Frame.Start(2, request(false, WINDOW, "cat")));
    it.pass(60);
    ByteBuffer rest = ByteBuffer.allocate(70_000);
    it.relay.agentOutbox().fill(rest);
    ByteBuffer all = ByteBuffer.allocate(80_000).put(half.flip()).put(rest.flip()).flip();
    FrameParser parser = new FrameParser(all);
    assertThat(parser.next()).isTrue();
    assertThat(parser.decode()).isInstanceOf(Frame.Start.class);
    assertThat(parser.next()).isTrue();
    while (!(parser.decode() instanceof Frame.Kill)) {
      assertThat(parser.owner()).isEqualTo(1);
      assertThat(parser.next()).isTrue();
    }
    assertThat(parser.owner()).isEqualTo(1);
  }

  @Test
  void aTimeoutIsKeptAlsoIfTheGuestDoesNotStart() throws ProtocolException {
    Client client = starting(2000); // and 5 s until SIGKILL, and 15 s
    it.pass(21);
    assertThat(it.toClient(client)).isEmpty();
    it.pass(1);
    assertThat(it.toClient(client))
        .containsExactly(
            error(
                1,
                ErrorCode.TIMED_OUT,
                "its timeout ran out: the guest has not answered for 15 s"));
  }

  @Test
  void aTimeoutThatRanOutWhileTheVmIsPausedIsNoOtherFailure() throws ProtocolException {
    Client client = starting(2000);
    it.relay.paused("the reason");
    it.pass(10);
    assertThat(it.toClient(client))
        .containsExactly(
            error(1, ErrorCode.TIMED_OUT, "its timeout ran out: the VM is paused: the reason"));
  }

  @Test
  void aTimeoutIsKeptIfTheGuestDoesNotEndIt() throws ProtocolException {
    Client client = starting(2000);
    it.toAgent();
    it.pass(10);
    it.fromAgent(new Frame.Started(1, 100, 1000));
    it.fromAgent(data(1, StdStream.STDOUT, 0, 10));
    it.toClient(client);
    it.pass(21);
    assertThat(it.toClient(client)).isEmpty();
    it.pass(1);
    List<Frame> end = it.toClient(client);
    assertThat(end)
        .contains(
            error(
                1, ErrorCode.TIMED_OUT, "its timeout ran out: the guest has not answered for 15 s"))
        .contains(
            new Frame.Close(1, StdStream.STDOUT, 10), new Frame.Close(1, StdStream.STDERR, 0));
    ExitRecord record = exit(end);
    assertThat(record.reason()).isEqualTo(EndReason.TIMEOUT);
    assertThat(record.stdoutTotal()).isEqualTo(10);
    assertThat(it.told)
        .contains("gave up 1: its timeout ran out: the guest has not answered for 15 s");
    assertThat(it.relay.hasExecs()).isFalse();
    it.fromAgent(data(1, StdStream.STDOUT, 10, 10)); // it wakes
    it.end(1, 0, 20);
    assertThat(it.ends).containsExactly("1.1 at 10", "1.2 at 0");
  }

  /// A file that is a client's stdin is set back to there.
  @Test
  void whatAGuestMayHaveReadOfStdinCountsAsRead() throws ProtocolException {
    Client client = starting(2000);
    it.toAgent();
    it.fromAgent(new Frame.Started(1, 100, 1000));
    it.fromClient(client, data(1, StdStream.STDIN, 0, 300));
    it.toAgent();
    it.fromClient(client, data(1, StdStream.STDIN, 300, 300)); // never leaves the host
    it.pass(22);
    assertThat(exit(it.toClient(client)).stdinRead()).isEqualTo(300);
    // nor is it kept for a guest that wakes
    assertThat(it.toAgent())
        .containsSubsequence(
            new Frame.Kill(1, EndReason.ASKED, 0), new Frame.Close(1, StdStream.STDIN, 300))
        .noneMatch(Frame.Data.class::isInstance);
    it.fromAgent(new Frame.Credit(1, StdStream.STDIN, 1200));
    it.end(1, 0, 0);
    assertThat(it.relay.hasGivenUp()).isFalse();
  }

  /// Its end is no SIGKILL for those who come late, either.
  @Test
  void whoeverSeesTheEndOfOneThatWasGivenUpIsToldWhy() throws ProtocolException {
    Client first = it.running(true);
    Client watcher = it.client(0);
    it.fromClient(watcher, new Frame.Attach(1, true, 0, 0, WINDOW, WINDOW));
    it.toClient(watcher);
    it.fromClient(first, new Frame.Kill(1, EndReason.ASKED, 0));
    it.pass(15);
    Frame told =
        error(
            1,
            ErrorCode.NO_ANSWER,
            "it did not end when it was killed: the guest has not answered for 15 s");
    for (Client client : List.of(first, watcher)) {
      List<Frame> end = it.toClient(client);
      assertThat(end).containsSubsequence(told, new Frame.Exit(1, exit(end)));
    }
    Client late = it.client(0);
    it.fromClient(late, new Frame.Attach(1, false, 0, 0, WINDOW, WINDOW));
    List<Frame> end = it.toClient(late);
    assertThat(end).containsSubsequence(told, new Frame.Exit(1, exit(end)));
  }

  @Test
  void whatAnUnreadClientLacksIsStillDelivered() throws ProtocolException {
    Client client = starting(2000);
    it.toAgent();
    it.fromAgent(new Frame.Started(1, 100, 1000));
    it.toClient(client);
    it.fromAgent(data(1, StdStream.STDOUT, 0, 10));
    it.pass(22);
    assertThat(it.toClient(client))
        .contains(data(1, StdStream.STDOUT, 0, 10), new Frame.Close(1, StdStream.STDOUT, 10));
  }

  @Test
  void whatIsKilledAndDoesNotEndIsOverAllTheSame() throws ProtocolException {
    Client client = it.running(false);
    it.fromClient(client, new Frame.Kill(1, EndReason.ASKED, 3000));
    it.pass(17);
    assertThat(it.toClient(client)).isEmpty();
    it.pass(1);
    List<Frame> end = it.toClient(client);
    assertThat(end)
        .contains(
            error(
                1,
                ErrorCode.NO_ANSWER,
                "it did not end when it was killed: the guest has not answered for 15 s"));
    assertThat(exit(end).reason()).isEqualTo(EndReason.ASKED);
  }

  @Test
  void anExecWhoseClientWentIsNoUseForEver() throws ProtocolException {
    it.relay.disconnected(it.running(false));
    assertThat(it.relay.isInUse()).isTrue();
    it.pass(20);
    assertThat(it.relay.isInUse()).isFalse();
  }

  @Test
  void outputThatDoesNotComeIsNotWaitedForForEver() throws ProtocolException {
    Client client = it.running(false);
    it.fromAgent(new Frame.Exit(1, RelayTest.exit(0, 20)));
    it.toClient(client);
    it.pass(59);
    it.fromAgent(data(1, StdStream.STDOUT, 0, 10));
    it.toClient(client);
    it.pass(59);
    assertThat(it.toClient(client)).isEmpty();
    it.pass(1);
    assertThat(it.toClient(client))
        .contains(
            error(1, ErrorCode.NO_ANSWER, "output is missing: the guest has not answered for 60 s"),
            new Frame.Close(1, StdStream.STDOUT, 10));
  }

  @Test
  void aReaderWhoTakesItsTimeIsNoFaultOfTheGuests() throws ProtocolException {
    Client client = it.client(1);
    it.start(client, 1, false, Protocol.MIN_WINDOW_BYTES);
    it.fromAgent(data(1, StdStream.STDOUT, 0, Protocol.MIN_WINDOW_BYTES));
    it.fromAgent(new Frame.Close(1, StdStream.STDERR, 0));
    it.fromAgent(new Frame.Exit(1, RelayTest.exit(0, 2 * Protocol.MIN_WINDOW_BYTES)));
    it.toClient(client);
    it.pass(3600);
    assertThat(it.toClient(client)).isEmpty();
    it.fromClient(client, new Frame.Credit(1, StdStream.STDOUT, 2 * Protocol.MIN_WINDOW_BYTES));
    it.pass(59);
    assertThat(it.toClient(client)).isEmpty();
    it.pass(1);
    assertThat(it.toClient(client)).isNotEmpty();
  }

  @Test
  void anExecWithoutDeadlineMayTakeForEverButSilenceIsTold() throws ProtocolException {
    Client client = it.running(false);
    it.told.clear();
    it.toAgent();
    for (int i = 0; i < 10; i++) {
      it.pass(60);
      assertThat(it.toAgent()).containsExactly(new Frame.Ping(0));
      it.fromAgent(new Frame.Pong(0));
    }
    it.pass(60);
    it.pass(60);
    assertThat(it.told).containsExactly("silent: the guest has not answered for 60 s");
    it.pass(3600);
    assertThat(it.told).hasSize(1);
    assertThat(it.toClient(client)).isEmpty();
    it.fromAgent(new Frame.Pong(0));
    assertThat(it.told).endsWith("speaks");
    it.toAgent();
    it.pass(60);
    assertThat(it.toAgent()).containsExactly(new Frame.Ping(0));
    it.pass(60);
    assertThat(it.told).endsWith("silent: the guest has not answered for 60 s");
  }

  @Test
  void aPausedVmIsNotCalledSilentAndIsWatchedAgainWhenItGoesOn() throws ProtocolException {
    it.running(false);
    it.told.clear();
    it.toAgent();
    it.relay.paused("the reason");
    it.pass(3600);
    assertThat(it.told).isEmpty();
    assertThat(it.toAgent()).isEmpty();
    it.relay.resumed();
    it.relay.setClock(5);
    assertThat(it.toAgent()).containsExactly(new Frame.Clock(5));
    it.pass(60);
    assertThat(it.toAgent()).containsExactly(new Frame.Ping(0));
  }

  /// A host that stood still stood still for its guest, too.
  @Test
  void timeInWhichNobodyRanIsNotTheGuests() throws ProtocolException {
    Client client = starting(2000);
    it.now += 3600 * Schedule.SECOND;
    it.relay.stalled(3600 * Schedule.SECOND);
    it.relay.checkDeadlines();
    it.pass(21);
    assertThat(it.toClient(client)).isEmpty();
    it.pass(1);
    assertThat(it.toClient(client)).hasSize(1);
  }

  @Test
  void aGuestThatWakesIsToldTheTimeAnew() throws ProtocolException {
    it.running(false);
    it.told.clear();
    it.relay.setClock(1);
    it.pass(0);
    it.fromAgent(data(1, StdStream.STDOUT, 0, 1));
    assertThat(it.told).isEmpty();
    it.relay.setClock(2);
    it.pass(59);
    it.relay.setClock(3);
    it.fromAgent(data(1, StdStream.STDOUT, 1, 1)); // it may have set 2 and 3 only now
    assertThat(it.told).containsExactly("clock is late");
    it.relay.setClock(4);
    it.pass(5);
    it.fromAgent(data(1, StdStream.STDOUT, 2, 1));
    assertThat(it.told).hasSize(1);
  }

  @Test
  void execsThatWereGivenUpAreBounded() throws ProtocolException {
    Client client = it.client(Protocol.MAX_EXECS + 1);
    it.toClient(client);
    for (int i = 1; i <= Protocol.MAX_EXECS; i++) {
      it.fromClient(client, new Frame.Start(i, request(false, 4096, "cat")));
      it.toAgent();
    }
    it.pass(60);
    it.toClient(client);
    it.fromClient(client, new Frame.Start(Protocol.MAX_EXECS + 1, request(false, 4096, "cat")));
    assertThat(it.toClient(client)).hasSize(1).first().isInstanceOf(Frame.Failed.class);
  }

  /// An agent that sleeps and wakes as it likes, beside clients that ask and kill: it is never told
  /// what breaks a rule and never blamed, and in the end nothing is left of anything.
  @Test
  void whateverIsGivenUpIsForgottenWhenTheGuestWakes() throws ProtocolException {
    Long only = Long.getLong("msb.seed");
    for (long seed = only == null ? 1 : only; seed <= (only == null ? 500 : only); seed++) {
      try {
        sleeps(new Random(seed));
      } catch (ProtocolException | AssertionError | RuntimeException e) {
        throw new AssertionError("seed " + seed + " (-Dmsb.seed=" + seed + " replays it)", e);
      }
    }
  }

  private static void sleeps(Random random) throws ProtocolException {
    RelayHarness harness = RelayHarness.configured();
    HonestAgent agent = new HonestAgent(harness);
    HonestClient client = new HonestClient(harness, 20, 4096);
    for (int i = 0; i < 100; i++) {
      long id = 1L + random.nextInt(20);
      switch (random.nextInt(10)) {
        case 0 -> client.start(random.nextBoolean(), random.nextInt(3) * 10_000L);
        case 1 -> client.write(id, random.nextInt(5000));
        case 2 -> client.grant(id, StdStream.STDOUT);
        case 3 -> client.kill(id, random.nextInt(20_000));
        case 4 -> client.ping();
        case 5 -> agent.write(id, StdStream.STDERR, random.nextInt(5000));
        case 6 -> harness.pass(random.nextInt(100));
        case 7 -> client.read(Integer.MAX_VALUE, false);
        case 8 -> agent.end(id);
        default -> agent.act();
      }
    }
    harness.pass(60); // the guest sleeps, and a client is not read while its START waits
    client.killAll();
    harness.pass(20); // all is over all the same
    client.read(Integer.MAX_VALUE, false);
    client.grantAll();
    harness.pass(60);
    client.read(Integer.MAX_VALUE, false);
    assertThat(client.notOver()).isEmpty();
    assertThat(client.client.execs().values()).allMatch(Exec::keep);
    agent.act();
    agent.endAll();
    agent.act();
    assertThat(harness.relay.hasExecs()).isFalse();
    assertThat(harness.relay.hasGivenUp()).isFalse();
    assertThat(harness.relay.agentOutbox().isEmpty()).isTrue();
  }

  private Client starting(long timeoutMillis) throws ProtocolException {
    Client client = it.client(1);
    it.toClient(client);
    it.fromClient(client, new Frame.Start(1, request(false, false, timeoutMillis, WINDOW, "cat")));
    return client;
  }

  private String violation(Frame frame) {
    try {
      it.fromAgent(frame);
      return "";
    } catch (ProtocolException e) {
      return String.valueOf(e.getMessage());
    }
  }

  private static ExitRecord exit(List<Frame> frames) {
    return frames.stream()
        .filter(Frame.Exit.class::isInstance)
        .map(frame -> ((Frame.Exit) frame).status())
        .findFirst()
        .orElseThrow();
  }

  private static Frame.Error error(long exec, ErrorCode code, String text) {
    return new Frame.Error(exec, code, text);
  }
}
