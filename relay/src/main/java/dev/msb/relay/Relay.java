package dev.msb.relay;

import dev.msb.protocol.EndReason;
import dev.msb.protocol.Errno;
import dev.msb.protocol.ErrorCode;
import dev.msb.protocol.ExitRecord;
import dev.msb.protocol.FailureKind;
import dev.msb.protocol.Frame;
import dev.msb.protocol.FrameParser;
import dev.msb.protocol.FrameType;
import dev.msb.protocol.GuestConfiguration;
import dev.msb.protocol.ListedExec;
import dev.msb.protocol.Protocol;
import dev.msb.protocol.ProtocolException;
import dev.msb.protocol.VmCounts;
import java.nio.ByteBuffer;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// Routes frames between one agent and many clients, checks everything that both say, and decides
/// what is sent next.
///
/// Here is no I/O and no clock: whoever owns the connections hands in each frame that arrived and
/// fetches what is to be sent from the [Outbox]es, so the same code runs in the supervisor, under a
/// fuzzer and in a simulation. Everything here belongs to one thread.
///
/// Memory is bounded: streams by the credit that was granted for them, all else by being state and
/// not a queue ([FrameSource]), or by not reading on ([Client#mayRead]).
public final class Relay {

  /// What the relay tells the supervisor. Called from within the relay; must not call back.
  public interface Listener {
    /// The guest is set up.
    void configured(long bootMillis);

    /// The guest could not be set up.
    void bootFailed(String message);

    /// A client asks for the sandbox to stop.
    void stopRequested(long graceMillis);

    /// A client asks for the VM to end at once.
    void powerOffRequested();

    /// A client that the sandbox belongs to has gone.
    void ownerGone();

    /// A client used the sandbox, if only to say so.
    void touched();

    /// A process runs.
    void execStarted(long id, long pid);

    /// A process has ended.
    void execEnded(long id, ExitRecord exit);

    /// An exec wrote to stdout (1) or stderr (2): `length` bytes of `source` from its index `at`;
    /// none when it closed the stream.
    void output(long id, int stream, long offset, ByteBuffer source, int at, int length);

    /// What only the supervisor knows of COUNTS.
    VmCounts counts(VmCounts known);

    /// A client asks for a sandbox that was started for its execs to stay.
    void pinned();

    /// A client holds the sandbox up.
    void held();

    /// The last client that held or owned the sandbox has gone.
    void released();

    /// The guest did not do in time what an exec needed, which is over for its client.
    void gaveUp(long id, String why);

    /// The guest answers nothing any more, and why; a while later it may do so again.
    void silent(String why);

    /// It does.
    void speaks();

    /// The guest may have set its clock only now by what it was told some time ago.
    void clockIsLate();
  }

  /// Clients are not read while more than this waits for the agent. One that keeps its word takes
  /// what it gave credit for, whatever its processes do.
  private static final long MOST_QUEUED_STDIN_BYTES = 64 * 1024 * 1024;

  /// A time that the agent may have taken this late is one that is gone.
  private static final long CLOCK_LATE = Schedule.SECOND;

  /// Each takes a little more than 1 KiB at most.
  private static final int LISTED_PER_FRAME = 50;

  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  private final Listener listener;
  private final Schedule schedule;
  private final AgentWatch watch = new AgentWatch();
  private final Outbox agentOutbox = new Outbox();
  private final Answers agentRequests = new Answers();
  private final ExecTable execs = new ExecTable();
  private final Links links;
  private final Set<Client> clients = new LinkedHashSet<>();
  private final SignOfLife signOfLife;
  private boolean clockSaid; // since the agent was heard last
  private long clockSent;
  private boolean correctsClock; // what is said next, which is not to be corrected in turn

  private enum Agent {
    BOOTING,
    CONFIGURING,
    CONFIGURED,
    LOST
  }

  private Agent agent = Agent.BOOTING;
  private GuestConfiguration configuration;
  private String lost = "";
  private int holders; // clients
  private long begun; // execs
  private long stdinBytes;
  private long outputBytes;
  private boolean stopping;
  private String whyStopping = "";
  private boolean stopSignaled;
  private boolean shutDownWaits; // for execs that were sent a signal
  private long stopGraceMillis;
  private long nextId = 1;

  /// @param policy who may open which link
  /// @param nanoTime the time in nanoseconds, from any origin
  public Relay(
      GuestConfiguration configuration,
      LinkPolicy policy,
      Listener listener,
      LongSupplier nanoTime) {
    this.configuration = configuration;
    this.listener = listener;
    this.schedule = new Schedule(nanoTime);
    this.links = new Links(policy, agentOutbox, schedule, execs);
    this.signOfLife = new SignOfLife(schedule, watch, () -> toAgent(new Frame.Ping(0)));
  }

  /// Numbers execs from behind this one, which an earlier run of the sandbox had.
  public void numberAfter(long exec) {
    nextId = exec + 1;
  }

  public Outbox agentOutbox() {
    return agentOutbox;
  }

  /// Whether an exec is under way, or not yet read to its end by its client.
  boolean hasExecs() {
    return !execs.isIdle();
  }

  /// The links, for tests to look at.
  Links links() {
    return links;
  }

  /// Whether the sandbox is in use: an exec or a client's link is under way, or a client holds the
  /// sandbox.
  public boolean isInUse() {
    return holders > 0 || execs.hasLive() || links.hasOfHost();
  }

  /// Whether a process runs in the guest for somebody.
  public boolean hasLiveExecs() {
    return execs.hasLive();
  }

  /// Whether the agent still has execs that are over for everybody else.
  boolean hasGivenUp() {
    return execs.hasGivenUp();
  }

  /// Whether the next frames of this client may be read.
  public boolean mayRead(Client client) {
    return client.mayRead() && mayReadClients();
  }

  /// Whether anything may be read of any client. Looks at every exec.
  public boolean mayReadClients() {
    return execs.queuedStdinBytes() + links.queuedBytes() <= MOST_QUEUED_STDIN_BYTES;
  }

  // The agent.

  /// Takes a frame from the agent.
  ///
  /// @throws ProtocolException if the agent broke a rule; it must then be given up ([#agentLost])
  public void fromAgent(FrameParser frame) throws ProtocolException {
    heard(schedule.now());
    if (frame.owner() < 0) {
      needAgent(Agent.CONFIGURED, "a link");
      links.fromGuest(frame);
      return;
    }
    switch (frame.type()) {
      case FrameType.DATA -> {
        Exec exec = exec(frame);
        exec.outputData(frame);
        if (!exec.isGivenUp()) {
          outputBytes += frame.dataLength();
        }
        tell(exec, frame, frame.dataLength());
      }
      case FrameType.CREDIT -> exec(frame).creditFromAgent(frame.stream(), frame.offset());
      case FrameType.CLOSE -> {
        Exec exec = exec(frame);
        exec.closeFromAgent(frame.stream(), frame.offset());
        if (frame.stream() != 0) {
          tell(exec, frame, 0);
        }
        settle(exec);
      }
      default -> {
        if (!(frame.decode() instanceof Frame.FromAgent decoded)) {
          throw new ProtocolException("frame type " + frame.type() + " from the agent");
        }
        fromAgent(decoded);
      }
    }
  }

  private void heard(long now) {
    watch.heard(now);
    if (signOfLife.heard()) {
      listener.speaks();
    }
    if (clockSaid && now - clockSent >= CLOCK_LATE) {
      correctsClock = true;
      listener.clockIsLate();
    }
    clockSaid = false;
  }

  /// What files hold is no output of a command.
  private void tell(Exec exec, FrameParser frame, int length) throws ProtocolException {
    if (!exec.isFileServer() && !exec.isGivenUp()) {
      listener.output(exec.id, frame.stream(), frame.offset(), frame.payload(), 8, length);
    }
  }

  private void fromAgent(Frame.FromAgent frame) throws ProtocolException {
    // The kinds are told apart one by one, see FrameCodec. Streams are handled as bytes, before.
    if (frame instanceof Frame.Started started) {
      Exec exec = exec(started);
      exec.started(started);
      if (!exec.isGivenUp()) {
        listener.execStarted(started.exec(), started.pid());
      }
    } else if (frame instanceof Frame.Exit exit) {
      Exec exec = exec(exit);
      exec.exited(stopped(exit));
      if (!exec.isGivenUp()) {
        listener.execEnded(exit.exec(), exit.status());
      }
      settle(exec);
    } else if (frame instanceof Frame.Failed failed) {
      Exec exec = exec(failed);
      exec.failed(failed);
      settle(exec);
    } else if (frame instanceof Frame.Pong) {
      signOfLife.pong();
    } else if (frame instanceof Frame.Ready ready) {
      ready(ready);
    } else if (frame instanceof Frame.Configured(long bootMillis)) {
      needAgent(Agent.CONFIGURING, "CONFIGURED");
      agent = Agent.CONFIGURED;
      listener.configured(bootMillis);
    } else if (frame instanceof Frame.BootFailed failed) {
      needAgent(Agent.CONFIGURING, "BOOT_FAILED");
      listener.bootFailed(
          failed.step() + " " + failed.subject() + ": " + Errno.name(failed.errno()));
    } else if (frame instanceof Frame.Error error) {
      throw new ProtocolException("the agent reports: " + error.text());
    } else {
      throw new IllegalStateException(frame.getClass() + " is not handled");
    }
  }

  /// An exec that the image's own stop signal ended was ended by us, which the agent cannot know.
  private Frame.Exit stopped(Frame.Exit exit) {
    ExitRecord record = exit.status();
    return stopSignaled && record.reason() == EndReason.NONE
        ? new Frame.Exit(exit.exec(), record.because(EndReason.SANDBOX_STOPPING))
        : exit;
  }

  private void ready(Frame.Ready ready) throws ProtocolException {
    // Before CONFIGURE the agent repeats READY whenever the port was reopened.
    needAgent(Agent.BOOTING, "READY");
    if (ready.lowestVersion() > Protocol.VERSION || ready.highestVersion() < Protocol.VERSION) {
      throw new ProtocolException(
          "the agent speaks versions %d to %d, not %d"
              .formatted(ready.lowestVersion(), ready.highestVersion(), Protocol.VERSION));
    }
    agent = Agent.CONFIGURING;
    toAgent(new Frame.Configure(configuration));
  }

  // Deadlines.

  /// Nanoseconds until [#checkDeadlines] has something to do.
  public long nanosLeft() {
    return schedule.nanosLeft();
  }

  /// Gives up what the guest should have done by now.
  public void checkDeadlines() {
    if (!schedule.isDue()) {
      return;
    }
    signOfLife.checkDeadlines();
    links.checkDeadlines(watch);
    for (Exec exec : execs.allLive()) {
      Frame.Error overdue = exec.overdue(watch);
      if (overdue != null) {
        giveUp(exec, overdue);
      }
    }
    String silence = agent == Agent.CONFIGURED && execs.hasLive() ? signOfLife.askIfSilent() : null;
    if (silence != null) {
      listener.silent(silence);
    }
  }

  private void giveUp(Exec exec, Frame.Error why) {
    for (int stream = 1; stream <= 2 && !exec.isFileServer(); stream++) {
      if (exec.isOpen(stream)) {
        listener.output(exec.id, stream, exec.received(stream), NOTHING, 0, 0);
      }
    }
    Exec rest = exec.giveUp(why);
    if (rest != null) {
      execs.giveUp(rest);
    }
    listener.gaveUp(exec.id, why.text());
    settle(exec);
  }

  /// The VM is paused, and nothing of the guest goes on.
  public void paused(String why) {
    watch.paused(why);
    schedule.at(schedule.now()); // those who wait have less time now
  }

  /// The VM goes on.
  public void resumed() {
    watch.resumed(schedule.now());
    schedule.at(schedule.now() + AgentWatch.SILENCE);
  }

  /// Nobody ran for so many nanoseconds, as whatever holds us up holds the VM up, too: they count
  /// against no deadline.
  public void stalled(long nanos) {
    schedule.skip(nanos);
  }

  /// The agent's connection ended, broke the protocol, or the VM ended: tells all clients.
  public void agentLost(String reason) {
    if (agent == Agent.LOST) {
      return;
    }
    agent = Agent.LOST;
    lost = reason;
    execs.agentLost();
    links.agentLost();
    for (Client client : clients) {
      client.closeAfter(lostError());
    }
  }

  private Frame.Error lostError() {
    return new Frame.Error(0, stopping ? ErrorCode.STOPPING : ErrorCode.AGENT_LOST, lost);
  }

  /// From now on nothing new is started, and the guest is to end everything. Clients are told.
  ///
  /// @param why one line for them
  /// @param signal what execs are sent first, to end by themselves: the guest is told to end only
  ///   when they have, or by [#shutDown]; 0 for none
  public void stop(String why, long graceMillis, int signal) {
    if (stopping) {
      return;
    }
    stopping = true;
    whyStopping = why;
    links.stop();
    for (Client client : clients) {
      if (client.greeted() && !client.closing()) {
        client.answer(new Frame.Error(0, ErrorCode.STOPPING, why));
      }
    }
    shutDownWaits = agent == Agent.CONFIGURED;
    stopGraceMillis = graceMillis;
    stopSignaled = signal != 0 && execs.signalAll(signal);
    if (!stopSignaled) {
      shutDown(graceMillis);
    }
  }

  /// Has the guest end what is left, if it was not told before.
  public void shutDown(long graceMillis) {
    if (shutDownWaits) {
      shutDownWaits = false;
      toAgent(new Frame.Shutdown(graceMillis));
    }
  }

  /// Sets the guest's clock, if there is one who listens.
  public void setClock(long realtimeNanos) {
    if (agent == Agent.CONFIGURED && !stopping && !watch.isPaused()) {
      toAgent(new Frame.Clock(realtimeNanos));
      clockSent = clockSaid ? clockSent : schedule.now();
      clockSaid |= !correctsClock;
      correctsClock = false;
    }
  }

  // Clients.

  /// A client has connected.
  public Client connect() {
    Client client = new Client();
    if (clients.size() >= Protocol.MAX_CONNECTIONS) {
      client.closeAfter(
          new Frame.Error(0, ErrorCode.BUSY, "more than " + clients.size() + " connections"));
    }
    clients.add(client);
    return client;
  }

  /// Takes a frame from a client.
  ///
  /// @throws ProtocolException if the client broke a rule; see [#violated]
  public void fromClient(Client client, FrameParser frame) throws ProtocolException {
    if (!client.greeted() && frame.type() != FrameType.HELLO) {
      throw new ProtocolException("the first frame is not HELLO");
    }
    if (frame.owner() < 0) {
      links.fromClient(client, frame);
      return;
    }
    switch (frame.type()) {
      case FrameType.DATA -> {
        if (frame.stream() != 0) {
          throw new ProtocolException("data for an output stream from the host");
        }
        Exec exec = own(client, frame);
        long offset = frame.offset(); // checks the payload, also for an exec that is over
        if (exec != null && offset >= 0 && !exec.isWatchedBy(client)) {
          exec.stdinData(frame);
          stdinBytes += frame.dataLength();
        }
      }
      case FrameType.CREDIT -> {
        Exec exec = own(client, frame);
        long offset = frame.offset();
        if (exec != null) {
          exec.creditFromClient(client, frame.stream(), offset);
        }
      }
      case FrameType.CLOSE -> {
        Exec exec = own(client, frame);
        long offset = frame.offset();
        if (exec != null) {
          exec.closeFromClient(client, frame.stream(), offset);
        }
      }
      case FrameType.START -> start(client, client.start(frame.owner(), frame.payload()));
      default -> {
        if (!(frame.decode() instanceof Frame.FromClient decoded)) {
          throw new ProtocolException("frame type " + frame.type() + " from a client");
        }
        fromClient(client, decoded);
      }
    }
  }

  private void fromClient(Client client, Frame.FromClient frame) throws ProtocolException {
    if (frame instanceof Frame.Hello hello) {
      hello(client, hello);
    } else if (frame instanceof Frame.Probe probe) {
      signOfLife.probe(client, probe);
    } else if (frame instanceof Frame.Stop(long graceMillis)) {
      listener.stopRequested(graceMillis);
    } else if (frame instanceof Frame.PowerOff) {
      listener.powerOffRequested();
    } else if (frame instanceof Frame.Count) {
      client.answer(new Frame.Counts(counts()));
    } else if (frame instanceof Frame.Part part) {
      client.part(part);
    } else if (frame instanceof Frame.Signal(long id, int signal)) {
      Exec exec = find(client, id);
      if (exec != null) {
        exec.signal(signal);
      }
    } else if (frame instanceof Frame.Kill kill) {
      kill(client, kill);
    } else if (frame instanceof Frame.Resize resize) {
      Exec exec = client.execs().get(resize.exec());
      if (exec != null && !exec.isWatchedBy(client)) {
        exec.resize(resize);
      }
    } else if (frame instanceof Frame.ListExecs) {
      list(client);
    } else if (frame instanceof Frame.Attach attach) {
      attach(client, attach);
    } else if (frame instanceof Frame.Detach(long id)) {
      detach(client, id);
    } else {
      throw new IllegalStateException(frame.getClass() + " is not handled");
    }
  }

  private void kill(Client client, Frame.Kill kill) throws ProtocolException {
    if (kill.reason() != EndReason.ASKED) {
      throw new ProtocolException("KILL with reason " + kill.reason());
    }
    Exec exec = find(client, kill.exec());
    if (exec != null) {
      exec.kill(kill.reason(), kill.graceMillis());
    }
  }

  private VmCounts counts() {
    return listener.counts(new VmCounts(0, 0, 0, 0, execs.live(), begun, stdinBytes, outputBytes));
  }

  private void list(Client client) {
    List<ListedExec> listed = execs.listed();
    int at = 0;
    do {
      int end = Math.min(at + LISTED_PER_FRAME, listed.size());
      client.answer(new Frame.Listing(end == listed.size(), listed.subList(at, end)));
      at = end;
    } while (at < listed.size());
  }

  private void attach(Client client, Frame.Attach attach) throws ProtocolException {
    long id = attach.exec();
    if (client.execs().containsKey(id)) {
      throw new ProtocolException("ATTACH to exec " + id + ", which is this client's already");
    }
    Exec exec = execs.attachable(id);
    if (exec == null) {
      client.answer(new Frame.Error(id, ErrorCode.UNKNOWN_EXEC, "there is no exec " + id));
    } else if (!exec.keep() || exec.state() == Exec.State.STARTING) {
      client.answer(
          new Frame.Error(
              id,
              ErrorCode.UNKNOWN_EXEC,
              exec.keep()
                  ? "exec " + id + " is still starting"
                  : "exec " + id + " ends with its client: it was not started to be kept"));
    } else if (client.execs().size() >= Protocol.MAX_EXECS) {
      client.closeAfter(
          new Frame.Error(
              id, ErrorCode.BUSY, "attached to " + client.execs().size() + " execs already"));
    } else if (!attach.watch()
        && execs.windowsExceed(
            exec, attach.stdoutWindow(), attach.stderrWindow(), links.reservedBytes())) {
      client.closeAfter(
          new Frame.Error(id, ErrorCode.BUSY, "the windows of all execs would be too large"));
    } else if (exec.attach(client, attach)) {
      execs.attached(exec);
    }
  }

  private void detach(Client client, long id) throws ProtocolException {
    if (id == 0) {
      client.disown();
      releaseIfIdle();
      return;
    }
    Exec exec = client.execs().get(id);
    if (exec == null) {
      if (!client.used(id)) {
        throw new ProtocolException("exec " + id + " is not this client's");
      }
    } else if (!exec.isWatchedBy(client) && !exec.keepFromNowOn()) {
      client.answer(
          new Frame.Error(
              id, ErrorCode.UNKNOWN_EXEC, "exec " + id + " was not started to be kept"));
    } else {
      exec.leave(client);
      client.execs().remove(id);
    }
  }

  private void hello(Client client, Frame.Hello hello) throws ProtocolException {
    if (hello.lowestVersion() > Protocol.VERSION || hello.highestVersion() < Protocol.VERSION) {
      client.closeAfter(
          new Frame.Error(
              0,
              ErrorCode.VERSION,
              "this sandbox's supervisor speaks version " + Protocol.VERSION));
      return;
    }
    if (agent == Agent.LOST) {
      client.closeAfter(lostError());
      return;
    }
    if (stopping) {
      client.closeAfter(new Frame.Error(0, ErrorCode.STOPPING, "the sandbox is stopping"));
      return;
    }
    client.greet(hello.flags(), nextId, hello.ids());
    nextId += hello.ids();
    if (client.holding() || client.owning()) {
      listener.held();
    }
    if (client.holding()) {
      holders++;
    }
    if ((hello.flags() & (Protocol.HELLO_TOUCH | Protocol.HELLO_HOLD)) != 0) {
      listener.touched();
    }
    if ((hello.flags() & Protocol.HELLO_PIN) != 0) {
      listener.pinned();
    }
  }

  private void start(Client client, Frame.Start start) throws ProtocolException {
    client.use(start.exec(), "START");
    if (stopping || agent == Agent.LOST) {
      client.closeAfter(new Frame.Error(0, ErrorCode.STOPPING, stopping ? whyStopping : lost));
      return;
    }
    String refusal =
        execs.refusal(
            start.request().stdoutWindow(), start.request().stderrWindow(), links.reservedBytes());
    if (refusal != null) {
      client.answer(
          new Frame.Failed(start.exec(), FailureKind.RESOURCE_LIMIT, 0, "start", refusal));
      return;
    }
    Exec exec = new Exec(start, client, agentOutbox, this::delivered, schedule);
    execs.add(exec);
    begun++;
    client.execs().put(exec.id, exec);
  }

  /// A client broke a rule: it is told which, and its connection is to be closed.
  public void violated(Client client, ProtocolException violation) {
    client.closeAfter(
        new Frame.Error(0, ErrorCode.PROTOCOL, String.valueOf(violation.getMessage())));
  }

  /// A client's connection has ended.
  public void disconnected(Client client) {
    if (!clients.remove(client)) {
      return;
    }
    for (Exec exec : client.execs().values()) {
      exec.leave(client);
    }
    client.execs().clear();
    links.disconnected(client);
    signOfLife.forget(client);
    if (client.holding()) {
      holders--;
    }
    if (client.owning()) {
      listener.ownerGone();
    } else if (client.holding()) {
      releaseIfIdle();
    }
  }

  /// The sandbox is held up by clients that said so, and by execs that outlive their clients.
  private void releaseIfIdle() {
    if (holders > 0 || execs.holdsUp()) {
      return;
    }
    for (Client client : clients) {
      if (client.owning()) {
        return;
      }
    }
    listener.released();
  }

  // Both.

  private void toAgent(Frame.ToAgent frame) {
    agentRequests.add((Frame) frame);
    agentOutbox.controlDue(agentRequests);
  }

  private void needAgent(Agent expected, String what) throws ProtocolException {
    if (agent != expected) {
      throw new ProtocolException(what + " while the agent is " + agent);
    }
  }

  private Exec exec(FrameParser frame) throws ProtocolException {
    return known(frame.owner());
  }

  private Exec exec(Frame frame) throws ProtocolException {
    return known(frame.owner());
  }

  private Exec known(long id) throws ProtocolException {
    Exec exec = execs.ofAgent(id);
    if (exec == null) {
      throw new ProtocolException("frame for exec " + id + ", which is not under way");
    }
    return exec;
  }

  /// The client's exec, or null if it is over.
  private static @Nullable Exec own(Client client, FrameParser frame) throws ProtocolException {
    Exec exec = client.execs().get(frame.owner());
    if (exec == null && !client.used(frame.owner())) {
      throw new ProtocolException("exec " + frame.owner() + " is not this client's");
    }
    return exec;
  }

  /// Any client's exec; a client that names one which is not there is told.
  private @Nullable Exec find(Client client, long id) {
    Exec exec = execs.live(id);
    if (exec == null && !client.used(id)) {
      client.answer(new Frame.Error(id, ErrorCode.UNKNOWN_EXEC, "there is no exec " + id));
    }
    return exec;
  }

  /// Moves an exec that has just come to its end.
  private void settle(Exec exec) {
    if (exec.state() == Exec.State.OVER && !execs.forgetGivenUp(exec)) {
      execs.ended(exec);
      if (!execs.hasLive()) {
        shutDown(stopGraceMillis);
      }
      if (exec.client() == null) {
        delivered(exec);
      }
    }
  }

  /// The client of an exec that is over has got all of it, or has gone.
  private void delivered(Exec exec) {
    if (execs.delivered(exec) && exec.keep()) {
      releaseIfIdle();
    }
  }
}
