package dev.msb.supervisor;

import dev.msb.posix.Posix;
import dev.msb.protocol.ExitRecord;
import dev.msb.protocol.FrameParser;
import dev.msb.protocol.GuestConfiguration;
import dev.msb.protocol.ProtocolException;
import dev.msb.protocol.VmCounts;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The supervisor's loop: one thread waits for everything (QEMU, the agent, the console, clients,
/// signals, deadlines), hands frames to the [Relay] and sends what the relay wants sent.
///
/// One thread, because then nothing here needs a lock, a frame crosses the supervisor without a
/// change of threads, and QEMU, bound to the thread that started it, ends with it.
final class Supervisor implements Relay.Listener {
  private static final long MILLI = 1_000_000;
  private static final long BOOT_MILLIS = 180_000;
  private static final long POWER_OFF_MILLIS = 5_000;
  private static final long FLUSH_MILLIS = 2_000;
  private static final int QEMU_END_MILLIS = 1000;
  private static final long FIRST_CLIENT_MILLIS = 60_000;
  private static final long DEFAULT_GRACE_MILLIS = 10_000;
  private static final long CLOCK_MILLIS = 60_000;
  private static final long CLOCK_JUMP_NANOS = 50 * MILLI;
  private static final long CONSOLE_MILLIS = 1000;
  private static final long STALL_NANOS = 3000 * MILLI;

  private enum Phase {
    BOOTING,
    RUNNING,
    STOPPING,
    POWERING_OFF,
    FLUSHING,
    DONE
  }

  private final SandboxDirectory directory;
  private final DiskSpace disk;
  private final Qemu qemu;
  private final StartReport report;
  private final int signals;
  private final Relay relay;
  private final Connection agent;
  private final Console console;
  private final @Nullable OutputLog log;
  private final ByteBuffer input = Connection.newReceiveBuffer();
  private final FrameParser parser = new FrameParser(input);
  private final ByteBuffer output = ByteBuffer.allocateDirect(Connection.SEND_BYTES);
  private final Peers peers;
  private final PollSet poll = new PollSet();
  private final List<String[]> untold = new ArrayList<>(); // events

  private final ByteBuffer greeting;
  private final boolean ephemeral;
  private final Lifespan lifespan;
  private final int stopSignal; // 0 for none of the image's own
  private boolean transientSandbox;
  private Phase phase = Phase.BOOTING;
  private long deadline; // of the phase, System.nanoTime
  private long clockDeadline; // when the guest's clock is set next, whatever happens
  private long clockOffset; // of the host's, from its monotonic one, when the guest's was set
  private final FullDisk fullDisk = new FullDisk();
  private boolean consoleFails;
  private long consoleDeadline; // when it may be saved again
  private long ran = System.nanoTime(); // when it was seen last that we run
  private boolean killed;
  private @Nullable Ending ending;
  private String shutdownReason = ""; // as QEMU tells
  private boolean agentOpen = true;
  private boolean qmpOpen = true;
  private boolean consoleOpen = true;
  private boolean wordsOpen = true;

  Supervisor(
      SandboxDirectory directory,
      GuestConfiguration configuration,
      VmStart.Vm vm,
      StartReport report,
      int signals,
      boolean transientSandbox,
      SandboxConfig config)
      throws IOException {
    this.directory = directory;
    this.disk = new DiskSpace(directory.home().path());
    this.lifespan =
        new Lifespan(
            System.nanoTime(), config.lifetime().idleMillis(), config.lifetime().mostMillis());
    this.ephemeral = config.lifetime().ephemeral();
    this.stopSignal = config.image().stopSignalNumber();
    this.qemu = vm.qemu();
    this.greeting = vm.greeting();
    this.report = report;
    this.signals = signals;
    this.transientSandbox = transientSandbox;
    this.relay = new Relay(configuration, this, System::nanoTime);
    this.peers = new Peers(relay, input, parser, output);
    this.agent = new Connection(qemu.agentFd());
    this.console = new Console(qemu.consoleFd());
    this.log = config.logOutput() ? OutputLog.open(directory) : null;
    if (log != null) {
      relay.numberAfter(log.highestExec());
    }
    this.deadline = System.nanoTime() + BOOT_MILLIS * MILLI;
    this.consoleDeadline = System.nanoTime() + CONSOLE_MILLIS * MILLI;
    this.clockDeadline = System.nanoTime() + CLOCK_MILLIS * MILLI;
  }

  /// Runs until the VM has ended and the clients were told.
  ///
  /// @return why it ended
  Ending run() throws IOException {
    qemu.qmp().openLater();
    greet();
    while (phase != Phase.DONE) {
      await();
      keepClock();
      serveSignals(poll.ready(0));
      if (poll.ready(5) != 0) {
        wordsOpen = qemu.words().receive();
      }
      serveQemu(poll.ready(1), poll.ready(2), poll.ready(3), poll.ready(4));
      peers.serve(poll);
      checkDeadlines();
      flush();
      untold.forEach(directory::tell); // after those who wait for it were sent it
      untold.clear();
    }
    return Objects.requireNonNull(ending);
  }

  /// An agent from a template said READY when the template was made.
  private void greet() throws IOException {
    input.clear().put(greeting.duplicate()).flip();
    try {
      while (parser.next()) {
        relay.fromAgent(parser);
      }
    } catch (ProtocolException e) {
      throw new IOException("the template's agent broke the protocol: " + e.getMessage(), e);
    }
    flush();
  }

  private void await() throws IOException {
    poll.clear();
    poll.add(signals, Posix.POLLIN);
    poll.add(phase == Phase.FLUSHING ? -1 : qemu.pidfd(), Posix.POLLIN);
    poll.add(
        agentOpen ? agent.fd() : -1,
        agent.hasUnsent() ? Posix.POLLIN | Posix.POLLOUT : Posix.POLLIN);
    poll.add(qmpOpen ? qemu.qmp().fd() : -1, Posix.POLLIN);
    poll.add(consoleOpen ? console.fd() : -1, Posix.POLLIN);
    poll.add(wordsOpen ? qemu.words().fd() : -1, Posix.POLLIN);
    peers.addTo(poll);
    long next =
        deadline == Long.MAX_VALUE || clockDeadline - deadline < 0 ? clockDeadline : deadline;
    next = peers.nextDeadline(next);
    if (console.hasUnsaved() && consoleDeadline - next < 0) {
      next = consoleDeadline;
    }
    ranUntil(0);
    long now = System.nanoTime();
    long left = Math.min(next - now, Math.min(relay.nanosLeft(), fullDisk.nanosLeft(now)));
    if (phase == Phase.RUNNING) {
      left = Math.min(left, lifespan.nanosLeft(now));
    }
    int millis = Math.clamp((left + MILLI - 1) / MILLI, 0, Integer.MAX_VALUE);
    poll.await(millis);
    ranUntil(millis * MILLI);
  }

  /// Looks whether more time has gone by since the last call than we meant to let go by: if all of
  /// this machine stood still, or this process did, the guest had none of it.
  private void ranUntil(long meant) {
    long now = System.nanoTime();
    long stalled = now - ran - meant;
    ran = now;
    if (stalled > STALL_NANOS) {
      Log.line("nothing went on here for " + stalled / (1000 * MILLI) + " s");
      relay.stalled(stalled);
      if (deadline != Long.MAX_VALUE) {
        deadline += stalled;
      }
    }
  }

  private void serveSignals(short revents) {
    if (revents != 0) {
      Posix.read(signals, input, 0, input.capacity());
      stop(Ending.Cause.REQUESTED, DEFAULT_GRACE_MILLIS);
    }
  }

  // QEMU and the agent.

  private void serveQemu(short pidReady, short agentReady, short qmpReady, short consoleReady)
      throws IOException {
    if (consoleReady != 0) {
      consoleOpen = console.receive();
    }
    if (qmpReady != 0) {
      serveQmp();
    }
    if (agentReady != 0 && agentOpen) {
      agentOpen = receiveFromAgent();
      // The port does not close while QEMU is well. One that ends closes it first, and says how it
      // ended if it is let.
      if (!agentOpen && pidReady == 0 && !qemu.endsWithin(QEMU_END_MILLIS)) {
        killQemu();
      }
    }
    if (pidReady != 0) {
      qemuEnded();
    }
  }

  private void serveQmp() {
    try {
      for (String event : qemu.qmp().readEvents()) {
        qemu.words().say(event); // a guest can cause some of them
        heed(event);
      }
      qmpOpen = qemu.qmp().isOpen();
    } catch (IOException e) {
      Log.line("QMP: " + e.getMessage());
      qmpOpen = false;
    }
  }

  private void heed(String event) {
    if (event.startsWith("SHUTDOWN ")) {
      shutdownReason = event.substring("SHUTDOWN ".length());
    } else if (event.equals("BLOCK_IO_ERROR No space left on device")) {
      fullDisk.found();
    } else if (event.equals("STOP")) {
      String why = fullDisk.paused(System.nanoTime()) ? disk.why() : "by whom is not known";
      relay.paused(why);
      Log.line("the VM is paused: " + why);
      untold.add(new String[] {"paused", "detail=" + why});
    } else if (event.equals("RESUME")) {
      fullDisk.resumed(System.nanoTime());
      relay.resumed();
      setClock(); // its own stood still
      untold.add(new String[] {"resumed"});
    }
  }

  /// What the guest wanted to write is tried again; if that fails the VM is paused again.
  private void goOn() {
    fullDisk.looked(System.nanoTime());
    if (!qmpOpen) {
      return; // it has ended
    }
    try {
      qemu.qmp().send("{\"execute\":\"cont\"}");
    } catch (IOException e) {
      Log.line("QMP: " + e.getMessage());
    }
  }

  private boolean receiveFromAgent() {
    try {
      return agent.receive(input, parser, relay::fromAgent);
    } catch (ProtocolException e) {
      String reason =
          "the guest's agent broke the protocol: "
              + e.getMessage()
              + LastWords.ofAgent(console.kept());
      Log.line(reason);
      end(Ending.failed(reason));
      relay.agentLost(reason);
      killQemu();
      return false;
    }
  }

  private void qemuEnded() throws IOException {
    qemu.kill(); // what it started, if it is a script: it would hold these open
    while (agentOpen) {
      agentOpen = receiveFromAgent(); // what it sent before it ended
    }
    while (consoleOpen) {
      consoleOpen = console.receive();
    }
    serveQmp();
    qemu.words().end();
    String how = qemu.awaitEnd();
    if (phase == Phase.BOOTING && !qemu.words().last().isEmpty()) {
      how += ": " + qemu.words().last(); // as it refuses to start
    }
    Ending told = end(Ending.failed("the VM is gone: " + why(how)));
    saveConsole(); // before anyone is told, who may want to look
    if (told.cause() == Ending.Cause.FAILED) {
      keepConsole();
    }
    Log.line(how + ": " + told.text()); // before anyone is told, who may want to look
    if (phase == Phase.BOOTING) {
      report.failed(told.text());
    }
    relay.agentLost(told.text());
    state("stopping"); // first: who finds nobody listening looks whether to wait
    peers.stopListening(directory.socket());
    enter(Phase.FLUSHING, FLUSH_MILLIS);
  }

  /// The first reason is the one.
  private Ending end(Ending reason) {
    if (ending == null) {
      ending = reason;
    }
    return ending;
  }

  private void saveConsole() {
    try {
      console.save(directory.consoleLog());
      consoleFails = false;
    } catch (IOException e) {
      if (!consoleFails) { // not each second
        Log.line("cannot save the console: " + e.getMessage());
      }
      consoleFails = true;
    }
  }

  /// As the next start writes over the console.
  private void keepConsole() {
    try {
      console.save(directory.crashLog());
    } catch (IOException e) {
      Log.line("cannot keep the console: " + e.getMessage());
    }
  }

  /// Why the VM ended by itself. QEMU ends with status 0 whether the guest powered off or crashed.
  private String why(String how) {
    return switch (shutdownReason) {
      case "guest-shutdown" -> "the guest powered off" + LastWords.ofAgent(console.kept());
      case "guest-reset", "guest-panic" ->
          "the guest's kernel crashed or rebooted" + LastWords.ofPanic(console.kept());
      default -> how;
    };
  }

  private void killQemu() {
    if (!killed) {
      killed = true;
      qemu.kill();
    }
  }

  /// Clients first: what their end means for the agent must not wait for the next event.
  private void flush() {
    peers.flush();
    if (agentOpen && !agent.send(relay.agentOutbox(), output)) {
      Log.line("cannot write to the agent");
      killQemu();
    }
    if (phase == Phase.FLUSHING && peers.isEmpty()) {
      phase = Phase.DONE;
    }
  }

  // Phases and deadlines.

  private void enter(Phase next, long millis) {
    phase = next;
    deadline = millis == Long.MAX_VALUE ? Long.MAX_VALUE : System.nanoTime() + millis * MILLI;
  }

  private void checkDeadlines() throws IOException {
    ranUntil(0); // what was written may have waited for a disk
    long now = System.nanoTime();
    peers.checkDeadlines(now);
    relay.checkDeadlines();
    if (fullDisk.nanosLeft(now) == 0) {
      fullDisk.looked(now);
      if (disk.letsGoOn()) {
        goOn();
      }
    }
    if (now - clockDeadline >= 0) {
      setClock();
    }
    if (console.hasUnsaved() && now - consoleDeadline >= 0) {
      saveConsole();
      consoleDeadline = System.nanoTime() + CONSOLE_MILLIS * MILLI;
    }
    lifespan.observe(phase != Phase.RUNNING || relay.isInUse(), now);
    Ending.Cause due = phase == Phase.RUNNING ? lifespan.due(now) : null;
    if (due != null) {
      stop(due, DEFAULT_GRACE_MILLIS);
      return;
    }
    if (deadline == Long.MAX_VALUE || now - deadline < 0) {
      return;
    }
    switch (phase) {
      case BOOTING -> {
        end(
            Ending.failed(
                "the guest did not come up within "
                    + BOOT_MILLIS / 1000
                    + " s"
                    + (fullDisk.pausesVm() ? ": " + disk.why() : LastWords.of(console.kept()))));
        killQemu();
        deadline = Long.MAX_VALUE;
      }
      case RUNNING -> stop(Ending.Cause.UNUSED, DEFAULT_GRACE_MILLIS); // nobody came
      case STOPPING -> {
        relay.shutDown(0); // if the stop signal did not end every exec
        enter(Phase.POWERING_OFF, POWER_OFF_MILLIS);
      }
      case POWERING_OFF -> {
        Log.line("the guest did not power off in time: its VM is ended");
        killQemu();
        deadline = Long.MAX_VALUE;
      }
      case FLUSHING -> phase = Phase.DONE;
      case DONE -> {}
    }
  }

  /// A host that slept, or whose clock was set, goes by another time than its guest. To be seen
  /// before a client's START is passed on, for that may be what woke us.
  private void keepClock() {
    if (Math.abs(HostClock.realtimeNanos() - System.nanoTime() - clockOffset) > CLOCK_JUMP_NANOS) {
      setClock();
    }
  }

  private void setClock() {
    long realtime = HostClock.realtimeNanos();
    long now = System.nanoTime();
    clockOffset = realtime - now;
    clockDeadline = now + CLOCK_MILLIS * MILLI;
    relay.setClock(realtime);
  }

  // What the relay tells.

  @Override
  public void configured(long bootMillis) {
    Log.line("guest up after " + bootMillis + " ms by its own clock");
    if (phase != Phase.BOOTING) {
      relay.stop("the sandbox is stopping", DEFAULT_GRACE_MILLIS, 0);
      return;
    }
    setClock(); // CONFIGURE's time is from before the boot
    try {
      peers.listen(directory.socket());
      directory.state("running");
      directory.tell("started");
    } catch (IOException e) {
      end(Ending.failed(String.valueOf(e.getMessage())));
      killQemu();
      return;
    }
    enter(Phase.RUNNING, transientSandbox ? FIRST_CLIENT_MILLIS : Long.MAX_VALUE);
    if (!report.ready()) {
      stop(Ending.Cause.UNUSED, DEFAULT_GRACE_MILLIS);
    }
  }

  @Override
  public void bootFailed(String message) {
    end(Ending.failed("the guest could not be set up: " + message));
    killQemu();
  }

  @Override
  public void stopRequested(long graceMillis) {
    stop(Ending.Cause.REQUESTED, graceMillis);
  }

  @Override
  public void ownerGone() {
    stop(Ending.Cause.CREATOR_ENDED, DEFAULT_GRACE_MILLIS);
  }

  private void stop(Ending.Cause cause, long graceMillis) {
    if (phase == Phase.BOOTING) {
      end(Ending.failed("stopped while starting"));
      killQemu();
    } else if (phase == Phase.RUNNING) {
      Ending told = end(Ending.of(cause));
      state("stopping");
      enter(Phase.STOPPING, Math.min(graceMillis, 3_600_000));
      if (ephemeral && (graceMillis == 0 || !relay.hasLiveExecs())) {
        killQemu(); // nothing of it is kept, so there is nothing to unmount
      } else {
        relay.stop(told.text(), graceMillis, stopSignal);
        if (fullDisk.pausesVm()) {
          goOn(); // it may end without writing
        }
      }
    }
  }

  @Override
  public void powerOffRequested() {
    end(Ending.of(Ending.Cause.KILLED));
    killQemu();
  }

  private void state(String state) {
    try {
      directory.state(state);
    } catch (IOException e) {
      Log.line("cannot write the state: " + e.getMessage());
    }
  }

  @Override
  public void touched() {
    lifespan.touch(System.nanoTime());
  }

  @Override
  public VmCounts counts(VmCounts known) {
    long now = System.nanoTime();
    return new VmCounts(
        Posix.getpid(),
        qemu.pid(),
        lifespan.upMillis(now),
        lifespan.idleMillis(now),
        known.liveExecs(),
        known.execs(),
        known.stdinBytes(),
        known.outputBytes());
  }

  @Override
  public void execStarted(long id, long pid) {
    untold.add(new String[] {"exec-started", "exec=" + id, "pid=" + pid});
  }

  @Override
  public void execEnded(long id, ExitRecord exit) {
    untold.add(
        new String[] {
          "exec-ended", "exec=" + id, (exit.signaled() ? "signal=" : "code=") + exit.code()
        });
  }

  @Override
  public void output(long id, int stream, long offset, ByteBuffer source, int at, int length) {
    if (log != null) {
      log.add(id, stream, offset, source, at, length);
    }
  }

  @Override
  public void held() {
    if (phase == Phase.RUNNING) {
      deadline = Long.MAX_VALUE;
    }
  }

  @Override
  public void pinned() {
    transientSandbox = false;
    held();
  }

  @Override
  public void gaveUp(long id, String why) {
    Log.line("exec " + id + " is given up: " + why);
    untold.add(new String[] {"exec-given-up", "exec=" + id, "detail=" + why});
  }

  @Override
  public void silent(String why) {
    Log.line(why);
    untold.add(new String[] {"unresponsive", "detail=" + why});
  }

  @Override
  public void speaks() {
    Log.line("the guest answers again");
    untold.add(new String[] {"responsive"});
  }

  @Override
  public void clockIsLate() {
    clockDeadline = System.nanoTime();
  }

  @Override
  public void released() {
    if (transientSandbox) {
      stop(Ending.Cause.UNUSED, DEFAULT_GRACE_MILLIS);
    }
  }
}
