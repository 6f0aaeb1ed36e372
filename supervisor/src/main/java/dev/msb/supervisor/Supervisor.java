package dev.msb.supervisor;

import dev.msb.home.DiskSpace;
import dev.msb.home.Ending;
import dev.msb.home.Log;
import dev.msb.home.OutputLog;
import dev.msb.home.SandboxConfig;
import dev.msb.home.SandboxDirectory;
import dev.msb.posix.Posix;
import dev.msb.protocol.ExitRecord;
import dev.msb.protocol.GuestConfiguration;
import dev.msb.protocol.VmCounts;
import dev.msb.relay.LinkPolicy;
import dev.msb.relay.Relay;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The supervisor's loop: one thread waits for everything (QEMU, the agent, the console, clients,
/// signals, deadlines), hands frames to the [Relay] and sends what the relay wants sent.
///
/// One thread, because then nothing here needs a lock, a frame crosses the supervisor without a
/// change of threads, and QEMU, bound to the thread that started it, ends with it.
final class Supervisor implements Relay.Listener, Vm.Listener {
  private static final long MILLI = 1_000_000;
  private static final long BOOT_MILLIS = 180_000;
  private static final long POWER_OFF_MILLIS = 5_000;
  private static final long FLUSH_MILLIS = 2_000;
  private static final long FIRST_CLIENT_MILLIS = 60_000;
  private static final long DEFAULT_GRACE_MILLIS = 10_000;
  private static final long STALL_NANOS = 3000 * MILLI;
  private static final int MOST_JOBS = 64;

  private enum Phase {
    BOOTING,
    RUNNING,
    STOPPING,
    POWERING_OFF,
    FLUSHING,
    DONE
  }

  private final SandboxDirectory directory;
  private final StartReport report;
  private final int signals;
  private final PollSet poll = new PollSet();
  private final PollSet.Handler signalled = events -> stopBySignal();
  private final Connection.Buffers buffers = new Connection.Buffers();
  private final ByteBuffer signalBytes = ByteBuffer.allocateDirect(64);
  private final Relay relay;
  private final Vm vm;
  private final ByteBuffer greeting;
  private final Peers peers;
  private final Workers workers = new Workers(MOST_JOBS);
  private final GuestClock clock;
  private final ConsoleFile consoleFile;
  private final @Nullable OutputLog log;
  private final PendingEvents events;
  private final Pauses pauses;

  private final boolean ephemeral;
  private final Lifespan lifespan;
  private final int stopSignal; // 0 for none of the image's own
  private boolean transientSandbox;
  private Phase phase = Phase.BOOTING;
  private long deadline; // of the phase, System.nanoTime
  private long ran = System.nanoTime(); // when it was seen last that we run
  private @Nullable Ending ending;

  Supervisor(
      SandboxDirectory directory,
      GuestConfiguration configuration,
      VmStart.Started started,
      StartReport report,
      int signals,
      boolean transientSandbox,
      SandboxConfig config)
      throws IOException {
    this.directory = directory;
    this.events = new PendingEvents(directory);
    this.lifespan =
        new Lifespan(
            System.nanoTime(), config.lifetime().idleMillis(), config.lifetime().mostMillis());
    this.ephemeral = config.has(SandboxConfig.Flag.EPHEMERAL);
    this.stopSignal = config.image().stopSignalNumber();
    this.report = report;
    this.signals = signals;
    this.transientSandbox = transientSandbox;
    this.relay = new Relay(configuration, LinkPolicy.NONE, this, System::nanoTime);
    this.vm = new Vm(started.qemu(), relay, this, poll, buffers);
    this.greeting = started.greeting();
    this.peers = new Peers(relay, poll, buffers);
    this.clock = new GuestClock(relay);
    DiskSpace disk = new DiskSpace(directory.home().path());
    this.pauses = new Pauses(relay, vm, clock, events, disk);
    this.consoleFile = new ConsoleFile(vm.console(), directory.consoleLog());
    this.log = config.has(SandboxConfig.Flag.LOG_OUTPUT) ? OutputLog.open(directory) : null;
    if (log != null) {
      relay.numberAfter(log.highestExec());
    }
    this.deadline = System.nanoTime() + BOOT_MILLIS * MILLI;
  }

  /// Runs until the VM has ended and the clients were told.
  ///
  /// @return why it ended
  Ending run() throws IOException {
    try (workers) {
      vm.greet(greeting);
      flush();
      while (phase != Phase.DONE) {
        await();
        clock.follow();
        poll.serve();
        checkDeadlines();
        flush();
        events.write();
      }
    }
    return Objects.requireNonNull(ending);
  }

  private void await() throws IOException {
    poll.clear();
    poll.add(signals, Posix.POLLIN, signalled);
    vm.watch();
    workers.watch(poll);
    peers.watch();
    long next = clock.due();
    if (deadline != Long.MAX_VALUE && deadline - next < 0) {
      next = deadline;
    }
    next = consoleFile.nextDeadline(peers.nextDeadline(next));
    ranUntil(0);
    long now = System.nanoTime();
    long left = Math.min(next - now, Math.min(relay.nanosLeft(), pauses.nanosLeft(now)));
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

  private void stopBySignal() {
    Posix.read(signals, signalBytes, 0, signalBytes.capacity());
    stop(Ending.Cause.REQUESTED, DEFAULT_GRACE_MILLIS);
  }

  // What the VM tells.

  @Override
  public void happened(String event) {
    pauses.heed(event);
  }

  @Override
  public void agentBroke(String reason) {
    Log.line(reason);
    end(Ending.failed(reason));
    relay.agentLost(reason);
  }

  @Override
  public void ended(String how) throws IOException {
    String words = vm.lastWords();
    if (phase == Phase.BOOTING && !words.isEmpty()) {
      how += ": " + words; // as it refuses to start
    }
    Ending told = end(Ending.failed("the VM is gone: " + vm.why(how)));
    consoleFile.save(); // before anyone is told, who may want to look
    if (told.cause() == Ending.Cause.FAILED) {
      consoleFile.keep(directory.crashLog());
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

  /// Clients first: what their end means for the agent must not wait for the next event.
  private void flush() {
    peers.flush();
    vm.flush();
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
    pauses.checkDeadline(now);
    clock.checkDeadline(now);
    consoleFile.checkDeadline(now);
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
                    + (pauses.why().isEmpty()
                        ? LastWords.of(vm.console().kept())
                        : ": " + pauses.why())));
        vm.kill();
        deadline = Long.MAX_VALUE;
      }
      case RUNNING -> stop(Ending.Cause.UNUSED, DEFAULT_GRACE_MILLIS); // nobody came
      case STOPPING -> {
        relay.shutDown(0); // if the stop signal did not end every exec
        enter(Phase.POWERING_OFF, POWER_OFF_MILLIS);
      }
      case POWERING_OFF -> {
        Log.line("the guest did not power off in time: its VM is ended");
        vm.kill();
        deadline = Long.MAX_VALUE;
      }
      case FLUSHING -> phase = Phase.DONE;
      case DONE -> {}
    }
  }

  // What the relay tells.

  @Override
  public void configured(long bootMillis) {
    Log.line("guest up after " + bootMillis + " ms by its own clock");
    if (phase != Phase.BOOTING) {
      relay.stop("the sandbox is stopping", DEFAULT_GRACE_MILLIS, 0);
      return;
    }
    clock.set(); // CONFIGURE's time is from before the boot
    try {
      peers.listen(directory.socket());
      directory.state("running");
      directory.tell("started");
    } catch (IOException e) {
      end(Ending.failed(String.valueOf(e.getMessage())));
      vm.kill();
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
    vm.kill();
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
      vm.kill();
    } else if (phase == Phase.RUNNING) {
      Ending told = end(Ending.of(cause));
      state("stopping");
      enter(Phase.STOPPING, Math.min(graceMillis, 3_600_000));
      if (ephemeral && (graceMillis == 0 || !relay.hasLiveExecs())) {
        vm.kill(); // nothing of it is kept, so there is nothing to unmount
      } else {
        relay.stop(told.text(), graceMillis, stopSignal);
        pauses.end();
      }
    }
  }

  @Override
  public void powerOffRequested() {
    end(Ending.of(Ending.Cause.KILLED));
    vm.kill();
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
        vm.pid(),
        lifespan.upMillis(now),
        lifespan.idleMillis(now),
        known.liveExecs(),
        known.execs(),
        known.stdinBytes(),
        known.outputBytes());
  }

  @Override
  public void execStarted(long id, long pid) {
    events.add("exec-started", "exec=" + id, "pid=" + pid);
  }

  @Override
  public void execEnded(long id, ExitRecord exit) {
    events.add("exec-ended", "exec=" + id, (exit.signaled() ? "signal=" : "code=") + exit.code());
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
    events.add("exec-given-up", "exec=" + id, "detail=" + why);
  }

  @Override
  public void silent(String why) {
    Log.line(why);
    events.add("unresponsive", "detail=" + why);
  }

  @Override
  public void speaks() {
    Log.line("the guest answers again");
    events.add("responsive");
  }

  @Override
  public void clockIsLate() {
    clock.suspect();
  }

  @Override
  public void released() {
    if (transientSandbox) {
      stop(Ending.Cause.UNUSED, DEFAULT_GRACE_MILLIS);
    }
  }
}
