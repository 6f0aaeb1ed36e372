package dev.msb.relay;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.msb.protocol.ErrorCode;
import dev.msb.protocol.Frame;
import dev.msb.protocol.FrameCodec;
import dev.msb.protocol.FrameParser;
import dev.msb.protocol.FrameType;
import dev.msb.protocol.Protocol;
import dev.msb.protocol.ProtocolException;
import dev.msb.protocol.StdStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/// A relay between ends of links of which one lies: no other notices anything but frames that keep
/// the rules, and no memory grows beyond the windows.
class LinkFuzzTest {
  private static final int MOST_STEPS = 400;

  /// A guest that says anything of links to clients and to the host's own ends.
  @FuzzTest
  void aHostileGuest(byte[] bytes) throws ProtocolException {
    FuzzInput input = new FuzzInput(bytes);
    Random random = new Random(input.next());
    SimulatedHost host = new SimulatedHost(random, false);
    RelayHarness harness = RelayHarness.configured(host);
    Honest client = new Honest(harness, random);
    Liar liar = new Liar(input);
    try {
      for (int i = 0; i < MOST_STEPS && input.hasMore(); i++) {
        switch (input.next(8)) {
          case 0, 1 -> client.write();
          case 2 -> client.read();
          case 3 -> host.run();
          case 4 -> harness.toAgentRaw();
          default -> harness.fromAgent(liar.next(true));
        }
        checkMemory(harness);
      }
    } catch (ProtocolException e) {
      assertThat(e.getMessage()).isNotBlank();
      harness.relay.agentLost("the guest broke the protocol");
      client.read();
      assertThat(client.lost).isTrue();
    }
    harness.relay.disconnected(client.client);
    assertThat(client.client.links()).isEmpty();
  }

  /// A client that says anything of links: the guest hears only what keeps the rules.
  @FuzzTest
  void aHostileClient(byte[] bytes) throws ProtocolException {
    FuzzInput input = new FuzzInput(bytes);
    Random random = new Random(input.next());
    RelayHarness harness = RelayHarness.configured(new SimulatedHost(random, false));
    Honest bystander = new Honest(harness, random);
    Client client = harness.client(200);
    Liar liar = new Liar(input);
    Guest guest = new Guest(harness, random);
    for (int i = 0; i < MOST_STEPS && input.hasMore(); i++) {
      switch (input.next(8)) {
        case 0 -> guest.write();
        case 1 -> guest.read();
        case 2 -> bystander.write();
        case 3 -> bystander.read();
        case 4 -> harness.toClient(client);
        default -> {
          if (harness.relay.mayRead(client)) {
            say(harness, client, liar.next(false));
          }
        }
      }
      checkMemory(harness);
    }
    harness.relay.disconnected(client);
    assertThat(client.links()).isEmpty();
    // The bystander's links come to their ends, and nothing is left of the others.
    boolean moved = true;
    while (moved) {
      moved = bystander.write();
      moved |= guest.write();
      moved |= bystander.read();
      moved |= guest.read();
    }
    bystander.links.values().forEach(link -> assertThat(link.over()).as("%s", link).isTrue());
    guest.links.values().forEach(link -> assertThat(link.over()).as("%s", link).isTrue());
    assertThat(harness.relay.links().all()).isEmpty();
  }

  private static void checkMemory(RelayHarness harness) {
    Collection<Link> links = harness.relay.links().all();
    assertThat(links).hasSizeLessThanOrEqualTo(Protocol.MAX_LINKS + Protocol.MAX_OPENING);
    for (Link link : links) {
      assertThat(link.toGuest().keptBytes()).isLessThanOrEqualTo(Protocol.MAX_WINDOW_BYTES);
      assertThat(link.fromGuest().keptBytes()).isLessThanOrEqualTo(Protocol.MAX_WINDOW_BYTES);
    }
  }

  private static void say(RelayHarness harness, Client client, byte[] bytes) {
    try {
      ByteBuffer buffer = ByteBuffer.allocate(Protocol.MAX_FRAME_BYTES + bytes.length);
      FrameParser parser = new FrameParser(buffer.put(bytes).flip());
      while (harness.relay.mayRead(client) && parser.next()) {
        harness.relay.fromClient(client, parser);
      }
    } catch (ProtocolException e) {
      harness.relay.violated(client, e);
    }
  }

  /// What somebody says who knows the rules well, and breaks them.
  private static final class Liar {
    private final FuzzInput input;
    private final Map<Long, long[]> at = new HashMap<>(); // sent and granted
    private long opened;

    Liar(FuzzInput input) {
      this.input = input;
    }

    private byte[] next(boolean guest) {
      long own = guest ? Protocol.LINK | Protocol.OF_GUEST : Protocol.LINK;
      long base = input.next(3) == 0 ? Protocol.LINK : own;
      long id = base | (1L + input.next(guest ? 6 : 205));
      long[] state = at.computeIfAbsent(id, i -> new long[2]);
      StdStream writes = guest ? StdStream.STDOUT : StdStream.STDIN;
      StdStream reads = guest ? StdStream.STDIN : StdStream.STDOUT;
      Frame frame =
          switch (input.next(12)) {
            case 0, 1 -> new Frame.Open(own | ++opened, input.next(4), window(), "target");
            case 2 -> new Frame.Open(id, input.next(), window(), "x".repeat(input.next()));
            case 3 -> new Frame.Opened(id, window());
            case 4 -> new Frame.Refused(id, input.next(), "why");
            case 5 -> new Frame.Reset(id, input.next());
            case 6, 7, 8 -> {
              byte[] data = new byte[1 + input.smallAmount(Protocol.MAX_DATA_BYTES - 1)];
              for (int i = 0; i < data.length; i++) {
                data[i] = SimulatedProcess.at(id, guest ? 1 : 0, state[0] + i);
              }
              long offset = state[0];
              state[0] += data.length;
              yield new Frame.Data(id, writes, offset, ByteBuffer.wrap(data));
            }
            case 9 -> {
              state[1] = Math.max(0, state[1] + input.amount());
              yield new Frame.Credit(id, reads, state[1]);
            }
            case 10 -> new Frame.Close(id, writes, state[0]);
            default -> new Frame.Close(id, reads, 0);
          };
      byte[] bytes = FrameCodec.encode(frame);
      if (input.next(24) == 23) {
        bytes[input.next() % bytes.length] ^= (byte) input.next();
      }
      return bytes;
    }

    private int window() {
      return Protocol.MIN_WINDOW_BYTES << input.next(11);
    }
  }

  /// A client that keeps the rules, with some links.
  private static final class Honest {
    private final RelayHarness harness;
    private final Random random;
    private final Map<Long, SimulatedLink> links = new TreeMap<>();
    private final Client client;
    private long nextId;
    private int left = 3;
    private boolean lost;

    Honest(RelayHarness harness, Random random) throws ProtocolException {
      this.harness = harness;
      this.random = random;
      this.client = harness.client(left);
      this.nextId = harness.welcome(client).firstId();
    }

    private boolean write() throws ProtocolException {
      List<Runnable> choices = new ArrayList<>();
      List<Frame> out = new ArrayList<>();
      if (left > 0) {
        choices.add(() -> {
          left--;
          SimulatedLink link =
              new SimulatedLink("client", Protocol.LINK | nextId++, false, true, random);
          link.trusting(); // a liar's bytes may be any
          links.put(link.id, link);
          out.add(link.open());
        });
      }
      links.values().forEach(link -> link.due(choices, out));
      if (choices.isEmpty() || !harness.relay.mayRead(client)) {
        return false;
      }
      choices.get(random.nextInt(choices.size())).run();
      harness.fromClient(client, out.getFirst());
      return true;
    }

    private boolean read() throws ProtocolException {
      List<Frame> frames = harness.toClient(client);
      for (Frame frame : frames) {
        if (frame instanceof Frame.Error error && error.code() == ErrorCode.AGENT_LOST) {
          lost = true;
          continue;
        }
        SimulatedLink link = links.get(frame.owner());
        assertThat(link).as("%s", frame).isNotNull();
        if (link != null) {
          RelayHarness.each(frame, link::received);
        }
      }
      return !frames.isEmpty();
    }
  }

  /// A guest that keeps the rules and holds the relay to them.
  private static final class Guest {
    private final RelayHarness harness;
    private final Random random;
    private final Map<Long, SimulatedLink> links = new TreeMap<>();

    Guest(RelayHarness harness, Random random) {
      this.harness = harness;
      this.random = random;
    }

    private boolean write() throws ProtocolException {
      List<Runnable> choices = new ArrayList<>();
      List<Frame> out = new ArrayList<>();
      links.values().forEach(link -> link.due(choices, out));
      if (choices.isEmpty()) {
        return false;
      }
      choices.get(random.nextInt(choices.size())).run();
      harness.fromAgent(out.getFirst());
      return true;
    }

    private boolean read() throws ProtocolException {
      List<Frame> frames = harness.toAgent();
      for (Frame frame : frames) {
        RelayHarness.each(frame, this::received);
      }
      return !frames.isEmpty();
    }

    private void received(FrameParser frame) throws ProtocolException {
      if (frame.type() == FrameType.OPEN) {
        assertThat(links).doesNotContainKey(frame.owner());
        SimulatedLink link = new SimulatedLink("the guest", frame.owner(), true, false, random);
        link.trusting();
        link.asked(((Frame.Open) frame.decode()).window());
        links.put(link.id, link);
        return;
      }
      SimulatedLink link = links.get(frame.owner());
      assertThat(link).as("link %x", frame.owner()).isNotNull();
      if (link != null) {
        link.received(frame);
      }
    }
  }
}
