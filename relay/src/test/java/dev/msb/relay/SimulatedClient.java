package dev.msb.relay;

import dev.msb.protocol.EndReason;
import dev.msb.protocol.Frame;
import dev.msb.protocol.FrameCodec;
import dev.msb.protocol.FrameParser;
import dev.msb.protocol.FrameType;
import dev.msb.protocol.Protocol;
import dev.msb.protocol.ProtocolException;
import dev.msb.protocol.StartRequest;
import dev.msb.protocol.StdStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A well-behaved client whose readers are not: quick, slow, stopped, or gone. It checks all that
/// it is sent, and what is due from it goes out in a random order.
final class SimulatedClient {
  /// How the user takes an output.
  enum Reader {
    QUICK,
    SLOW,
    /// Takes nothing until it is woken.
    STALLED,
    /// Closes the stream after some bytes.
    LEAVES
  }

  private static final List<Reader> READERS = List.of(Reader.values());

  final String name;
  final Map<Long, Exec> execs = new TreeMap<>();
  private final Random random;
  private final List<Exec> toAttach;
  private int toStart;
  final Map<Long, SimulatedLink> links = new TreeMap<>();
  private int toOpen;
  private boolean greeting;
  private long nextId;
  private boolean pinging;
  private int pings;

  /// Whether its whole process is stopped: it neither reads nor writes its socket.
  boolean frozen;

  SimulatedClient(String name, Random random, int toStart, List<Exec> toAttach) {
    this.name = name;
    this.random = random;
    this.toStart = toStart;
    this.toOpen = random.nextInt(3);
    this.toAttach = new ArrayList<>(toAttach);
    this.pings = random.nextInt(3);
  }

  /// One exec as its client sees it.
  final class Exec {
    final long id;
    final SimulatedProcess process;
    final int[] window = new int[3];
    final int[] largestWindow = new int[3]; // also of those who had the exec before
    final Reader[] reader = new Reader[3];
    final long[] leavesAt = new long[3];
    final long[] received = new long[3];
    final long[] taken = new long[3];
    final long[] granted = new long[3];
    final boolean[] closed = new boolean[3]; // by us
    final boolean[] cut = new boolean[3]; // closed by one who had the exec before
    final boolean[] ended = new boolean[3]; // by the guest
    boolean attaching;
    @Nullable Exec before; // the former client's
    boolean started;
    boolean failed;
    Frame.@Nullable Exit exit;
    private long stdinSent;
    private long stdinCredit;
    private boolean stdinEnded;
    private boolean stdinBroken;
    boolean impatient; // it is time to end what does not end by itself
    private boolean killSent;

    Exec(long id, SimulatedProcess process) {
      this.id = id;
      this.process = process;
      for (int n = 1; n <= 2; n++) {
        window[n] = Protocol.MIN_WINDOW_BYTES << random.nextInt(5);
        largestWindow[n] = window[n];
        granted[n] = window[n];
        reader[n] = READERS.get(random.nextInt(READERS.size()));
        leavesAt[n] = random.nextInt(3) == 0 ? 0 : random.nextInt(20_000);
      }
    }

    boolean over() {
      return failed || (exit != null && ended[1] && ended[2]);
    }

    /// Whether all that came was taken, too.
    boolean done() {
      return failed
          || (over()
              && (reader[1] == Reader.LEAVES || taken[1] == received[1])
              && (reader[2] == Reader.LEAVES || taken[2] == received[2]));
    }

    private boolean take() {
      boolean moved = false;
      if (attaching) {
        return false;
      }
      for (int n = 1; n <= 2; n++) {
        long there = received[n] - taken[n];
        long count =
            closed[n] || there == 0
                ? 0
                : switch (reader[n]) {
                  case QUICK -> there;
                  case SLOW -> random.nextInt(8) == 0 ? 1 + random.nextLong(there) : 0;
                  case STALLED -> 0;
                  case LEAVES -> Math.min(there, Math.max(0, leavesAt[n] - taken[n]));
                };
        taken[n] += count;
        moved |= count > 0 || (there > 0 && reader[n] == Reader.SLOW && !closed[n]);
      }
      return moved;
    }

    private boolean running() {
      return started && exit == null;
    }

    private void due(List<Runnable> choices, List<Frame> out) {
      if (attaching || over()) {
        return;
      }
      if (running() && !stdinEnded && !stdinBroken) {
        long most = Math.min(stdinCredit, process.input()) - stdinSent;
        if (most > 0) {
          choices.add(() -> out.add(data(most)));
        } else if (stdinSent == process.input() && process.closesInput()) {
          choices.add(() -> {
            stdinEnded = true;
            out.add(new Frame.Close(id, StdStream.STDIN, stdinSent));
          });
        }
      }
      for (StdStream stream : List.of(StdStream.STDOUT, StdStream.STDERR)) {
        int n = stream.number();
        if (ended[n] || closed[n]) {
          continue;
        }
        if (reader[n] == Reader.LEAVES && taken[n] >= leavesAt[n]) {
          choices.add(() -> {
            closed[n] = true;
            out.add(new Frame.Close(id, stream, taken[n]));
          });
        } else if (taken[n] + window[n] - granted[n] >= window[n] / 4) {
          choices.add(() -> {
            granted[n] = taken[n] + window[n];
            out.add(new Frame.Credit(id, stream, granted[n]));
          });
        }
      }
      if (running() && impatient && !killSent) {
        killSent = true;
        choices.add(() ->
            out.add(
                random.nextBoolean()
                    ? new Frame.Kill(id, EndReason.ASKED, 100)
                    : new Frame.Signal(id, 15)));
      }
    }

    private Frame data(long most) {
      int length = (int) Math.min(1 + random.nextLong(most), Protocol.MAX_DATA_BYTES);
      byte[] bytes = new byte[length];
      for (int i = 0; i < length; i++) {
        bytes[i] = SimulatedProcess.at(id, 0, stdinSent + i);
      }
      Frame frame = new Frame.Data(id, StdStream.STDIN, stdinSent, ByteBuffer.wrap(bytes));
      stdinSent += length;
      return frame;
    }

    private void received(FrameParser frame) throws ProtocolException {
      switch (frame.type()) {
        case FrameType.DATA -> output(frame);
        case FrameType.CREDIT -> {
          check(started && exit == null && frame.stream() == 0, "an unexpected CREDIT");
          check(frame.offset() >= stdinCredit, "CREDIT of stdin decreases");
          stdinCredit = frame.offset();
        }
        case FrameType.CLOSE -> {
          int n = frame.stream();
          check(started, "CLOSE before STARTED");
          if (n == 0) {
            check(!stdinBroken && exit == null, "second CLOSE of stdin");
            stdinBroken = true;
          } else {
            check(!ended[n], "second CLOSE of stream " + n);
            check(
                closed[n] || frame.offset() == received[n],
                "CLOSE of stream " + n + " at " + frame.offset() + ", got " + received[n]);
            ended[n] = true;
            checkTotal(n);
          }
        }
        default -> {
          switch (frame.decode()) {
            case Frame.Started start -> {
              check(!started && !failed, "a second STARTED");
              started = true;
              stdinCredit = start.stdinCredit();
            }
            case Frame.Failed failure -> {
              check(!started && !failed, "FAILED after STARTED");
              check(process.fails(), "a process that can start has FAILED");
              failed = true;
            }
            case Frame.Exit end -> {
              check(started && exit == null, "a second EXIT, or one before STARTED");
              exit = end;
              checkTotal(1);
              checkTotal(2);
            }
            case Frame.Attached attached -> attached(attached);
            default -> throw new AssertionError(name + " got " + frame.decode());
          }
        }
      }
    }

    private void attached(Frame.Attached attached) {
      check(attaching, "an unexpected ATTACHED");
      attaching = false;
      started = true;
      check(attached.stdoutOffset() >= 0, "no offset");
      for (int n = 1; n <= 2; n++) {
        long offset = n == 1 ? attached.stdoutOffset() : attached.stderrOffset();
        check(taken[n] < 0 || offset == taken[n], "resumed at " + offset + ", not " + taken[n]);
        received[n] = offset;
        taken[n] = offset;
        granted[n] = offset + window[n];
      }
      stdinSent = attached.stdinReceived();
      stdinCredit = attached.stdinCredit();
      stdinBroken = attached.stdinClosed();
    }

    private void output(FrameParser frame) throws ProtocolException {
      int n = frame.stream();
      long offset = frame.offset();
      int length = frame.dataLength();
      check(started && n != 0 && !ended[n], "unexpected DATA of stream " + n);
      check(offset == received[n], "DATA of stream " + n + " at " + offset + " not " + received[n]);
      check(offset + length <= granted[n], "DATA of stream " + n + " beyond the credit");
      ByteBuffer payload = frame.payload();
      for (int i = 0; i < length; i++) {
        if (payload.get(8 + i) != SimulatedProcess.at(id, process.source(n), offset + i)) {
          throw new AssertionError(
              name + ", exec " + id + ": stream " + n + " has another byte at " + (offset + i));
        }
      }
      received[n] += length;
    }

    private void checkTotal(int n) {
      if (exit != null && ended[n] && !closed[n] && !cut[n]) {
        long total = n == 1 ? exit.status().stdoutTotal() : exit.status().stderrTotal();
        check(total == received[n], "total " + total + ", but got " + received[n]);
      }
    }

    private void check(boolean holds, String what) {
      if (!holds) {
        throw new AssertionError(name + ", exec " + id + ": " + what);
      }
    }

    @Override
    public String toString() {
      return "  %s's exec %d: attaching=%s started=%s failed=%s exit=%s"
              .formatted(name, id, attaching, started, failed, exit)
          + " stdin sent=%d credit=%d ended=%s broken=%s"
              .formatted(stdinSent, stdinCredit, stdinEnded, stdinBroken)
          + stream(1)
          + stream(2)
          + "\n";
    }

    private String stream(int n) {
      return "\n    %d: %s window=%d received=%d taken=%d granted=%d closed=%s ended=%s"
          .formatted(
              n, reader[n], window[n], received[n], taken[n], granted[n], closed[n], ended[n]);
    }
  }

  /// What it was to attach to, and has not.
  List<Exec> notAttached() {
    List<Exec> left = new ArrayList<>(toAttach);
    for (Exec exec : execs.values()) {
      if (exec.attaching && exec.before != null) {
        left.add(exec.before);
      }
    }
    return left;
  }

  /// Lets the user's readers take what they take.
  boolean take() {
    boolean moved = false;
    for (Exec exec : execs.values()) {
      moved |= exec.take();
    }
    return moved;
  }

  /// Whether nothing more will happen here.
  boolean done() {
    return nextId != 0
        && toStart == 0
        && toOpen == 0
        && links.values().stream().allMatch(SimulatedLink::over)
        && toAttach.isEmpty()
        && execs.values().stream().allMatch(Exec::done);
  }

  /// The next frame, any of those that may be sent; none if there is none.
  byte @Nullable [] next() {
    if (!greeting) {
      greeting = true;
      return FrameCodec.encode(new Frame.Hello(1, 1, 0, 0, toStart + toOpen));
    }
    if (nextId == 0) {
      return null;
    }
    List<Runnable> choices = new ArrayList<>();
    List<Frame> out = new ArrayList<>();
    if (toStart > 0) {
      choices.add(() -> out.add(start()));
    }
    if (!toAttach.isEmpty()) {
      choices.add(() -> out.add(attach()));
    }
    if (pings > 0 && !pinging) {
      choices.add(() -> {
        pings--;
        pinging = true;
        out.add(new Frame.Probe(pings, 1_000_000));
      });
    }
    if (toOpen > 0) {
      choices.add(() -> {
        toOpen--;
        SimulatedLink link = new SimulatedLink(name, Protocol.LINK | nextId++, false, true, random);
        links.put(link.id, link);
        out.add(link.open());
      });
    }
    for (SimulatedLink link : links.values()) {
      link.due(choices, out);
    }
    for (Exec exec : execs.values()) {
      exec.due(choices, out);
    }
    if (choices.isEmpty()) {
      return null;
    }
    choices.get(random.nextInt(choices.size())).run();
    return FrameCodec.encode(out.getFirst());
  }

  private Frame start() {
    toStart--;
    long number = random.nextInt() & 0xffff_ffffL;
    Exec exec = new Exec(nextId++, SimulatedProcess.of(number));
    execs.put(exec.id, exec);
    String filler = random.nextInt(20) == 0 ? "x".repeat(random.nextInt(200_000)) : "";
    return new Frame.Start(
        exec.id,
        StartRequest.builder()
            .flag(StartRequest.Flag.KEEP, exec.process.keep())
            .killAfterMillis(5000)
            .stdoutWindow(exec.window[1])
            .stderrWindow(exec.window[2])
            .argv(List.of("process", Long.toString(number), filler))
            .build());
  }

  private Frame attach() {
    Exec before = toAttach.removeLast();
    Exec exec = new Exec(before.id, before.process);
    exec.attaching = true;
    exec.before = before;
    long[] from = new long[3];
    for (int n = 1; n <= 2; n++) {
      exec.largestWindow[n] = Math.max(exec.window[n], before.largestWindow[n]);
      exec.cut[n] = before.closed[n] || before.cut[n];
      // A driver that counts names what it took; another one goes on where grants left off.
      boolean counts = before.reader[n] != Reader.LEAVES && random.nextBoolean();
      exec.taken[n] = counts ? before.taken[n] : -1;
      from[n] = counts ? before.taken[n] : Protocol.LAST_GRANTED;
    }
    execs.put(exec.id, exec);
    return new Frame.Attach(exec.id, false, from[1], from[2], exec.window[1], exec.window[2]);
  }

  void received(FrameParser frame) throws ProtocolException {
    if (frame.owner() < 0) {
      SimulatedLink link = links.get(frame.owner());
      if (link == null) {
        throw new AssertionError(name + " got a frame of a link that it did not open");
      }
      link.received(frame);
      return;
    }
    if (frame.owner() != 0) {
      Exec exec = execs.get(frame.owner());
      if (exec == null) {
        throw new AssertionError(name + " got a frame of exec " + frame.owner());
      }
      exec.received(frame);
      return;
    }
    switch (frame.decode()) {
      case Frame.Welcome welcome -> nextId = welcome.firstId();
      case Frame.Pong pong -> {
        if (!pinging || pong.token() != pings) {
          throw new AssertionError(name + " got a PONG that it did not ask for");
        }
        pinging = false;
      }
      default -> throw new AssertionError(name + " got " + frame.decode());
    }
  }
}
