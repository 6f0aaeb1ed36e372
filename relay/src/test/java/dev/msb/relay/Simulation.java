package dev.msb.relay;

import dev.msb.protocol.Frame;
import dev.msb.protocol.FrameParser;
import dev.msb.protocol.Protocol;
import dev.msb.protocol.ProtocolException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The real relay between a simulated guest and simulated clients, on connections that split, delay
/// and end as they like. Everything follows from one seed: no thread, no clock, no socket.
///
/// A run goes on until nothing can move. What must hold then, with readers and clients that still
/// stand still, is checked; then one of them is woken, and so on until all is over.
final class Simulation {
  private static final Pattern KEPT =
      Pattern.compile("keeps stdout (\\d+) to (\\d+) and stderr (\\d+) to (\\d+)");

  private final Random random;
  private final RelayHarness harness;
  private final SimulatedHost host;
  private final SimulatedAgent agent;
  private final Hop agentHop;
  private final List<Hop> clients = new ArrayList<>();
  private int steps;
  private int clientsToCome;
  private final List<SimulatedClient.Exec> orphans = new ArrayList<>();

  private Simulation(long seed) throws ProtocolException {
    random = new Random(seed);
    host = new SimulatedHost(random);
    harness = RelayHarness.configured(host);
    agent = new SimulatedAgent(random);
    agentHop = new Hop(null, null);
    clientsToCome = 1 + random.nextInt(4);
  }

  /// Runs one seed to its end.
  static void run(long seed) {
    Simulation simulation = null;
    try {
      simulation = new Simulation(seed);
      simulation.run();
    } catch (ProtocolException | RuntimeException | AssertionError e) {
      throw new AssertionError(
          "seed " + seed + " (-Dmsb.seed=" + seed + " replays it): " + e + "\n" + simulation, e);
    }
  }

  /// A connection: two pipes, the relay at one end, the agent or a client at the other.
  private final class Hop {
    final @Nullable SimulatedClient model;
    final @Nullable Client client;
    final SimulatedPipe toRelay = new SimulatedPipe(random);
    final SimulatedPipe fromRelay = new SimulatedPipe(random);
    final int vanishesAt;
    boolean vanished;

    Hop(@Nullable SimulatedClient model, @Nullable Client client) {
      this.model = model;
      this.client = client;
      this.vanishesAt = random.nextInt(4) == 0 ? steps + random.nextInt(3000) : Integer.MAX_VALUE;
    }

    private Outbox outbox() {
      return client == null ? harness.relay.agentOutbox() : client.outbox();
    }

    private boolean frozen() {
      return model != null && model.frozen;
    }

    private boolean modelWrites() {
      if (frozen()) {
        return false;
      }
      if (!toRelay.hasUnsent()) {
        byte[] frame = model == null ? agent.next() : model.next();
        if (frame != null) {
          toRelay.send(ByteBuffer.wrap(frame));
        }
      }
      return toRelay.write();
    }

    private boolean modelReads() throws ProtocolException {
      return !frozen() && fromRelay.read(model == null ? agent::received : model::received);
    }

    private boolean relayWrites() {
      if (!fromRelay.hasUnsent() && !outbox().isEmpty()) {
        // Any size that takes a whole frame of control.
        int size = random.nextBoolean() ? 128 + random.nextInt(500) : 128 << random.nextInt(10);
        ByteBuffer out = ByteBuffer.allocate(size);
        outbox().fill(out);
        fromRelay.send(out.flip());
      }
      return fromRelay.write();
    }

    private boolean relayReads() throws ProtocolException {
      if (client == null) {
        return toRelay.read(harness.relay::fromAgent);
      }
      return harness.relay.mayRead(client) && toRelay.read(this::fromClient);
    }

    private void fromClient(FrameParser frame) throws ProtocolException {
      if (client != null) {
        harness.relay.fromClient(client, frame);
      }
    }

    private boolean step(int what) throws ProtocolException {
      if (vanished) {
        return false;
      }
      return switch (what) {
        case 0 -> modelWrites();
        case 1 -> modelReads();
        case 2 -> relayWrites();
        case 3 -> relayReads();
        default -> model == null ? runGuest() : !model.frozen && model.take();
      };
    }

    private boolean runGuest() throws ProtocolException {
      boolean moved = host.run();
      return agent.run() || moved;
    }

    private SimulatedPipe pipe(int what) {
      return what == 0 || what == 3 ? toRelay : fromRelay;
    }

    @Override
    public String toString() {
      return " %s: to the relay: %s; from it: %s; vanished=%s frozen=%s\n%s"
              .formatted(
                  model == null ? "agent" : model.name,
                  toRelay,
                  fromRelay,
                  vanished,
                  frozen(),
                  model == null ? agent.execs().values() : model.execs.values())
          + (model == null ? agent.links().values() : model.links.values());
    }
  }

  private void run() throws ProtocolException {
    int idle = 0;
    while (true) {
      steps++;
      if (clientsToCome > 0 && random.nextInt(200) == 0) {
        connect();
      }
      Hop hop = pick();
      int what = random.nextInt(5);
      SimulatedPipe pipe = hop.pipe(what);
      if (pipe.stalledUntil > steps) {
        idle++;
      } else {
        if (random.nextInt(500) == 0) {
          pipe.stalledUntil = steps + random.nextInt(400);
        }
        idle = hop.step(what) ? 0 : idle + 1;
      }
      if (hop.vanishesAt < steps) {
        vanish(hop);
      }
      if (steps % 500 == 0) {
        checkMemory();
      }
      if (idle > 12 * (clients.size() + 1)) {
        idle = 0;
        if (!sweep() && !wake()) {
          break;
        }
      }
      check(steps < 20_000_000, "it never ends");
    }
    checkEnd();
  }

  private Hop pick() {
    int index = random.nextInt(clients.size() + 1);
    return index == 0 ? agentHop : clients.get(index - 1);
  }

  private void connect() {
    clientsToCome--;
    List<SimulatedClient.Exec> heirlooms = new ArrayList<>();
    for (SimulatedClient.Exec orphan : orphans) {
      SimulatedAgent.Exec guest = agent.execs().get(orphan.id);
      if (guest != null && guest.started && agentHop.toRelay.isEmpty()) {
        heirlooms.add(orphan);
      }
    }
    orphans.removeAll(heirlooms);
    SimulatedClient model =
        new SimulatedClient("client " + clients.size(), random, random.nextInt(4), heirlooms);
    model.frozen = random.nextInt(6) == 0;
    clients.add(new Hop(model, harness.relay.connect()));
  }

  /// A client's connection ends; what it had sent may or may not still arrive.
  private void vanish(Hop hop) throws ProtocolException {
    if (hop.vanished || hop.client == null) {
      return;
    }
    if (random.nextBoolean()) {
      while (harness.relay.mayRead(hop.client) && hop.toRelay.read(hop::fromClient)) {
        // what the kernel still had
      }
    }
    hop.vanished = true;
    for (Exec exec : hop.client.execs().values()) {
      SimulatedClient.Exec model = hop.model == null ? null : hop.model.execs.get(exec.id);
      if (exec.keep() && model != null && !model.attaching && !model.process.fails()) {
        orphans.add(model);
      }
    }
    if (hop.model != null) {
      orphans.addAll(hop.model.notAttached());
    }
    harness.relay.disconnected(hop.client);
  }

  /// Moves everything once, whether it is stalled or not.
  private boolean sweep() throws ProtocolException {
    boolean moved = false;
    for (int i = -1; i < clients.size(); i++) {
      Hop hop = i < 0 ? agentHop : clients.get(i);
      for (int what = 0; what < 5; what++) {
        moved |= hop.step(what);
      }
    }
    return moved;
  }

  /// Nothing moves: checks that what stands still is all that stands still, and wakes one of them.
  private boolean wake() throws ProtocolException {
    checkMemory();
    checkStandstill();
    if (clientsToCome > 0 || !orphans.isEmpty()) {
      connect();
      return true;
    }
    List<Runnable> asleep = new ArrayList<>();
    for (Hop hop : clients) {
      SimulatedClient model = hop.model;
      if (model == null || hop.vanished) {
        continue;
      }
      if (model.frozen) {
        asleep.add(() -> model.frozen = false);
      }
      for (SimulatedClient.Exec exec : model.execs.values()) {
        for (int n = 1; n <= 2; n++) {
          int stream = n;
          if (exec.reader[n] == SimulatedClient.Reader.STALLED) {
            asleep.add(() -> exec.reader[stream] = SimulatedClient.Reader.QUICK);
          }
        }
      }
    }
    if (asleep.isEmpty()) {
      for (Hop hop : clients) {
        if (hop.model != null && !hop.vanished) {
          for (SimulatedClient.Exec exec : hop.model.execs.values()) {
            if (!exec.over() && !exec.impatient) {
              asleep.add(() -> exec.impatient = true);
            }
          }
        }
      }
    }
    if (asleep.isEmpty()) {
      return false;
    }
    asleep.get(random.nextInt(asleep.size())).run();
    return true;
  }

  /// A reader or a client that stands still holds up its own streams and nothing else.
  private void checkStandstill() {
    for (Hop hop : clients) {
      SimulatedClient model = hop.model;
      if (model == null || hop.vanished || model.frozen) {
        continue;
      }
      for (SimulatedLink link : model.links.values()) {
        check(link.over(), link + "is held up");
      }
      for (SimulatedClient.Exec exec : model.execs.values()) {
        SimulatedAgent.Exec guest = agent.execs().get(exec.id);
        check(guest != null, exec + "has not started");
        if (guest == null || exec.failed || exec.over()) {
          continue;
        }
        check(exec.started, exec + "has not started");
        check(!guest.reaped() || exec.exit != null, exec + "its EXIT is held up by data");
        for (int n = 1; n <= 2; n++) {
          if (!exec.closed[n] && !exec.cut[n]) {
            long there = guest.reaped() ? guest.total[n] : guest.produced[n];
            check(
                guest.sent[n] == Math.min(guest.credit[n], there),
                exec + "stream " + n + " is held up at the guest");
            check(
                exec.received[n] == Math.min(guest.sent[n], exec.granted[n]),
                exec + "stream " + n + " is held up");
          }
        }
      }
    }
  }

  /// Of each stream at most a window is held. What is held, a relay tells to whoever asks for an
  /// offset that is not there.
  private void checkMemory() throws ProtocolException {
    for (Hop hop : clients) {
      if (hop.vanished || hop.client == null || hop.model == null) {
        continue;
      }
      for (Exec exec : hop.client.execs().values()) {
        SimulatedClient.Exec model = hop.model.execs.get(exec.id);
        Client nobody = new Client();
        exec.attach(
            nobody, new Frame.Attach(exec.id, true, Long.MAX_VALUE, Long.MAX_VALUE, 4096, 4096));
        ByteBuffer out = ByteBuffer.allocate(Protocol.MAX_FRAME_BYTES);
        nobody.outbox().fill(out);
        FrameParser parser = new FrameParser(out.flip());
        check(parser.next(), "no answer");
        Frame.Error error = (Frame.Error) parser.decode();
        Matcher kept = KEPT.matcher(error.text());
        check(kept.find() && model != null, error.text());
        for (int n = 1; n <= 2 && model != null; n++) {
          long held = Long.parseLong(kept.group(2 * n)) - Long.parseLong(kept.group(2 * n - 1));
          check(
              held <= model.largestWindow[n],
              "exec " + exec.id + ": the relay holds " + held + " bytes of stream " + n);
        }
      }
    }
  }

  private void checkEnd() {
    for (Hop hop : clients) {
      if (hop.model != null && !hop.vanished) {
        check(hop.model.done(), hop.model.name + " waits for ever");
        check(hop.client == null || hop.client.execs().values().stream().allMatch(Exec::keep), "");
        check(hop.client == null || hop.client.links().isEmpty(), "a client's links are kept");
      }
    }
    for (SimulatedAgent.Exec exec : agent.execs().values()) {
      check(exec.over, exec + "is not over");
    }
    for (SimulatedLink link : agent.links().values()) {
      check(link.over(), link + "is not over");
    }
    check(host.done(), "the host's ends of links are not over");
    check(harness.relay.links().all().isEmpty(), "the relay has not forgotten every link");
    check(!harness.relay.hasExecs(), "the relay has not forgotten every exec");
    check(harness.relay.agentOutbox().isEmpty(), "the relay keeps something for the agent");
  }

  private static void check(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError(what);
    }
  }

  @Override
  public String toString() {
    return "after " + steps + " steps\n" + agentHop + clients;
  }
}
