package dev.msb.relay;

import static dev.msb.relay.RelayHarness.data;
import static org.assertj.core.api.Assertions.assertThat;

import dev.msb.protocol.EndReason;
import dev.msb.protocol.ErrorCode;
import dev.msb.protocol.Frame;
import dev.msb.protocol.Protocol;
import dev.msb.protocol.ProtocolException;
import dev.msb.protocol.StdStream;
import dev.msb.protocol.VmCounts;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Who holds a sandbox up, whose it is, and what clients are told of its end.
class RelayLifeTest {
  private final RelayHarness it;

  RelayLifeTest() throws ProtocolException {
    it = RelayHarness.configured();
    it.told.clear();
  }

  @Test
  void theOwnersEndIsTheSandboxesWhoeverElseUsesIt() throws ProtocolException {
    Client owner = it.greeted(Protocol.HELLO_OWN, 0);
    it.greeted(Protocol.HELLO_HOLD, 1);
    assertThat(it.told).containsExactly("held", "held", "touched");
    it.relay.disconnected(owner);
    assertThat(it.told).endsWith("owner gone");
  }

  @Test
  void aPinDoesNotTakeItFromItsOwner() throws ProtocolException {
    Client owner = it.greeted(Protocol.HELLO_OWN, 0);
    it.relay.disconnected(it.greeted(Protocol.HELLO_PIN, 0));
    it.relay.disconnected(owner);
    assertThat(it.told).containsExactly("held", "pinned", "owner gone");
  }

  @Test
  void theLastProcessDoesNotReleaseWhatIsOwned() throws ProtocolException {
    Client owner = it.greeted(Protocol.HELLO_OWN, 0);
    it.relay.disconnected(it.greeted(Protocol.HELLO_HOLD, 1));
    assertThat(it.told).doesNotContain("released");
    it.relay.disconnected(owner);
    assertThat(it.told).endsWith("owner gone");
  }

  @Test
  void anOwnerIsNoUse() throws ProtocolException {
    it.greeted(Protocol.HELLO_OWN, 0);
    it.greeted(0, 0);
    assertThat(it.relay.isInUse()).isFalse();
    Client holder = it.greeted(Protocol.HELLO_HOLD, 1);
    assertThat(it.relay.isInUse()).isTrue();
    it.relay.disconnected(holder);
    assertThat(it.relay.isInUse()).isFalse();
  }

  @Test
  void anExecWithoutItsClientIsAUseUntilItIsOver() throws ProtocolException {
    it.relay.disconnected(it.running(true));
    assertThat(it.relay.isInUse()).isTrue();
    it.end(1, 0);
    assertThat(it.relay.isInUse()).isFalse();
  }

  @Test
  void aTouchIsToldAndChangesNothingElse() throws ProtocolException {
    it.relay.disconnected(it.greeted(Protocol.HELLO_TOUCH, 0));
    assertThat(it.told).containsExactly("touched");
  }

  @Test
  void everyClientIsToldWhyItStopsAndItsExecsGoOnToTheirEnd() throws ProtocolException {
    Client driver = it.running(false);
    Client other = it.client(0);
    it.toClient(other);
    it.relay.stop("the reason", 1000, 0);
    Frame notice = new Frame.Error(0, ErrorCode.STOPPING, "the reason");
    assertThat(it.toClient(driver)).containsExactly(notice);
    assertThat(it.toClient(other)).containsExactly(notice);
    it.fromClient(driver, data(1, StdStream.STDIN, 0, 3));
    assertThat(it.toAgent()).contains(data(1, StdStream.STDIN, 0, 3));
    it.end(1, 5);
    assertThat(it.toClient(driver)).contains(new Frame.Exit(1, RelayTest.exit(0, 5)));
    assertThat(driver.closing()).isFalse();
    it.relay.agentLost("the reason");
    assertThat(it.toClient(driver)).containsExactly(notice);
    assertThat(driver.closing()).isTrue();
  }

  @Test
  void anExecThatTheStopSignalEndedWasEndedByUs() throws ProtocolException {
    Client driver = it.running(false);
    it.relay.stop("the reason", 1000, 10);
    it.fromAgent(new Frame.Exit(1, RelayTest.exit(0, 0)));
    assertThat(it.toClient(driver))
        .contains(new Frame.Exit(1, RelayTest.exit(0, 0).because(EndReason.SANDBOX_STOPPING)));
  }

  @Test
  void whatIsAskedOfTheVmIsPassedOn() throws ProtocolException {
    it.fromClient(it.client(0), new Frame.PowerOff());
    assertThat(it.told).containsExactly("power off");
  }

  @Test
  void execsAndBytesAreCounted() throws ProtocolException {
    Client driver = it.running(false);
    it.fromClient(driver, data(1, StdStream.STDIN, 0, 7));
    it.fromAgent(data(1, StdStream.STDOUT, 0, 5));
    it.running(false);
    it.end(2, 4);
    Client asker = it.client(0);
    it.toClient(asker);
    it.fromClient(asker, new Frame.Count());
    assertThat(it.toClient(asker))
        .isEqualTo(List.of(new Frame.Counts(new VmCounts(0, 0, 0, 0, 1, 2, 7, 9))));
  }
}
