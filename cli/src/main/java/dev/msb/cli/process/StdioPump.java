package dev.msb.cli.process;

import dev.msb.posix.Posix;
import dev.msb.sdk.ExitDetails;
import dev.msb.sdk.ExitStatus;
import dev.msb.sdk.SandboxProcess;
import dev.msb.sdk.Signal;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// Makes this process stand in for one in a sandbox: its descriptors 0, 1 and 2 and the signals it
/// gets become those of the other.
///
/// Each stream has a thread of its own, so that none waits for another. The calling thread waits
/// for everything else: signals, readers of our output that go away, a lost guest, the end.
///
/// ```
///   fd 0 --poll, read--> stdin thread ---> guest      guest closes stdin: fd 0 is let go of
///   fd 1 <--write------- stdout thread <-- guest      guest closes stdout: fd 1 is let go of
///   fd 2 <--write------- stderr thread <-- guest      our reader goes: the guest's pipe breaks
/// ```
public final class StdioPump {
  /// In place of [#takeSignals]: signals do to us what they do to any program.
  public static final int NO_SIGNALS = -1;

  /// In place of [#file]: what is read of our stdin is gone.
  public static final long NO_FILE = -1;

  private static final int CHUNK_BYTES = 64 * 1024;
  private static final int[] FORWARDED = {
    Signal.INT.number(),
    Signal.TERM.number(),
    Signal.HUP.number(),
    Signal.QUIT.number(),
    Signal.USR1.number(),
    Signal.USR2.number()
  };

  private final SandboxProcess process;
  private final @Nullable TerminalSeat seat;
  private final int signals;
  private final int[] wake = new int[2]; // written to when something ended
  private final int[] stopInput = new int[2]; // closed when no more stdin is wanted
  private final long file;
  private final AtomicInteger outputsOpen = new AtomicInteger(2);
  private @Nullable Thread input;
  private volatile boolean exited;
  private volatile int readersGone; // a bit for each of our outputs that nobody reads any more
  private volatile String failure = "";

  private StdioPump(SandboxProcess process, @Nullable TerminalSeat seat, long file, int signals)
      throws IOException {
    this.process = process;
    this.seat = seat;
    this.signals = signals;
    this.file = file;
    Posix.check(Posix.pipe(wake), "pipe");
    Posix.check(Posix.pipe(stopInput), "pipe");
  }

  /// Takes over the signals that are passed on.
  public static int takeSignals() throws IOException {
    return Posix.check(Posix.signalPipe(FORWARDED), "cannot take signals");
  }

  /// Where the file is that is our stdin, [#NO_FILE] if it is none.
  static long file() {
    return Posix.fileType(0) == Posix.S_IFREG ? Posix.lseek(0, 0, Posix.SEEK_CUR) : NO_FILE;
  }

  /// Pumps until the process has ended and everything it wrote was written here.
  ///
  /// @param file from [#file]: set back there to what the process has read in the end, which is to
  ///   have got all of its stdin from us
  /// @param watchdogMillis give the guest up after this time; 0 for never
  /// @return how it ended
  public static ExitStatus run(
      SandboxProcess process, boolean stdin, long file, int signals, long watchdogMillis)
      throws IOException {
    StdioPump pump = new StdioPump(process, null, file, signals);
    return pump.run(stdin, watchdogMillis);
  }

  /// The same at a terminal, until the seat is left or a signal ends us: then the status says
  /// nothing of the process.
  public static ExitStatus run(
      SandboxProcess process, TerminalSeat seat, int signals, long watchdogMillis)
      throws IOException {
    StdioPump pump = new StdioPump(process, seat, NO_FILE, signals);
    return pump.run(true, watchdogMillis);
  }

  private ExitStatus run(boolean stdin, long watchdogMillis) throws IOException {
    if (stdin) {
      input = thread("msb-stdin", seat == null ? this::pumpInput : this::type);
      thread("msb-stdin-end", this::awaitStdinClosed);
    }
    thread("msb-stdout", () -> pumpOutput(process.getInputStream(), 1));
    thread("msb-stderr", () -> pumpOutput(process.getErrorStream(), 2));
    thread("msb-exit", this::awaitExit);
    watch(watchdogMillis);
    if (file >= 0) {
      giveBack();
    }
    if (!failure.isEmpty()) {
      return new ExitStatus.Lost(failure);
    }
    return process.exitStatus().orElseGet(() -> new ExitStatus.Lost("the exit status is missing"));
  }

  private static Thread thread(String name, Runnable body) {
    return Thread.ofPlatform().name(name).daemon().start(body);
  }

  // Our input.

  private void pumpInput() {
    ByteBuffer buffer = ByteBuffer.allocateDirect(CHUNK_BYTES);
    byte[] bytes = new byte[CHUNK_BYTES];
    int[] fds = {0, stopInput[0]};
    short[] wanted = {Posix.POLLIN, Posix.POLLIN};
    short[] ready = {0, 0};
    try (OutputStream out = process.getOutputStream()) {
      while (true) {
        Posix.check(Posix.poll(fds, wanted, ready, 2, -1), "poll");
        if (ready[1] != 0) {
          return;
        }
        int count = Posix.read(0, buffer, 0, CHUNK_BYTES);
        if (count == -Posix.EAGAIN) {
          continue;
        }
        if (count <= 0) {
          return; // end of file, or as good as that
        }
        buffer.get(0, bytes, 0, count);
        out.write(bytes, 0, count);
      }
    } catch (IOException e) {
      // the guest closed its stdin, or is gone; the end of the process tells
    }
  }

  private void type() {
    Objects.requireNonNull(seat).type(stopInput[0]);
    wake();
  }

  /// Leaves a file where a child of ours would have left it, for the next who reads it: we read
  /// ahead.
  private void giveBack() {
    Optional<ExitDetails> details = process.exitDetails();
    if (details.isEmpty()) {
      return; // lost
    }
    try {
      Objects.requireNonNull(input).join(); // which waits for nothing any more
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    }
    Posix.lseek(0, file + details.get().stdinRead(), Posix.SEEK_SET);
  }

  /// When the guest wants no more input, whoever feeds us must see a broken pipe. A terminal is
  /// needed to the end, to be given back; so is a file.
  private void awaitStdinClosed() {
    process.awaitStdinClosed();
    Posix.close(stopInput[1]);
    if (seat == null && file < 0) {
      letGoOf(0, Posix.O_RDONLY);
    }
  }

  // Our output.

  private void pumpOutput(InputStream in, int fd) {
    ByteBuffer buffer = ByteBuffer.allocateDirect(CHUNK_BYTES);
    byte[] bytes = new byte[CHUNK_BYTES];
    try (in) {
      for (int count = in.read(bytes); count >= 0; count = in.read(bytes)) {
        buffer.put(0, bytes, 0, count);
        if (!writeAll(fd, buffer, count)) {
          break; // our reader has gone: closing `in` breaks the guest's pipe
        }
      }
    } catch (IOException e) {
      if ((readersGone & 1 << fd) == 0) {
        failure = String.valueOf(e.getMessage());
      } // else watch() closed `in`
    }
    if (fd == 1) {
      letGoOf(1, Posix.O_WRONLY); // as the guest did; stderr stays for what we have to say
    }
    outputsOpen.decrementAndGet();
    wake();
  }

  /// @return false if nobody reads any more; a stderr that was closed when we came is no reason to
  ///   end a command which would not care
  private static boolean writeAll(int fd, ByteBuffer buffer, int count) throws IOException {
    int at = 0;
    while (at < count) {
      int written = Posix.write(fd, buffer, at, count - at);
      if (written == -Posix.EPIPE) {
        return false;
      }
      if (written == -Posix.EBADF) {
        return fd == 2;
      }
      if (written == -Posix.EAGAIN) {
        Posix.check(
            Posix.poll(new int[] {fd}, new short[] {Posix.POLLOUT}, new short[1], 1, -1), "poll");
        continue;
      }
      at += Posix.check(written, fd == 1 ? "cannot write to stdout" : "cannot write to stderr");
    }
    return true;
  }

  // Everything else.

  private void awaitExit() {
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    exited = true;
    wake();
  }

  private void watch(long watchdogMillis) throws IOException {
    boolean watchdog = watchdogMillis > 0;
    long deadline = System.nanoTime() + watchdogMillis * 1_000_000;
    int[] fds = {wake[0], signals, 1, 2};
    short[] wanted = {Posix.POLLIN, Posix.POLLIN, 0, 0};
    short[] ready = new short[4];
    ByteBuffer buffer = ByteBuffer.allocateDirect(64);
    while (!(exited && outputsOpen.get() == 0) && !isSeatLeft()) {
      long left = (deadline - System.nanoTime()) / 1_000_000 + 1;
      if (watchdog && left <= 0) {
        failure = "the command did not end in time, and the sandbox's supervisor does not answer";
        return;
      }
      int timeout = watchdog ? (int) Math.min(left, Integer.MAX_VALUE) : -1;
      Posix.check(Posix.poll(fds, wanted, ready, 4, timeout), "poll");
      if (ready[0] != 0) {
        Posix.read(wake[0], buffer, 0, buffer.capacity());
      }
      if (ready[1] != 0 && !passSignalsOn(buffer)) {
        return;
      }
      for (int i = 2; i < 4; i++) {
        if ((ready[i] & (Posix.POLLERR | Posix.POLLHUP)) != 0) {
          // Nobody reads our output any more: say so at once, even if the guest is silent.
          readersGone = readersGone | 1 << (i - 1);
          InputStream stream = i == 2 ? process.getInputStream() : process.getErrorStream();
          stream.close();
          fds[i] = -1;
        }
        ready[i] = 0;
      }
    }
  }

  private boolean isSeatLeft() {
    return seat != null && seat.isLeft();
  }

  /// @return false if one of them ends us
  private boolean passSignalsOn(ByteBuffer buffer) {
    int count = Posix.read(signals, buffer, 0, buffer.capacity());
    for (int i = 0; i < count; i++) {
      try {
        Signal signal = Signal.of(buffer.get(i));
        if (seat == null) {
          process.signal(signal);
        } else if (!seat.handle(signal)) {
          return false;
        }
      } catch (IOException e) {
        // the process or its sandbox is gone, which ends us in a moment
      }
    }
    return true;
  }

  private void wake() {
    ByteBuffer one = ByteBuffer.allocateDirect(1);
    Posix.write(wake[1], one, 0, 1);
  }

  /// Closes a descriptor of ours without leaving its number to something else.
  private static void letGoOf(int fd, int flags) {
    int devNull = Posix.open("/dev/null".getBytes(StandardCharsets.UTF_8), flags, 0);
    if (devNull >= 0) {
      Posix.dup2(devNull, fd);
      Posix.close(devNull);
    }
  }
}
