package dev.msb.supervisor;

import dev.msb.posix.Posix;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/// A running QEMU, with the sockets that it inherited. It ends with the thread that started it, so
/// it never outlives its supervisor.
final class Qemu {
  private final int pid;
  private final int pidfd;
  private final int agentFd;
  private final Qmp qmp;
  private final int consoleFd;
  private final QemuWords words;
  private boolean ended;

  private Qemu(int pid, int pidfd, int agentFd, Qmp qmp, int consoleFd, QemuWords words) {
    this.pid = pid;
    this.pidfd = pidfd;
    this.agentFd = agentFd;
    this.qmp = qmp;
    this.consoleFd = consoleFd;
    this.words = words;
  }

  /// The QEMU to use: `MSB_QEMU`, else the one of Debian's package.
  static String binary() {
    String named = System.getenv("MSB_QEMU");
    return named != null && !named.isEmpty() ? named : "/usr/bin/qemu-system-x86_64";
  }

  /// Starts QEMU. `more` are copied to it as its descriptors from 6 on.
  ///
  /// @param log takes what it says, as far as that is kept, see [QemuWords]
  /// @throws IOException if it cannot be started
  static Qemu start(QemuCommandLine commandLine, Consumer<String> log, int... more)
      throws IOException {
    int[] agent = socketPair();
    int[] qmp = socketPair();
    int[] console = socketPair();
    int[] said = new int[2];
    Posix.check(Posix.pipe(said), "cannot make a pipe");
    Posix.check(Posix.nonBlocking(said[0], true), "cannot set a pipe to non-blocking");
    int devNull =
        Posix.check(Posix.open(bytes("/dev/null"), Posix.O_RDWR, 0), "cannot open /dev/null");
    List<String> words = commandLine.words();
    byte[][] argv = new byte[words.size()][];
    for (int i = 0; i < argv.length; i++) {
      argv[i] = bytes(words.get(i));
    }
    int[] fds =
        Arrays.copyOf(
            new int[] {devNull, said[1], said[1], agent[1], qmp[1], console[1]},
            QemuCommandLine.MEMORY_FD + more.length);
    System.arraycopy(more, 0, fds, QemuCommandLine.MEMORY_FD, more.length);
    int pid =
        Posix.spawn(
            argv,
            environment(),
            fds,
            null,
            Posix.DIE_WITH_PARENT | Posix.NO_NEW_PRIVS | Posix.NEW_SESSION | Posix.NO_CORE,
            -1,
            -1);
    for (int fd : new int[] {devNull, said[1], agent[1], qmp[1], console[1]}) {
      Posix.close(fd);
    }
    if (pid < 0) {
      for (int fd : new int[] {said[0], agent[0], qmp[0], console[0]}) {
        Posix.close(fd);
      }
      Posix.check(pid, "cannot start " + commandLine.binary());
    }
    int pidfd = Posix.check(Posix.pidfd(pid), "cannot watch QEMU");
    return new Qemu(pid, pidfd, agent[0], new Qmp(qmp[0]), console[0], new QemuWords(said[0], log));
  }

  int pid() {
    return pid;
  }

  /// Becomes readable when QEMU has ended.
  int pidfd() {
    return pidfd;
  }

  /// Our end of the agent's port.
  int agentFd() {
    return agentFd;
  }

  Qmp qmp() {
    return qmp;
  }

  /// Our end of the guest's console.
  int consoleFd() {
    return consoleFd;
  }

  /// What it says.
  QemuWords words() {
    return words;
  }

  /// Kills it, and what it may have started if it is a script.
  void kill() {
    if (!ended) { // afterwards the number may be another's
      Posix.kill(-pid, 9);
      Posix.kill(pid, 9);
    }
  }

  /// Waits for QEMU to end by itself.
  ///
  /// @return false if it has not within this time
  boolean endsWithin(int millis) throws IOException {
    short[] ready = {0};
    int[] fds = {pidfd};
    return Posix.check(Posix.poll(fds, new short[] {Posix.POLLIN}, ready, 1, millis), "poll") > 0;
  }

  /// Waits for QEMU to end and says how it did.
  String awaitEnd() {
    int[] status = {0};
    int result = Posix.waitpid(pid, status, 0);
    ended = true;
    if (result != pid) {
      return "QEMU ended";
    }
    int signal = status[0] & 0x7f;
    return signal != 0
        ? "QEMU was killed by signal " + signal
        : "QEMU ended with status " + (status[0] >> 8 & 0xff);
  }

  /// Kills it, waits for its end and forgets it.
  void end() {
    kill();
    awaitEnd();
    words.end();
    closeSockets();
  }

  private void closeSockets() {
    Posix.close(agentFd);
    Posix.close(qmp.fd());
    Posix.close(consoleFd);
    Posix.close(words.fd());
    Posix.close(pidfd);
  }

  private static int[] socketPair() throws IOException {
    int[] pair = new int[2];
    Posix.check(Posix.socketpair(pair), "cannot make a socket pair");
    Posix.check(Posix.nonBlocking(pair[0], true), "cannot set a socket to non-blocking");
    return pair;
  }

  private static byte[][] environment() {
    Map<String, String> env = System.getenv();
    String path = env.getOrDefault("PATH", "/usr/local/bin:/usr/bin:/bin");
    return new byte[][] {bytes("PATH=" + path), bytes("LC_ALL=C")};
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
