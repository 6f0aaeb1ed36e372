package dev.msb.relay;

import static dev.msb.relay.RelayHarness.data;
import static org.assertj.core.api.Assertions.assertThat;

import dev.msb.protocol.ErrorCode;
import dev.msb.protocol.FailureKind;
import dev.msb.protocol.Frame;
import dev.msb.protocol.Protocol;
import dev.msb.protocol.ProtocolException;
import dev.msb.protocol.StdStream;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/// What keeps the relay's memory bounded when a peer asks and does not take.
class RelayMemoryTest {
  private static final int WINDOW = Protocol.DEFAULT_WINDOW_BYTES;

  private final RelayHarness it;

  RelayMemoryTest() throws ProtocolException {
    it = RelayHarness.configured();
  }

  @Test
  void aClientThatReadsNoEndIsNotReadUntilItDoes() throws ProtocolException {
    for (boolean keep : new boolean[] {false, true}) {
      Client client = it.client(1_000);
      long id = it.welcome(client).firstId();
      int started = 0;
      while (it.relay.mayRead(client)) {
        it.start(client, id + started, keep, WINDOW);
        it.end(id + started, 100);
        started++;
      }
      assertThat(started).isEqualTo(65);
      assertThat(it.toClient(client)).hasSize(65 * 6);
      assertThat(it.relay.mayRead(client)).isTrue();
      assertThat(it.relay.hasExecs()).isFalse();
    }
  }

  @Test
  void endsThatWaitForCreditDoNotKeepTheCreditFromBeingRead() throws ProtocolException {
    Client first = it.client(60);
    it.toClient(first);
    for (int id = 1; id <= 60; id++) {
      it.start(first, id, true, WINDOW);
      it.end(id, 10_000);
    }
    it.relay.disconnected(first);
    Client second = it.client(10);
    it.toClient(second);
    for (int id = 1; id <= 60; id++) {
      it.fromClient(second, new Frame.Attach(id, false, 0, 0, 4096, 4096));
    }
    for (int id = 61; id <= 64; id++) {
      it.start(second, id, true, WINDOW);
      it.end(id, 0);
    }
    it.toClient(second);
    assertThat(it.relay.mayRead(second)).isTrue();
    it.fromClient(second, new Frame.Credit(1, StdStream.STDOUT, 8192));
    assertThat(it.toClient(second)).hasSize(1).first().isInstanceOf(Frame.Data.class);
  }

  @Test
  void theWindowsOfAllExecsAreBounded() throws ProtocolException {
    Client client = it.client(1_000);
    it.toClient(client);
    int most = (int) (Protocol.MAX_WINDOWS_BYTES / (2 * Protocol.MAX_WINDOW_BYTES));
    for (int id = 1; id <= most; id++) {
      it.start(client, id, false, Protocol.MAX_WINDOW_BYTES);
    }
    it.toClient(client);
    request(client, most + 1, false, 4096);
    Frame.Failed refused =
        new Frame.Failed(
            most + 1,
            FailureKind.RESOURCE_LIMIT,
            0,
            "start",
            "the windows of all execs would exceed 536870912 bytes");
    assertThat(it.toClient(client)).containsExactly(refused);
    it.end(1, 0);
    it.toClient(client);
    request(client, most + 2, false, 4096);
    assertThat(it.toClient(client)).isEmpty();
  }

  @Test
  void anAttachDoesNotGetAroundTheBound() throws ProtocolException {
    int most = (int) (Protocol.MAX_WINDOWS_BYTES / (2 * Protocol.MAX_WINDOW_BYTES));
    Client first = it.client(1_000);
    it.toClient(first);
    it.start(first, 1, true, WINDOW);
    for (int id = 2; id <= most; id++) {
      it.start(first, id, false, Protocol.MAX_WINDOW_BYTES);
    }
    it.start(first, most + 1, true, WINDOW);
    int large = Protocol.MAX_WINDOW_BYTES;
    Client second = it.client(0);
    it.toClient(second);
    it.fromClient(second, new Frame.Attach(1, false, 0, 0, large, large));
    assertThat(it.toClient(second))
        .containsExactly(
            new Frame.Error(1, ErrorCode.BUSY, "the windows of all execs would be too large"));
    assertThat(second.closing()).isTrue();
    Client third = it.client(0);
    it.toClient(third);
    it.fromClient(third, new Frame.Attach(1, false, 0, 0, WINDOW, WINDOW));
    assertThat(it.toClient(third).getFirst()).isInstanceOf(Frame.Attached.class);
  }

  @Test
  void aSmallerWindowFreesNothingThatTheGuestMayStillFill() throws ProtocolException {
    int large = Protocol.MAX_WINDOW_BYTES;
    int most = (int) (Protocol.MAX_WINDOWS_BYTES / (2L * large));
    Client first = it.client(1_000);
    it.toClient(first);
    for (int id = 1; id <= most; id++) {
      it.start(first, id, true, large);
    }
    Client second = it.client(1);
    it.toClient(second);
    for (int id = 1; id <= most; id++) {
      it.fromClient(second, new Frame.Attach(id, false, 0, 0, 4096, 4096));
    }
    it.toClient(second);
    it.fromClient(second, new Frame.Start(1_001, RelayHarness.request(false, 4096, "job")));
    assertThat(it.toClient(second)).hasSize(1).first().isInstanceOf(Frame.Failed.class);
  }

  @Test
  void clientsAreNotReadWhileTooMuchOfTheirInputWaitsForTheAgent() throws ProtocolException {
    Client client = it.client(1_000);
    it.toClient(client);
    for (int id = 1; id <= 20; id++) {
      request(client, id, false, WINDOW);
      it.toAgent();
      it.fromAgent(new Frame.Started(id, 100, Protocol.MAX_WINDOW_BYTES));
    }
    // The guest does not even read its port.
    int flooded = 0;
    while (it.relay.mayRead(client)) {
      flooded++;
      for (int at = 0; at < Protocol.MAX_WINDOW_BYTES; at += 32 * 1024) {
        it.fromClient(client, data(flooded, StdStream.STDIN, at, 32 * 1024));
      }
    }
    assertThat(flooded).isEqualTo(17);
    it.relay.agentOutbox().fill(ByteBuffer.allocate(5 * 1024 * 1024));
    assertThat(it.relay.mayRead(client)).isTrue();
  }

  /// Whoever attaches at an offset has no use for what is before it, so nobody can pile up windows
  /// by attaching again and again.
  @Test
  void attachingLetsGoOfWhatIsBeforeTheOffset() throws ProtocolException {
    Client client = it.client(1);
    it.toClient(client);
    it.start(client, 1, true, 4096);
    for (int at = 0; at < 10 * 4096; at += 4096) {
      it.fromAgent(data(1, StdStream.STDOUT, at, 4096));
      it.fromClient(client, new Frame.Detach(1));
      it.fromClient(client, new Frame.Attach(1, false, at + 4096, 0, 4096, 4096));
    }
    it.toClient(client);
    it.fromClient(client, new Frame.Detach(1));
    it.fromClient(client, new Frame.Attach(1, false, Long.MAX_VALUE, 0, 4096, 4096));
    assertThat(it.toClient(client))
        .containsExactly(
            new Frame.Error(
                1, ErrorCode.BAD_OFFSET, "exec 1 keeps stdout 40960 to 40960 and stderr 0 to 0"));
  }

  private void request(Client client, long id, boolean keep, int window) throws ProtocolException {
    it.fromClient(client, new Frame.Start(id, RelayHarness.request(keep, window, "job")));
  }
}
