package dev.msb.relay;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.msb.protocol.EndReason;
import dev.msb.protocol.ErrorCode;
import dev.msb.protocol.ExitRecord;
import dev.msb.protocol.FailureKind;
import dev.msb.protocol.Frame;
import dev.msb.protocol.FrameCodec;
import dev.msb.protocol.FrameParser;
import dev.msb.protocol.Protocol;
import dev.msb.protocol.ProtocolException;
import dev.msb.protocol.StartRequest;
import dev.msb.protocol.StdStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongToIntFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A hostile guest and a hostile client against the real relay, beside peers that keep to the
/// protocol and check it. The input is a list of steps, most of them frames that are nearly right.
///
/// As a unit test this replays the inputs of `src/test/resources`; `./build fuzz` looks for more.
class RelayFuzzTest {
  private static final int WINDOW = 4096;

  /// Steps beyond these are more of the same.
  private static final int MOST_STEPS = 200;

  private static final Pattern KEPT =
      Pattern.compile("keeps stdout (\\d+) to (\\d+) and stderr (\\d+) to (\\d+)");

  private static final StdStream[] STREAMS = StdStream.values();

  // A hostile guest.

  /// Whatever the guest says, the relay finds a rule broken or its clients get what they may get;
  /// no guest makes it hold more than the windows.
  @FuzzTest
  void aHostileGuest(byte[] bytes) throws ProtocolException {
    FuzzInput input = new FuzzInput(bytes);
    RelayHarness harness = input.next(8) == 7 ? new RelayHarness() : RelayHarness.configured();
    HonestClient first = new HonestClient(harness, 6, WINDOW);
    HonestClient second = new HonestClient(harness, 2, WINDOW);
    first.start(false);
    first.start(true);
    second.start(false);
    Guest guest = new Guest(harness, input);
    try {
      for (int i = 0; i < MOST_STEPS && input.hasMore(); i++) {
        HonestClient client = input.next(4) == 3 ? second : first;
        if (input.next(3) == 0) {
          clientStep(harness, client, guest, input);
        } else {
          guest.step();
        }
      }
      checkMemory(first, id -> WINDOW);
      checkMemory(second, id -> WINDOW);
    } catch (ProtocolException e) {
      assertThat(e.getMessage()).isNotBlank();
      harness.relay.agentLost("the guest broke the protocol");
      for (HonestClient client : List.of(first, second)) {
        client.read(Integer.MAX_VALUE, guest.writesTheRightBytes);
        assertThat(client.error()).isEqualTo(ErrorCode.AGENT_LOST);
        assertThat(client.client.closing()).isTrue();
      }
    }
    harness.relay.disconnected(first.client);
    harness.relay.disconnected(second.client);
  }

  private static void clientStep(
      RelayHarness harness, HonestClient client, Guest guest, FuzzInput input)
      throws ProtocolException {
    long id = 1L + input.next(8);
    switch (input.next(10)) {
      case 0 -> client.start(input.next(2) == 1);
      case 1 -> client.write(id, input.smallAmount(1 << 20));
      case 2 -> client.grant(id, StdStream.STDOUT);
      case 3 -> client.grant(id, StdStream.STDERR);
      case 4 -> client.close(id, STREAMS[input.next(3)]);
      case 5 -> client.signal(id);
      case 6 -> {
        client.ping();
        harness.pass(id <= 4 ? 0 : 20 * (id - 4)); // until the guest is given up
      }
      default -> client.read(1 + input.smallAmount(1 << 20), guest.writesTheRightBytes);
    }
  }

  /// The steps of a guest that lies, and what it would say next if it did not.
  private static final class Guest {
    private final RelayHarness harness;
    private final FuzzInput input;
    private final Map<Long, long[]> sent = new HashMap<>();
    private boolean writesTheRightBytes = true;

    Guest(RelayHarness harness, FuzzInput input) {
      this.harness = harness;
      this.input = input;
    }

    private void step() throws ProtocolException {
      long id = 1L + input.next(9);
      long[] at = sent.computeIfAbsent(id, i -> new long[3]);
      int choice = input.next(14);
      switch (choice) {
        case 0 -> say(new Frame.Started(id, input.next(), input.amount()));
        case 1, 2, 3 -> {
          StdStream stream = STREAMS[choice == 3 ? input.next(3) : choice];
          int length = 1 + input.smallAmount(Protocol.MAX_DATA_BYTES - 1);
          byte[] data = new byte[length];
          for (int i = 0; i < length; i++) {
            data[i] = SimulatedProcess.at(id, 0, at[stream.number()] + i);
          }
          long offset = at[stream.number()] + (choice == 3 ? input.amount() : 0);
          say(new Frame.Data(id, stream, Math.max(0, offset), ByteBuffer.wrap(data)));
          at[stream.number()] += length;
        }
        case 4 -> {
          at[0] += input.amount();
          say(new Frame.Credit(id, STREAMS[input.next(8) == 7 ? 1 : 0], Math.max(0, at[0])));
        }
        case 5 -> {
          int stream = input.next(3);
          say(new Frame.Close(id, STREAMS[stream], stream == 0 ? 0 : at[stream]));
        }
        case 6 -> say(new Frame.Exit(id, exit(at[1] + input.next(3), at[2])));
        case 7 -> say(new Frame.Exit(id, exit(at[1], at[2])));
        case 8 -> say(new Frame.Failed(id, FailureKind.OTHER, input.next(), "step", "subject"));
        case 9 -> say(new Frame.Pong(input.amount()));
        case 10 -> say(new Frame.Ready(input.next(3), input.next(3), 0, ""));
        case 11 -> say(new Frame.Configured(input.next()));
        case 12 -> {
          writesTheRightBytes = false;
          harness.fromAgent(input.bytes(input.next()));
        }
        default -> harness.toAgentRaw();
      }
    }

    private static ExitRecord exit(long stdoutTotal, long stderrTotal) {
      return new ExitRecord(
          false,
          0,
          false,
          false,
          false,
          EndReason.NONE,
          Math.max(0, stdoutTotal),
          Math.max(0, stderrTotal),
          0,
          0,
          0,
          0,
          0);
    }

    private void say(Frame frame) throws ProtocolException {
      byte[] bytes = damaged(frame, input);
      writesTheRightBytes &= Arrays.equals(bytes, FrameCodec.encode(frame));
      harness.fromAgent(bytes);
    }
  }

  /// The frame, and once in a while with one byte that is another.
  private static byte[] damaged(Frame frame, FuzzInput input) {
    byte[] bytes = FrameCodec.encode(frame);
    if (input.next(16) == 15) {
      bytes[input.next() % bytes.length] ^= (byte) input.next();
    }
    return bytes;
  }

  // A hostile client.

  /// Whatever clients say, a bystander's bytes arrive, the agent is never told what breaks a rule
  /// and never blamed, and the relay holds no more than the windows.
  @FuzzTest
  void aHostileClient(byte[] bytes) throws ProtocolException {
    FuzzInput input = new FuzzInput(bytes);
    RelayHarness harness = RelayHarness.configured();
    HonestAgent agent = new HonestAgent(harness);
    HonestClient bystander = new HonestClient(harness, 1, WINDOW);
    long its = bystander.start(false);
    agent.act();
    agent.spare(its);
    bystander.read(Integer.MAX_VALUE, true);
    @Nullable Liar[] liars = new @Nullable Liar[3];
    Map<Long, Integer> windows = new HashMap<>();
    for (int i = 0; i < MOST_STEPS && input.hasMore(); i++) {
      int which = input.next(8) % 3;
      Liar liar = liars[which];
      int choice = input.next(12);
      long id = 1L + input.next(12);
      if (liar == null || liar.client.closing()) {
        if (liar != null) {
          liar.leave();
        }
        liars[which] = new Liar(harness, agent, input, windows);
      } else if (choice < 6) {
        liar.step();
      } else {
        switch (choice) {
          case 6 -> agent.act();
          case 7 -> agent.write(id, STREAMS[1 + input.next(2)], input.smallAmount(1 << 18));
          case 8 -> agent.end(id);
          case 9 -> turn(bystander, its, agent);
          case 10 -> liar.read(input);
          default -> {
            liar.leave();
            liars[which] = null;
          }
        }
      }
    }
    turn(bystander, its, agent);
    for (Liar liar : liars) {
      if (liar != null) {
        checkMemory(liar.client, its, id -> windows.getOrDefault(id, Protocol.MAX_WINDOW_BYTES));
        liar.leave();
      }
    }
    turn(bystander, its, agent);
    agent.act();
    bystander.close(its, StdStream.STDIN);
    agent.act();
    agent.endAll();
    agent.act();
    bystander.read(Integer.MAX_VALUE, true);
    assertThat(bystander.exec(its).over()).isTrue();
    assertThat(harness.relay.hasExecs()).isFalse();
    assertThat(harness.relay.hasGivenUp()).isFalse();
    assertThat(harness.relay.agentOutbox().isEmpty()).isTrue();
  }

  /// What a client writes comes back to it at once, whoever else is there.
  private static void turn(HonestClient bystander, long id, HonestAgent agent)
      throws ProtocolException {
    HonestClient.Exec exec = bystander.exec(id);
    bystander.write(id, 100);
    long sent = exec.sent;
    for (int i = 0; i < 2; i++) {
      agent.act();
      bystander.read(Integer.MAX_VALUE, true);
      bystander.grant(id, StdStream.STDOUT);
    }
    assertThat(exec.received[1]).isEqualTo(sent).isPositive();
    assertThat(bystander.error()).isNull();
  }

  /// The steps of a client that lies.
  private static final class Liar {
    private final RelayHarness harness;
    private final HonestAgent agent;
    private final FuzzInput input;
    private final Map<Long, Integer> windows;
    private final Map<Long, long[]> at = new HashMap<>(); // sent, and granted of both outputs
    private final ByteBuffer out = ByteBuffer.allocate(Outbox.FILL_BYTES);
    final Client client;
    private long nextId;

    Liar(RelayHarness harness, HonestAgent agent, FuzzInput input, Map<Long, Integer> windows)
        throws ProtocolException {
      this.harness = harness;
      this.agent = agent;
      this.input = input;
      this.windows = windows;
      this.client = harness.relay.connect();
      if (input.next(8) != 7) {
        say(FrameCodec.encode(new Frame.Hello(1, 1, 0, input.next(4), input.next(8))));
        for (Frame frame : harness.toClient(client)) {
          if (frame instanceof Frame.Welcome welcome) {
            nextId = welcome.firstId();
          }
        }
      }
    }

    private void step() throws ProtocolException {
      long id = input.next(3) == 0 ? 1L + input.next(10) : Math.max(1, nextId - 1);
      long[] state = at.computeIfAbsent(id, i -> new long[3]);
      int stream = input.next(3);
      switch (input.next(16)) {
        case 0, 1, 2 -> {
          long start = input.next(16) == 15 ? id : nextId++;
          say(damaged(new Frame.Start(start, request()), input));
        }
        case 3, 4 -> {
          int length = 1 + input.smallAmount(Protocol.MAX_DATA_BYTES - 1);
          long offset = state[0] + (input.next(16) == 15 ? input.amount() : 0);
          byte[] data = new byte[length];
          say(
              damaged(
                  new Frame.Data(id, StdStream.STDIN, Math.max(0, offset), ByteBuffer.wrap(data)),
                  input));
          state[0] += length;
        }
        case 5, 6 -> {
          state[stream] = Math.max(0, state[stream] + input.amount());
          say(damaged(new Frame.Credit(id, STREAMS[stream], state[stream]), input));
        }
        case 7 ->
            say(damaged(new Frame.Close(id, STREAMS[stream], stream == 0 ? state[0] : 0), input));
        case 8 -> say(damaged(new Frame.Signal(id, 1 + input.next(64)), input));
        case 9 -> say(damaged(new Frame.Kill(id, EndReason.ASKED, input.next()), input));
        case 10, 11 -> {
          long offset = offset(id, 1);
          long other = offset(id, 2);
          say(
              damaged(
                  new Frame.Attach(
                      id,
                      input.next(2) == 1,
                      offset,
                      other,
                      WINDOW << input.next(4),
                      WINDOW << input.next(4)),
                  input));
        }
        case 12 -> say(damaged(new Frame.Detach(id), input));
        case 13 -> say(damaged(new Frame.ListExecs(), input));
        case 14 ->
            say(
                switch (input.next(4)) {
                  case 0 -> damaged(new Frame.Probe(input.amount(), input.amount()), input);
                  case 1 -> damaged(new Frame.Part(id, ByteBuffer.allocate(input.next())), input);
                  case 2 -> damaged(new Frame.Stop(input.next()), input);
                  default -> damaged(new Frame.Resize(id, 1, 2), input);
                });
        default -> say(input.bytes(input.next()));
      }
    }

    /// Where to attach: anywhere, and where attaching succeeds.
    private long offset(long id, int stream) {
      return switch (input.next(4)) {
        case 0 -> input.amount();
        case 1 -> agent.sent(id, stream);
        default -> Protocol.LAST_GRANTED;
      };
    }

    private StartRequest request() {
      int flags = input.next();
      return StartRequest.builder()
          .flag(StartRequest.Flag.NO_STDIN, (flags & 3) == 1)
          .flag(StartRequest.Flag.MERGE_STDERR, (flags & 12) == 4)
          .flag(StartRequest.Flag.TERMINAL, (flags & 48) == 16)
          .flag(StartRequest.Flag.PIPED_STDOUT, (flags & 50) == 18)
          .flag(StartRequest.Flag.KEEP, (flags & 64) != 0)
          .killAfterMillis(5000)
          .stdoutWindow(WINDOW << input.next(3))
          .stderrWindow(WINDOW)
          .argv(flags >= 192 ? List.of("x".repeat(1 << input.next(18))) : List.of("x"))
          .build();
    }

    /// Hands bytes to the relay as its owner does: while the client may be read, until it lies.
    private void say(byte[] bytes) {
      ByteBuffer buffer = ByteBuffer.allocate(Protocol.MAX_FRAME_BYTES + bytes.length);
      FrameParser parser = new FrameParser(buffer.put(bytes).flip());
      try {
        while (harness.relay.mayRead(client) && parser.next()) {
          noteWindows(parser);
          harness.relay.fromClient(client, parser);
        }
      } catch (ProtocolException e) {
        harness.relay.violated(client, e);
      }
    }

    private void noteWindows(FrameParser parser) {
      int window = 0;
      try {
        window =
            switch (parser.decode()) {
              case Frame.Start start ->
                  Math.max(start.request().stdoutWindow(), start.request().stderrWindow());
              case Frame.Attach attach -> Math.max(attach.stdoutWindow(), attach.stderrWindow());
              case Frame.Part part -> Protocol.MAX_WINDOW_BYTES;
              default -> 0;
            };
      } catch (ProtocolException e) {
        // the last of some parts, or what the relay will not take
      }
      windows.merge(parser.owner(), window, Math::max);
    }

    private void read(FuzzInput choice) {
      client.outbox().fill(out.clear().limit(128 << choice.next(10)));
    }

    /// It is gone; what was for it, is for nobody.
    private void leave() {
      harness.relay.disconnected(client);
      assertThat(client.execs()).isEmpty();
    }
  }

  // Memory.

  private static void checkMemory(HonestClient client, LongToIntFunction window)
      throws ProtocolException {
    checkMemory(client.client, 0, window);
  }

  /// What the relay holds of each stream, as it tells whoever asks for an offset that is not there.
  private static void checkMemory(Client client, long but, LongToIntFunction window)
      throws ProtocolException {
    for (Exec exec : List.copyOf(client.execs().values())) {
      if (exec.id == but) {
        continue;
      }
      Client nobody = new Client();
      exec.attach(
          nobody, new Frame.Attach(exec.id, true, Long.MAX_VALUE, Long.MAX_VALUE, 4096, 4096));
      ByteBuffer out = ByteBuffer.allocate(Protocol.MAX_FRAME_BYTES);
      nobody.outbox().fill(out);
      FrameParser parser = new FrameParser(out.flip());
      assertThat(parser.next()).isTrue();
      Matcher kept = KEPT.matcher(((Frame.Error) parser.decode()).text());
      assertThat(kept.find()).isTrue();
      for (int n = 1; n <= 2; n++) {
        long held = number(kept.group(2 * n)) - number(kept.group(2 * n - 1));
        assertThat(held).as("exec " + exec.id).isBetween(0L, (long) window.applyAsInt(exec.id));
      }
      assertThat(exec.queuedStdinBytes()).isBetween(0L, (long) Protocol.MAX_WINDOW_BYTES);
    }
  }

  private static long number(@Nullable String digits) {
    return Long.parseLong(String.valueOf(digits));
  }
}
