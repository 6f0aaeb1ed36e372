package dev.msb.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msb.protocol.FailureKind;
import dev.msb.protocol.Frame;
import dev.msb.protocol.Protocol;
import dev.msb.protocol.ProtocolException;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/// Where words of a guest get to from here: to clients and to the supervisor.
class GuestTextTest {
  private static final String HOSTILE = "\u001b[2J\nmsb: all is well\u009b\u202e\u2028\u007f";
  private static final String SHOWN = "\\x1b[2J\\nmsb: all is well\\u009b\\u202e\\u2028\\x7f";

  @Test
  void aClientIsToldWhatTheAgentReportedInOneLine() throws Exception {
    RelayHarness harness = RelayHarness.configured();
    Client client = harness.client(1);
    harness.welcome(client);
    assertThatThrownBy(() ->
            harness.fromAgent(new Frame.Error(0, dev.msb.protocol.ErrorCode.PROTOCOL, HOSTILE)))
        .isInstanceOf(ProtocolException.class)
        .hasMessage("the agent reports: " + SHOWN);
  }

  @Test
  void aFailureToStartIsPassedOnInOneLine() throws Exception {
    RelayHarness harness = RelayHarness.configured();
    Client client = harness.client(1);
    long id = harness.welcome(client).firstId();
    harness.fromClient(
        client,
        new Frame.Start(id, RelayHarness.request(false, Protocol.DEFAULT_WINDOW_BYTES, "cat")));
    harness.fromAgent(new Frame.Failed(id, FailureKind.OTHER, 2, HOSTILE, HOSTILE));
    assertThat(harness.toClient(client))
        .containsExactly(new Frame.Failed(id, FailureKind.OTHER, 2, SHOWN, SHOWN));
  }

  @Test
  void aFailureToBootIsOneLine() throws Exception {
    RelayHarness harness = new RelayHarness();
    harness.fromAgent(new Frame.Ready(1, 1, 0, HOSTILE));
    harness.fromAgent(new Frame.BootFailed(22, HOSTILE, HOSTILE));
    assertThat(harness.told).containsExactly("boot failed: " + SHOWN + " " + SHOWN + ": EINVAL");
  }

  @Test
  void aClientsMistakeIsToldInOneLine() throws Exception {
    RelayHarness harness = RelayHarness.configured();
    Client client = harness.client(1);
    harness.welcome(client);
    harness.relay.violated(client, new ProtocolException(HOSTILE));
    Frame.Error error = (Frame.Error) Objects.requireNonNull(harness.toClient(client).getFirst());
    assertThat(error.text()).isEqualTo(SHOWN);
  }
}
