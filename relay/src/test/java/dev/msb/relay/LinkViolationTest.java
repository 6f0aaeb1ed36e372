package dev.msb.relay;

import static dev.msb.relay.RelayHarness.data;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msb.protocol.Frame;
import dev.msb.protocol.LinkKind;
import dev.msb.protocol.Protocol;
import dev.msb.protocol.ProtocolException;
import dev.msb.protocol.StdStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// What is refused of links, and each of their rules that a guest or a client can break.
class LinkViolationTest {
  private static final int WINDOW = Protocol.DEFAULT_WINDOW_BYTES;
  private static final long OURS = Protocol.LINK | 1;
  private static final long GUESTS = Protocol.LINK | Protocol.OF_GUEST | 1;

  private static Frame.Open open(long id) {
    return new Frame.Open(id, LinkKind.ECHO, WINDOW, "");
  }

  @Test
  void nobodyMayOpenALinkToday() throws ProtocolException {
    RelayHarness it = RelayHarness.configured();
    Client client = it.client(1);
    it.welcome(client);
    it.fromClient(client, open(OURS));
    assertThat(it.toClient(client))
        .containsExactly(new Frame.Refused(OURS, 13, "no links are allowed here"));
    it.fromAgent(open(GUESTS));
    assertThat(it.toAgent())
        .containsExactly(new Frame.Refused(GUESTS, 13, "no links are allowed here"));
    assertThat(it.relay.links().all()).isEmpty();
  }

  static List<Arguments> liesOfTheGuest() {
    List<Arguments> lies = new ArrayList<>();
    add(lies, "OPEN with an id that is not the guest's next", open(GUESTS));
    add(lies, "OPEN with an id that is not the guest's next", open(Protocol.LINK | 7));
    add(lies, "frame for a link that nobody opened", new Frame.Reset(GUESTS + 1, 5));
    add(lies, "frame for a link that nobody opened", new Frame.Reset(OURS + 1, 5));
    add(lies, "OPENED for a link that was not asked for", new Frame.Opened(OURS, WINDOW));
    add(lies, "OPENED for a link that was not asked for", new Frame.Opened(GUESTS, WINDOW));
    add(lies, "data at offset 5 of stream 1, expected 0", data(OURS, StdStream.STDOUT, 5, 1));
    add(
        lies,
        "data from the guest for the stream that it reads",
        data(OURS, StdStream.STDIN, 0, 1));
    add(
        lies,
        "credit from the guest for the stream that it writes",
        new Frame.Credit(OURS, StdStream.STDOUT, WINDOW));
    add(
        lies,
        "credit 4194305 of stream 0 with only 0 bytes sent",
        new Frame.Credit(OURS, StdStream.STDIN, Protocol.MAX_WINDOW_BYTES + 1));
    add(
        lies,
        "stream 1 closed twice",
        new Frame.Close(OURS, StdStream.STDOUT, 0),
        new Frame.Close(OURS, StdStream.STDOUT, 0));
    add(
        lies,
        "stream 0 closed twice by its reader",
        new Frame.Close(OURS, StdStream.STDIN, 0),
        new Frame.Close(OURS, StdStream.STDIN, 0));
    add(
        lies,
        "data after the end of stream 1",
        new Frame.Close(OURS, StdStream.STDOUT, 0),
        data(OURS, StdStream.STDOUT, 0, 1));
    add(
        lies,
        "DATA for a link that is not open",
        open(GUESTS + 1),
        data(GUESTS + 1, StdStream.STDOUT, 0, 1));
    Frame[] many = new Frame[Protocol.MAX_OPENING + 1];
    for (int i = 0; i < many.length; i++) {
      many[i] = open(GUESTS + 1 + i);
    }
    add(lies, "more than 256 links are asked for at once", many);
    return lies;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("liesOfTheGuest")
  void theGuestIsGivenUp(String message, List<Frame> lie) throws ProtocolException {
    RelayHarness it = RelayHarness.configured(new SimulatedHost(new Random(1)));
    opened(it);
    it.fromAgent(open(GUESTS));
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
    add(lies, "OPEN with id 1, expected 2 to 400", open(OURS));
    add(lies, "OPEN from a client with an id of the guest's", open(GUESTS));
    add(lies, "frame for a link that is not this client's", new Frame.Reset(OURS + 1000, 5));
    add(lies, "frame for a link that is not this client's", new Frame.Reset(GUESTS, 5));
    add(lies, "frame type 81 from a client", new Frame.Opened(OURS, WINDOW));
    add(lies, "frame type 82 from a client", new Frame.Refused(OURS, 5, ""));
    add(lies, "data at offset 5 of stream 0, expected 0", data(OURS, StdStream.STDIN, 5, 1));
    add(
        lies,
        "data from the host for the stream that it reads",
        data(OURS, StdStream.STDOUT, 0, 1));
    add(
        lies,
        "credit from the host for the stream that it writes",
        new Frame.Credit(OURS, StdStream.STDIN, WINDOW));
    add(
        lies,
        "a frame for a link that is not open",
        open(OURS + 1),
        data(OURS + 1, StdStream.STDIN, 0, 1));
    Frame[] many = new Frame[Protocol.MAX_OPENING + 1];
    for (int i = 0; i < many.length; i++) {
      many[i] = open(OURS + 1 + i);
    }
    add(lies, "more than 256 links are asked for at once", many);
    return lies;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("liesOfAClient")
  void theClientIsTold(String message, List<Frame> lie) throws ProtocolException {
    RelayHarness it = RelayHarness.configured(new SimulatedHost(new Random(1)));
    Client client = opened(it);
    assertThatThrownBy(
            () -> {
              for (Frame frame : lie) {
                it.fromClient(client, frame);
              }
            })
        .isInstanceOf(ProtocolException.class)
        .hasMessage(message);
  }

  /// A client with a link that is open.
  private static Client opened(RelayHarness it) throws ProtocolException {
    Client client = it.client(400);
    it.welcome(client);
    it.fromClient(client, open(OURS));
    it.toAgent();
    it.fromAgent(new Frame.Opened(OURS, WINDOW));
    it.toClient(client);
    return client;
  }

  @Test
  void aLinkThatTheGuestDoesNotAnswerIsRefused() throws ProtocolException {
    RelayHarness it = RelayHarness.configured(new SimulatedHost(new Random(1)));
    Client client = it.client(1);
    it.welcome(client);
    it.fromClient(client, open(OURS));
    it.toAgent();
    it.pass(61);
    assertThat(it.toClient(client))
        .containsExactly(new Frame.Refused(OURS, 110, "the guest has not answered"));
    assertThat(it.toAgent()).contains(new Frame.Reset(OURS, 110));
    it.fromAgent(new Frame.Opened(OURS, WINDOW)); // it crossed our RESET
    assertThat(it.relay.links().all()).isEmpty();
  }

  @Test
  void aClientsEndBreaksItsLinks() throws ProtocolException {
    RelayHarness it = RelayHarness.configured(new SimulatedHost(new Random(1)));
    Client client = opened(it);
    assertThat(it.relay.isInUse()).isTrue();
    it.relay.disconnected(client);
    assertThat(it.toAgent()).containsExactly(new Frame.Reset(OURS, 104));
    assertThat(it.relay.links().all()).isEmpty();
    assertThat(it.relay.isInUse()).isFalse();
  }

  private static void add(List<Arguments> lies, String message, Frame... frames) {
    lies.add(Arguments.of(message, List.of(frames)));
  }
}
