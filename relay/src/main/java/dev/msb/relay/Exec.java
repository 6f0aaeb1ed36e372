package dev.msb.relay;

import dev.msb.protocol.EndReason;
import dev.msb.protocol.ErrorCode;
import dev.msb.protocol.ExitRecord;
import dev.msb.protocol.Frame;
import dev.msb.protocol.FrameCodec;
import dev.msb.protocol.FrameParser;
import dev.msb.protocol.ListedExec;
import dev.msb.protocol.Protocol;
import dev.msb.protocol.ProtocolException;
import dev.msb.protocol.StartRequest;
import dev.msb.protocol.StdStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One guest process as the relay sees it: what each side may send now, what waits for the other.
///
/// ```
///   STARTING --STARTED--> RUNNING --EXIT--> EXITED --both outputs closed--> OVER
///       `------FAILED------------------------------------------------------> OVER
/// ```
final class Exec {
  enum State {
    /// START was passed on.
    STARTING,
    /// STARTED was seen.
    RUNNING,
    /// EXIT was seen; output may still be under way.
    EXITED,
    /// Nothing more comes from the guest.
    OVER
  }

  private static final int SIGKILL = 9;

  final long id;
  final long killAfterMillis;

  private final List<String> shownArgv;
  private final Outbox agentOutbox;
  private final Consumer<Exec> delivered;
  private final boolean noStdin;
  private final boolean fileServer;
  private final boolean terminal;
  private boolean keep;
  private State state = State.STARTING;
  private @Nullable Client client;
  private StreamRelay stdin;
  private final StreamRelay stdout;
  private final StreamRelay stderr;
  private long pid;
  private @Nullable ExitRecord exit;

  private byte @Nullable [] notice; // that it was given up, for all who see its end
  private final ExecDeadlines deadlines;
  private final boolean givenUp; // nobody waits for it any more but the agent
  private final List<Watcher> watchers = new ArrayList<>();

  private final AgentSide agentSide;
  private final ClientSide clientSide = new ClientSide();

  /// An exec that is to be started. `delivered` is called when it is over and its client has been
  /// sent all of it, or has gone.
  Exec(
      Frame.Start start,
      Client client,
      Outbox agentOutbox,
      Consumer<Exec> delivered,
      Schedule schedule) {
    StartRequest request = start.request();
    this.id = start.exec();
    this.keep = request.has(StartRequest.Flag.KEEP);
    this.noStdin = request.has(StartRequest.Flag.NO_STDIN);
    this.fileServer = request.has(StartRequest.Flag.FILES);
    this.terminal = request.has(StartRequest.Flag.TERMINAL);
    this.deadlines = new ExecDeadlines(schedule, request);
    this.givenUp = false;
    this.killAfterMillis = request.killAfterMillis();
    this.shownArgv = shown(request.argv());
    this.client = client;
    this.agentOutbox = agentOutbox;
    this.delivered = delivered;
    this.stdin = new StreamRelay(0, 0, Protocol.MAX_WINDOW_BYTES, false);
    boolean retain = keep || terminal; // whoever sits at a terminal may leave it
    this.stdout = new StreamRelay(1, request.stdoutWindow(), request.stdoutWindow(), retain);
    this.stderr = new StreamRelay(2, request.stderrWindow(), request.stderrWindow(), retain);
    this.agentSide = new AgentSide(FrameCodec.encode(start));
    agentOutbox.controlDue(agentSide);
  }

  /// What the agent still has of an exec that was given up: it is to be killed, and what it says is
  /// checked and dropped.
  private Exec(Exec of) {
    this.id = of.id;
    this.noStdin = of.noStdin;
    this.fileServer = of.fileServer;
    this.terminal = of.terminal;
    this.deadlines = of.deadlines;
    this.givenUp = true;
    this.killAfterMillis = 0;
    this.shownArgv = of.shownArgv;
    this.agentOutbox = of.agentOutbox;
    this.delivered = of.delivered;
    this.state = of.state;
    this.exit = of.exit;
    this.stdin = of.stdin.cut();
    this.stdout = of.stdout.part();
    this.stderr = of.stderr.part();
    this.agentSide = new AgentSide(of.agentSide);
    if (noStdin) {
      stdin.abandon();
    }
    agentOutbox.replace(of.agentSide, agentSide);
    agentOutbox.dataDue(agentSide);
  }

  State state() {
    return state;
  }

  @Nullable Client client() {
    return client;
  }

  /// Whether it is the agent's file server, and no command.
  boolean isFileServer() {
    return fileServer;
  }

  /// Whether it outlives its client.
  boolean keep() {
    return keep;
  }

  /// Has it outlive its client from now on.
  ///
  /// @return whether it does: what was not kept from the start has lost bytes, unless it has a
  ///   terminal
  boolean keepFromNowOn() {
    keep |= terminal;
    return keep;
  }

  long pid() {
    return pid;
  }

  @Nullable ExitRecord exit() {
    return exit;
  }

  /// The frame that tells that it was given up, and why; null if it was not.
  byte @Nullable [] notice() {
    return notice;
  }

  /// Whether it was given up, and only the agent does not know that it is over.
  boolean isGivenUp() {
    return givenUp;
  }

  /// Whether START has not been passed on to the agent yet.
  boolean startWaits() {
    return agentSide.start != null;
  }

  /// Whether this exec is over and its client has been sent all of it.
  boolean isDelivered() {
    return state == State.OVER
        && !clientSide.hasControl()
        && (exit == null || (stdout.isPassedOn() && stderr.isPassedOn()));
  }

  /// The most memory that the output of this exec can take.
  long reservedBytes() {
    return stdout.reservedBytes() + stderr.reservedBytes();
  }

  /// The same for one that is not there yet.
  static long reservedBytes(int stdoutWindow, int stderrWindow) {
    return StreamRelay.reservedBytes(stdoutWindow) + StreamRelay.reservedBytes(stderrWindow);
  }

  /// Whether more of an output may come.
  boolean isOpen(int stream) {
    return (state == State.RUNNING || state == State.EXITED) && !output(stream).ended();
  }

  /// Bytes of an output that came so far.
  long received(int stream) {
    return output(stream).received();
  }

  long queuedStdinBytes() {
    return stdin.keptBytes();
  }

  /// This exec as LISTING tells of it.
  ListedExec listed() {
    ExitRecord record = exit;
    return new ListedExec(
        id,
        state == State.STARTING ? 0 : record == null ? 1 : 2,
        pid,
        client != null,
        record != null && record.signaled() ? 1 : 0,
        record == null ? 0 : record.code(),
        deadlines.ageMillis(),
        shownArgv);
  }

  /// What LISTING tells of the words, at most 1 KiB.
  private static List<String> shown(List<String> argv) {
    List<String> shown = new ArrayList<>();
    int left = 1000;
    for (String word : argv) {
      if (left <= 0 || shown.size() == 50) {
        break;
      }
      // A character is at most three bytes.
      shown.add(word.length() * 3 <= left ? word : word.substring(0, left / 3));
      left -= word.length() * 3;
    }
    return List.copyOf(shown);
  }

  // Clients come and go.

  /// Makes a client the one that drives this exec, or one that watches it; answers it either way.
  ///
  /// @return whether it drives it now
  boolean attach(Client newClient, Frame.Attach attach) {
    long stdoutOffset = offset(stdout, attach.stdoutOffset());
    long stderrOffset = offset(stderr, attach.stderrOffset());
    if (!stdout.keeps(stdoutOffset) || !stderr.keeps(stderrOffset)) {
      newClient.answer(
          new Frame.Error(
              id,
              ErrorCode.BAD_OFFSET,
              "exec " + id + " keeps stdout " + stdout.kept() + " and stderr " + stderr.kept()));
      return false;
    }
    newClient.answer(attached(stdoutOffset, stderrOffset));
    newClient.execs().put(id, this);
    if (attach.watch()) {
      Watcher watcher =
          new Watcher(
              this,
              newClient,
              new Watcher.Copy(stdout, stdoutOffset, attach.stdoutWindow()),
              new Watcher.Copy(stderr, stderrOffset, attach.stderrWindow()));
      watchers.add(watcher);
      watcher.changed();
      return false;
    }
    if (client != null) {
      client.outbox().remove(clientSide);
      client.execs().remove(id);
      client.closeAfter(
          new Frame.Error(id, ErrorCode.TAKEN_OVER, "another client took exec " + id + " over"));
    }
    client = newClient;
    stdin.writerKnows();
    stdout.resume(stdoutOffset, attach.stdoutWindow());
    stderr.resume(stderrOffset, attach.stderrWindow());
    watchers.removeIf(Watcher::dropIfBehind);
    agentOutbox.controlDue(agentSide);
    clientSide.started = null;
    clientSide.notice = notice;
    clientSide.ending = exit == null ? null : FrameCodec.encode(new Frame.Exit(id, exit));
    forClient();
    return true;
  }

  /// Whether this client only watches.
  boolean isWatchedBy(Client other) {
    return watcher(other) != null;
  }

  /// A watcher has got everything.
  void watched(Watcher watcher) {
    watchers.remove(watcher);
    watcher.client().execs().remove(id);
  }

  /// This exec is no longer kept: its client has got all of it, those who still watch are told.
  void forget() {
    if (client != null) {
      client.execs().remove(id);
      client = null;
    }
    watchers.forEach(Watcher::drop);
    watchers.clear();
  }

  private @Nullable Watcher watcher(Client other) {
    for (Watcher watcher : watchers) {
      if (watcher.client() == other) {
        return watcher;
      }
    }
    return null;
  }

  private static long offset(StreamRelay stream, long asked) {
    return asked == Protocol.LAST_GRANTED ? stream.resumeOffset() : asked;
  }

  private Frame.Attached attached(long stdoutOffset, long stderrOffset) {
    return new Frame.Attached(
        id,
        pid,
        stdin.received(),
        stdin.credit(),
        stdoutOffset,
        stderrOffset,
        stdin.stopped() || stdin.ended(),
        terminal);
  }

  // From the client.

  void stdinData(FrameParser frame) throws ProtocolException {
    if (state == State.STARTING) {
      throw new ProtocolException("stdin before STARTED");
    }
    if (stdin.stopped()) {
      return; // it crossed the guest's CLOSE or EXIT
    }
    stdin.data(frame.offset(), frame.payload(), 8, frame.dataLength());
    agentOutbox.dataDue(agentSide);
  }

  void closeFromClient(Client sender, int stream, long offset) throws ProtocolException {
    Watcher watcher = watcher(sender);
    if (watcher != null) {
      watcher.close(stream);
      return;
    }
    if (stream == 0) {
      if (!stdin.stopped() && state != State.OVER) {
        stdin.end(offset);
        agentOutbox.dataDue(agentSide);
      }
    } else {
      output(stream).stop();
      agentOutbox.controlDue(agentSide);
      forClient(); // of what came before, only the end is left
    }
  }

  void creditFromClient(Client sender, int stream, long offset) throws ProtocolException {
    Watcher watcher = watcher(sender);
    if (watcher != null && stream != 0) {
      watcher.grant(stream, offset);
      return;
    }
    if (stream == 0) {
      throw new ProtocolException("credit for stdin from the host");
    }
    output(stream).grant(offset);
    if (state == State.EXITED) {
      deadlines.outputMoved();
    }
    forClient();
    watchers.removeIf(Watcher::dropIfBehind);
    agentOutbox.controlDue(agentSide);
  }

  void signal(int signal) {
    agentSide.signals |= 1L << (signal - 1);
    agentOutbox.controlDue(agentSide);
  }

  void resize(Frame.Resize resize) {
    agentSide.resize = resize;
    agentOutbox.controlDue(agentSide);
  }

  void kill(EndReason reason, long graceMillis) {
    deadlines.killed(graceMillis);
    agentSide.kill = new Frame.Kill(id, reason, graceMillis);
    agentOutbox.controlDue(agentSide);
  }

  /// A client that drives or watches this exec is gone, or leaves.
  void leave(Client leaver) {
    Watcher watcher = watcher(leaver);
    if (watcher != null) {
      leaver.outbox().remove(watcher);
      watchers.remove(watcher);
      return;
    }
    if (client != leaver) {
      return;
    }
    client.outbox().remove(clientSide);
    client = null;
    if (state == State.OVER) {
      delivered.accept(this);
    } else if (!keep) {
      kill(EndReason.CLIENT_GONE, killAfterMillis);
      if (!noStdin) {
        stdin.endHere();
        agentOutbox.dataDue(agentSide);
      }
      stdout.abandon();
      stderr.abandon();
      agentOutbox.controlDue(agentSide);
    }
  }

  // Deadlines.

  /// What the guest should have done by now, for the client; null if there is nothing.
  Frame.@Nullable Error overdue(AgentWatch watch) {
    return deadlines.overdue(id, state, owes(stdout) || owes(stderr), watch);
  }

  private static boolean owes(StreamRelay output) {
    return !output.ended() && (output.stopped() || output.mayCome());
  }

  /// Ends this exec for its client, which is told why, and for everybody else but the agent.
  ///
  /// @return what the agent has of it, to take what it still says; null if it has nothing
  @Nullable Exec giveUp(Frame.Error why) {
    Exec rest = null;
    if (agentSide.isUnsent()) {
      agentOutbox.remove(agentSide);
    } else {
      rest = new Exec(this);
      if (state != State.EXITED) {
        rest.agentSide.kill = new Frame.Kill(id, EndReason.ASKED, 0);
      }
    }
    agentSide.clear();
    notice = FrameCodec.encode(why);
    clientSide.notice = notice;
    if (state == State.RUNNING) {
      exit = unknownEnd(why.code() == ErrorCode.TIMED_OUT ? EndReason.TIMEOUT : EndReason.ASKED);
      clientSide.ending = FrameCodec.encode(new Frame.Exit(id, exit));
    }
    stdin = new StreamRelay(0, 0, Protocol.MAX_WINDOW_BYTES, false);
    stdin.abandon();
    stdin.writerKnows(); // by EXIT, or as there are no streams at all
    if (state != State.STARTING) {
      stdout.endHere();
      stderr.endHere();
    }
    state = State.OVER;
    forClient();
    return rest;
  }

  /// As of a process that was killed; what it used is not known. All that went to the guest counts
  /// as read: nobody else must get it a second time.
  private ExitRecord unknownEnd(EndReason reason) {
    return new ExitRecord(
        true,
        SIGKILL,
        false,
        false,
        false,
        reason,
        stdout.received(),
        stderr.received(),
        0,
        0,
        0,
        1000 * deadlines.ageMillis(),
        stdin.sent());
  }

  // From the agent.

  void started(Frame.Started started) throws ProtocolException {
    need(state == State.STARTING, "STARTED");
    state = State.RUNNING;
    deadlines.started();
    pid = started.pid();
    if (started.stdinCredit() > Protocol.MAX_WINDOW_BYTES) {
      throw new ProtocolException("stdin credit of " + started.stdinCredit());
    }
    boolean gone = stdin.ended();
    stdin = new StreamRelay(0, started.stdinCredit(), Protocol.MAX_WINDOW_BYTES, false);
    if (noStdin) {
      stdin.abandon();
    } else if (gone) {
      stdin.endHere();
      agentOutbox.dataDue(agentSide);
    }
    clientSide.started = FrameCodec.encode(started);
    forClient();
  }

  void failed(Frame.Failed failed) throws ProtocolException {
    need(state == State.STARTING, "FAILED");
    state = State.OVER;
    clientSide.ending = FrameCodec.encode(failed);
    forClient();
  }

  void exited(Frame.Exit frame) throws ProtocolException {
    need(state == State.RUNNING, "EXIT");
    state = State.EXITED;
    ExitRecord record = frame.status();
    checkTotal(stdout, record.stdoutTotal());
    checkTotal(stderr, record.stderrTotal());
    if (record.stdinRead() > stdin.sent()) {
      throw new ProtocolException(
          "EXIT tells that %d bytes of stdin were read of %d"
              .formatted(record.stdinRead(), stdin.sent()));
    }
    exit = record;
    deadlines.outputMoved();
    stdin.abandon();
    clientSide.ending = FrameCodec.encode(frame);
    forClient();
    endIfDone();
  }

  void outputData(FrameParser frame) throws ProtocolException {
    need(state == State.RUNNING || state == State.EXITED, "DATA");
    if (frame.stream() == 0) {
      throw new ProtocolException("stdin data from the guest");
    }
    StreamRelay stream = output(frame.stream());
    stream.data(frame.offset(), frame.payload(), 8, frame.dataLength());
    if (exit != null && stream.received() > total(frame.stream(), exit)) {
      throw new ProtocolException("output beyond the total that EXIT named");
    }
    if (exit != null) {
      deadlines.outputMoved();
    }
    forClient();
  }

  void closeFromAgent(int stream, long offset) throws ProtocolException {
    need(state == State.RUNNING || state == State.EXITED, "CLOSE");
    if (stream == 0) {
      stdin.stop();
      forClient();
      return;
    }
    StreamRelay output = output(stream);
    output.end(offset);
    if (exit != null && !output.stopped()) {
      checkTotal(output, total(stream, exit));
    }
    forClient();
    endIfDone();
  }

  void creditFromAgent(int stream, long offset) throws ProtocolException {
    need(state == State.RUNNING, "CREDIT");
    if (stream != 0) {
      throw new ProtocolException("credit for an output stream from the guest");
    }
    stdin.grant(offset);
    forClient();
  }

  private static long total(int stream, ExitRecord exit) {
    return stream == 1 ? exit.stdoutTotal() : exit.stderrTotal();
  }

  private static void checkTotal(StreamRelay stream, long total) throws ProtocolException {
    if (stream.stopped()) {
      return; // our CLOSE crossed it: the rest is dropped on either side
    }
    if (stream.ended() ? total != stream.received() : total < stream.received()) {
      throw new ProtocolException(
          "EXIT names a total of " + total + " bytes where " + stream.received() + " came");
    }
  }

  private void endIfDone() {
    if (state == State.EXITED && stdout.ended() && stderr.ended()) {
      state = State.OVER;
    }
  }

  private void need(boolean allowed, String what) throws ProtocolException {
    if (!allowed) {
      throw new ProtocolException(what + " for an exec that is " + state);
    }
  }

  private StreamRelay output(int stream) {
    return stream == StdStream.STDOUT.number() ? stdout : stderr;
  }

  /// Something for the client, and for those who watch, has come.
  private void forClient() {
    if (client != null) {
      if (clientSide.hasControl()) {
        client.outbox().controlDue(clientSide);
      }
      if (clientSide.hasData()) {
        client.outbox().dataDue(clientSide);
      }
    }
    for (Watcher watcher : watchers) {
      watcher.changed();
    }
  }

  /// Frames for the agent.
  private final class AgentSide extends FrameSource {
    private byte @Nullable [] start;
    private int startWritten;
    private long signals; // bit n-1: signal n is due
    private Frame.@Nullable Resize resize;
    private Frame.@Nullable Kill kill;

    AgentSide(byte[] start) {
      this.start = start;
    }

    /// Goes on in the place of another.
    AgentSide(AgentSide of) {
      this.start = of.start;
      this.startWritten = of.startWritten;
    }

    /// Whether the agent has nothing of this exec.
    boolean isUnsent() {
      return start != null && startWritten == 0;
    }

    /// Has nothing to say any more.
    void clear() {
      start = null;
      signals = 0;
      resize = null;
      kill = null;
    }

    @Override
    boolean writeControl(ByteBuffer out) {
      if (start != null && !writeStart(start, out)) {
        return false;
      }
      if (state == State.OVER) {
        return true;
      }
      while (stdout.hasForWriter() || stderr.hasForWriter() || signals != 0) {
        if (out.remaining() < Protocol.DATA_OVERHEAD_BYTES) {
          return false;
        }
        stdout.writeForWriter(id, out);
        stderr.writeForWriter(id, out);
        writeSignal(out);
      }
      if (out.remaining() < 2 * (Protocol.HEADER_BYTES + 8)) {
        return resize == null && kill == null;
      }
      if (resize != null) {
        out.put(FrameCodec.encode(resize));
        resize = null;
      }
      if (kill != null) {
        out.put(FrameCodec.encode(kill));
        kill = null;
      }
      return true;
    }

    private boolean writeStart(byte[] bytes, ByteBuffer out) {
      int length = Math.min(out.remaining(), bytes.length - startWritten);
      out.put(bytes, startWritten, length);
      startWritten += length;
      if (startWritten < bytes.length) {
        return false;
      }
      start = null;
      return true;
    }

    private void writeSignal(ByteBuffer out) {
      if (signals == 0 || out.remaining() < Protocol.DATA_OVERHEAD_BYTES) {
        return;
      }
      int signal = Long.numberOfTrailingZeros(signals) + 1;
      signals &= signals - 1;
      out.put(FrameCodec.encode(new Frame.Signal(id, signal)));
    }

    @Override
    boolean writeData(ByteBuffer out) {
      if (state == State.STARTING) {
        return true; // comes again with STARTED
      }
      stdin.writeForReader(id, out, Outbox.DATA_BYTES);
      return !stdin.hasForReader();
    }
  }

  /// Frames for the client.
  private final class ClientSide extends FrameSource {
    private byte @Nullable [] started;
    private byte @Nullable [] notice;
    private byte @Nullable [] ending; // FAILED or EXIT

    boolean hasControl() {
      return started != null || notice != null || ending != null || stdin.hasForWriter();
    }

    boolean hasData() {
      return stdout.hasForReader() || stderr.hasForReader();
    }

    @Override
    boolean writeControl(ByteBuffer out) {
      if (started != null) {
        if (!put(started, out)) {
          return false;
        }
        started = null;
      }
      if (stdin.hasForWriter()) {
        stdin.writeForWriter(id, out);
        if (stdin.hasForWriter()) {
          return false;
        }
      }
      if (notice != null) {
        if (!put(notice, out)) {
          return false;
        }
        notice = null;
      }
      if (ending != null) {
        if (!put(ending, out)) {
          return false;
        }
        ending = null;
      }
      tellIfDelivered();
      return true;
    }

    @Override
    boolean writeData(ByteBuffer out) {
      if (stdout.hasForReader()) {
        stdout.writeForReader(id, out, Outbox.DATA_BYTES);
      }
      if (stderr.hasForReader()) {
        stderr.writeForReader(id, out, Outbox.DATA_BYTES);
      }
      tellIfDelivered();
      return !hasData();
    }

    private void tellIfDelivered() {
      if (client != null && isDelivered()) {
        delivered.accept(Exec.this);
      }
    }
  }
}
