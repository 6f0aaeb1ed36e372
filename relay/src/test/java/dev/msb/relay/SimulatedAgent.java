package dev.msb.relay;

import dev.msb.protocol.EndReason;
import dev.msb.protocol.ExitRecord;
import dev.msb.protocol.FailureKind;
import dev.msb.protocol.Frame;
import dev.msb.protocol.FrameCodec;
import dev.msb.protocol.FrameParser;
import dev.msb.protocol.FrameType;
import dev.msb.protocol.Protocol;
import dev.msb.protocol.ProtocolException;
import dev.msb.protocol.StartRequest;
import dev.msb.protocol.StdStream;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The guest as `docs/protocol.md` describes it, as strict with the supervisor as the real agent
/// is, but free in all that the page leaves open: what is due goes out in a random order.
final class SimulatedAgent {
  private final Random random;
  private final Map<Long, Exec> execs = new TreeMap<>();
  private final ByteArrayOutputStream parts = new ByteArrayOutputStream();
  private long partsOf;
  private int pongs;
  private final Map<Long, SimulatedLink> links = new TreeMap<>();
  private int linksToOpen;
  private int linksOpened;

  SimulatedAgent(Random random) {
    this.random = random;
    this.linksToOpen = random.nextInt(5);
  }

  /// An exec in the guest.
  final class Exec {
    final long id;
    final SimulatedProcess process;
    final long[] credit;
    final long[] sent = new long[3];
    final long[] produced = new long[3]; // written by the process into its pipe
    final long[] total = new long[3];
    final boolean[] stopped = new boolean[3];
    final boolean[] closedByProcess = new boolean[3];
    final boolean[] closeSent = new boolean[3];
    private final int pipe = 1 << (4 + random.nextInt(13));
    private final int stdinWindow = 1 << (8 + random.nextInt(9));

    boolean started;
    boolean alive;
    boolean over;
    boolean killed;
    EndReason reason = EndReason.NONE;
    private boolean signaled;
    private int code;
    private boolean exitSent;

    private long received;
    private long granted;
    private long written; // into the process's stdin
    private long consumed;
    private boolean hostClosedStdin;
    private boolean stdinClosed;
    private boolean stdinCloseDue;

    Exec(long id, SimulatedProcess process, long[] credit) {
      this.id = id;
      this.process = process;
      this.credit = credit;
    }

    boolean reaped() {
      return started && !alive;
    }

    private boolean run() {
      if (!alive) {
        if (process.leavesChild() && !over && produced[1] < 300_000) {
          produced[1] += 100; // it belongs to nobody: changes nothing
        }
        return false;
      }
      boolean moved = false;
      if (killed) {
        if (random.nextInt(4) == 0) {
          end(true, 15);
        }
        return true;
      }
      if (!stdinClosed) {
        long count = some(Math.min(received - written, pipe - (written - consumed)));
        written += count;
        moved |= count > 0;
        moved |= consume();
      }
      boolean allWritten = true;
      for (int stream = 1; stream <= 2 && alive; stream++) {
        if ((stream == 1 && process.echoes()) || closedByProcess[stream]) {
          continue;
        }
        moved |= produce(stream, process.output(stream) - produced[stream]);
        allWritten &= produced[stream] == process.output(stream);
      }
      if (alive && allWritten && (!process.waitsForInput() || inputEnded())) {
        if (process.closesEarly() && !closedByProcess[1]) {
          closedByProcess[1] = true;
          closedByProcess[2] = true;
          moved = true;
        } else if (!process.waitsForSignal()) {
          if (random.nextInt(3) == 0) {
            end(false, (int) (id % 100));
          }
          moved = true;
        }
      }
      return moved;
    }

    private boolean inputEnded() {
      return stdinClosed || (hostClosedStdin && consumed == received);
    }

    private boolean consume() {
      long wanted = Math.min(written, process.reads()) - consumed;
      boolean moved;
      if (process.echoes() && !closedByProcess[1]) {
        moved = wanted > 0 && produce(1, wanted);
        if (alive) {
          consumed = closedByProcess[1] ? consumed : produced[1];
        }
      } else {
        long count = some(wanted);
        consumed += count;
        moved = count > 0;
      }
      if (alive && consumed == process.reads()) {
        stdinClosed = true;
        stdinCloseDue = true;
        moved = true;
      }
      return moved;
    }

    private boolean produce(int stream, long wanted) {
      if (wanted <= 0) {
        return false;
      }
      if (stopped[stream]) {
        if (process.mindsPipe()) {
          end(true, 13);
        } else {
          closedByProcess[stream] = true;
        }
        return true;
      }
      long count = some(Math.min(wanted, pipe - (produced[stream] - sent[stream])));
      produced[stream] += count;
      return count > 0;
    }

    private void end(boolean bySignal, int number) {
      alive = false;
      signaled = bySignal;
      code = number;
      stdinCloseDue = false;
      for (int stream = 1; stream <= 2; stream++) {
        total[stream] = stopped[stream] ? sent[stream] : produced[stream];
      }
    }

    private boolean atEnd(int stream) {
      return stopped[stream]
          || ((!alive || closedByProcess[stream]) && sent[stream] == end(stream));
    }

    private long end(int stream) {
      return alive ? produced[stream] : total[stream];
    }

    /// The frames that may be sent now.
    private void due(List<Runnable> choices, List<Frame> out) {
      if (over) {
        return;
      }
      if (!started) {
        choices.add(() -> out.add(begin()));
        return;
      }
      if (stdinCloseDue) {
        choices.add(() -> {
          stdinCloseDue = false;
          out.add(new Frame.Close(id, StdStream.STDIN, consumed));
        });
      }
      if (alive && !stdinClosed && !hostClosedStdin && granted < written + stdinWindow) {
        choices.add(() -> {
          granted = written + stdinWindow;
          out.add(new Frame.Credit(id, StdStream.STDIN, granted));
        });
      }
      if (!alive && !exitSent) {
        choices.add(() -> {
          exitSent = true;
          out.add(new Frame.Exit(id, exit()));
        });
      }
      for (StdStream stream : List.of(StdStream.STDOUT, StdStream.STDERR)) {
        int n = stream.number();
        if (closeSent[n]) {
          continue;
        }
        if (atEnd(n)) {
          choices.add(() -> {
            closeSent[n] = true;
            out.add(new Frame.Close(id, stream, sent[n]));
          });
        } else if (sent[n] < Math.min(end(n), credit[n])) {
          choices.add(() -> out.add(data(stream)));
        }
      }
    }

    private Frame begin() {
      if (process.fails()) {
        over = true;
        return new Frame.Failed(id, FailureKind.NOT_FOUND, 2, "execve", "nope");
      }
      started = true;
      alive = true;
      granted = stdinWindow;
      return new Frame.Started(id, id + 100, granted);
    }

    private Frame data(StdStream stream) {
      int n = stream.number();
      long most = Math.min(end(n), credit[n]) - sent[n];
      byte[] bytes = new byte[(int) some(Math.min(most, Protocol.MAX_DATA_BYTES))];
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] = SimulatedProcess.at(id, process.source(n), sent[n] + i);
      }
      Frame frame = new Frame.Data(id, stream, sent[n], ByteBuffer.wrap(bytes));
      sent[n] += bytes.length;
      return frame;
    }

    private ExitRecord exit() {
      return new ExitRecord(
          signaled, code, false, false, false, reason, total[1], total[2], 0, 0, 0, 0, 0);
    }

    private void received(FrameParser frame) throws ProtocolException {
      switch (frame.type()) {
        case FrameType.DATA -> stdin(frame);
        case FrameType.CREDIT -> {
          int stream = frame.stream();
          check(frame.offset() >= credit[stream], "CREDIT decreases");
          check(frame.offset() <= sent[stream] + Protocol.MAX_WINDOW_BYTES, "CREDIT is too large");
          credit[stream] = frame.offset();
        }
        case FrameType.CLOSE -> {
          int stream = frame.stream();
          if (stream == 0) {
            check(!hostClosedStdin, "second CLOSE of stdin");
            check(
                frame.offset() == received,
                "CLOSE of stdin at " + frame.offset() + " where " + received + " bytes came");
            hostClosedStdin = true;
          } else {
            check(!stopped[stream], "second CLOSE of an output");
            check(frame.offset() <= sent[stream], "CLOSE behind the bytes sent");
            stopped[stream] = true;
            if (!alive && !exitSent) {
              total[stream] = sent[stream];
            }
          }
        }
        default -> {
          switch (frame.decode()) {
            case Frame.Kill kill -> {
              killed = true;
              reason = kill.reason();
            }
            case Frame.Signal signal -> killed |= signal.signal() == 15;
            default -> throw new AssertionError("the agent got " + frame.decode());
          }
        }
      }
    }

    private void stdin(FrameParser frame) throws ProtocolException {
      long offset = frame.offset();
      int length = frame.dataLength();
      check(started, "DATA before STARTED");
      check(!hostClosedStdin, "DATA after CLOSE");
      check(offset == received, "DATA at the wrong offset");
      check(offset + length <= granted, "DATA beyond the credit");
      ByteBuffer payload = frame.payload();
      for (int i = 0; i < length; i++) {
        check(
            payload.get(8 + i) == SimulatedProcess.at(id, 0, offset + i),
            "stdin has another byte at " + (offset + i));
      }
      received += length;
    }

    private void check(boolean holds, String what) {
      SimulatedAgent.check(holds, "the agent, exec " + id + ": " + what);
    }

    @Override
    public String toString() {
      return "  guest exec %d: %s started=%s alive=%s over=%s killed=%s stdin received=%d granted=%d"
              .formatted(id, process, started, alive, over, killed, received, granted)
          + " written=%d consumed=%d hostClosed=%s closed=%s"
              .formatted(written, consumed, hostClosedStdin, stdinClosed)
          + " stdout %d/%d credit %d stderr %d/%d credit %d\n"
              .formatted(sent[1], produced[1], credit[1], sent[2], produced[2], credit[2]);
    }
  }

  /// Lets the processes run for a while.
  boolean run() {
    boolean moved = false;
    for (Exec exec : execs.values()) {
      moved |= exec.run();
    }
    return moved;
  }

  /// The next frame, any of those that may be sent; none if there is none.
  byte @Nullable [] next() {
    List<Runnable> choices = new ArrayList<>();
    List<Frame> out = new ArrayList<>();
    for (Exec exec : execs.values()) {
      exec.due(choices, out);
    }
    for (SimulatedLink link : links.values()) {
      link.due(choices, out);
    }
    if (linksToOpen > 0) {
      choices.add(() -> {
        linksToOpen--;
        linksOpened++;
        long id = Protocol.LINK | Protocol.OF_GUEST | linksOpened;
        SimulatedLink link = new SimulatedLink("the guest", id, true, true, random);
        links.put(id, link);
        out.add(link.open());
      });
    }
    if (pongs > 0) {
      choices.add(() -> {
        pongs--;
        out.add(new Frame.Pong(0));
      });
    }
    if (choices.isEmpty()) {
      return null;
    }
    choices.get(random.nextInt(choices.size())).run();
    Exec exec = execs.get(out.getFirst().owner());
    if (exec != null && exec.exitSent && exec.closeSent[1] && exec.closeSent[2]) {
      exec.over = true;
    }
    return FrameCodec.encode(out.getFirst());
  }

  void received(FrameParser frame) throws ProtocolException {
    boolean start = frame.type() == FrameType.PART || frame.type() == FrameType.START;
    check(
        partsOf == 0 || (start && frame.owner() == partsOf),
        "a frame between the parts of a START");
    if (start) {
      byte[] piece = new byte[frame.payloadLength()];
      frame.payload().get(piece);
      parts.writeBytes(piece);
      partsOf = frame.owner();
      if (frame.type() == FrameType.START) {
        start(frame.owner(), FrameCodec.decodeStart(ByteBuffer.wrap(parts.toByteArray())));
        parts.reset();
        partsOf = 0;
      }
    } else if (frame.owner() < 0) {
      linkReceived(frame);
    } else if (frame.owner() == 0) {
      check(frame.decode() instanceof Frame.Ping, "the agent got " + frame.decode());
      pongs++;
      check(pongs == 1, "two PINGs under way");
    } else {
      Exec exec = execs.get(frame.owner());
      check(exec != null, "a frame for exec " + frame.owner() + ", which never was");
      if (exec != null && !exec.over) {
        exec.received(frame);
      }
    }
  }

  private void linkReceived(FrameParser frame) throws ProtocolException {
    SimulatedLink link = links.get(frame.owner());
    if (frame.type() == FrameType.OPEN) {
      check(link == null, "a link is opened twice");
      link = new SimulatedLink("the guest", frame.owner(), true, false, random);
      link.asked(((Frame.Open) frame.decode()).window());
      links.put(link.id, link);
      return;
    }
    if (link == null) {
      throw new AssertionError("a frame for a link that never was");
    }
    link.received(frame);
  }

  Map<Long, SimulatedLink> links() {
    return links;
  }

  private void start(long id, StartRequest request) {
    check(!execs.containsKey(id), "a second START of exec " + id);
    long number = Long.parseLong(request.argv().get(1));
    execs.put(
        id,
        new Exec(
            id,
            SimulatedProcess.of(number),
            new long[] {0, request.stdoutWindow(), request.stderrWindow()}));
  }

  Map<Long, Exec> execs() {
    return execs;
  }

  private long some(long most) {
    return most <= 0 ? 0 : random.nextBoolean() ? most : 1 + random.nextLong(most);
  }

  static void check(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError(what);
    }
  }
}
