package dev.msb.home;

import dev.msb.posix.Posix;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;

/// Starts a supervisor in a process and a session of its own, and waits for its report: any number
/// of `notice TEXT` and `progress TEXT`, then `ready` or `failed TEXT`, a line each.
public final class SupervisorLauncher {
  private static final String MAIN = "dev.msb.supervisor/dev.msb.supervisor.SupervisorMain";

  /// Told when a report has ended; no line of one.
  private static final String END = "\n";

  private SupervisorLauncher() {}

  /// The reading end of a pipe.
  private static final class PipeInput extends InputStream {
    private final int fd;
    private final ByteBuffer bytes = ByteBuffer.allocateDirect(1024);

    PipeInput(int fd) {
      this.fd = fd;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    /// Returns with what there is.
    @Override
    public int read(byte[] to, int at, int length) throws IOException {
      int most = Math.min(length, bytes.capacity());
      int count = Posix.check(Posix.read(fd, bytes, 0, most), "cannot read a pipe");
      bytes.get(0, to, at, count);
      return count == 0 ? -1 : count;
    }

    @Override
    public void close() {
      Posix.close(fd);
    }
  }

  /// A process that was started.
  private interface Started {
    /// What it says, until it is closed there.
    InputStream report();

    /// Asks it to end.
    void terminate();

    /// Returns when it has ended, and leaves no zombie.
    void awaitEnd();
  }

  /// Starts a supervisor and returns when its guest is up. The caller must hold the sandbox's start
  /// lock. May be called from any thread.
  ///
  /// @param transientSandbox stop as soon as no client holds the sandbox up
  /// @param notices takes lines for people, on the calling thread
  /// @param progress takes what is being done, and nothing when that is over, on the calling thread
  /// @throws IOException if the home is not ours alone, or the sandbox does not come up; the
  ///   supervisor has ended then, and the message says why
  /// @throws InterruptedException when interrupted; the supervisor was told to end, and has, as it
  ///   has when a listener throws something
  public static void launch(
      Distribution distribution,
      SandboxDirectory directory,
      boolean transientSandbox,
      Consumer<String> notices,
      Consumer<String> progress)
      throws IOException, InterruptedException {
    directory.home().check();
    List<String> words = words(distribution, directory, transientSandbox);
    Started supervisor =
        Posix.available() ? spawn(words, directory) : startProcess(words, directory, distribution);
    BlockingQueue<String> lines = new LinkedBlockingQueue<>();
    Thread follower = follow(supervisor, lines);
    boolean heard = false;
    boolean ready = false;
    String failure = "";
    try {
      for (String line = lines.take(); !line.equals(END); line = lines.take()) {
        if (line.startsWith("notice ")) {
          notices.accept(line.substring(7));
        } else if (line.startsWith("progress ")) {
          progress.accept(line.substring(9));
        } else if (line.startsWith("failed ")) {
          failure = line.substring(7);
        } else if (line.equals("ready")) {
          ready = true;
        }
      }
      progress.accept("");
      heard = true;
    } finally {
      if (!heard) { // interrupted, or a listener failed
        supervisor.terminate();
      }
      if (!heard || !ready) {
        awaitEnd(follower);
      }
    }
    if (!ready) {
      throw new IOException(failure.isEmpty() ? "its supervisor ended without a word" : failure);
    }
  }

  /// Reads on a thread of its own, as no interrupt ends a read. The thread stays for as long as the
  /// supervisor, as it is our child: somebody has to take its end.
  private static Thread follow(Started supervisor, BlockingQueue<String> lines) {
    Runnable follower =
        () -> {
          try (BufferedReader in =
              new BufferedReader(
                  new InputStreamReader(supervisor.report(), StandardCharsets.UTF_8))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
              lines.add(line);
            }
          } catch (IOException e) {
            lines.add("failed cannot read the supervisor's report: " + e.getMessage());
          } finally {
            lines.add(END);
          }
          supervisor.awaitEnd();
        };
    return Thread.ofPlatform().name("msb-supervisor").daemon().start(follower);
  }

  private static void awaitEnd(Thread follower) {
    boolean interrupted = Thread.interrupted();
    while (true) {
      try {
        follower.join();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static List<String> words(
      Distribution distribution, SandboxDirectory directory, boolean transientSandbox) {
    List<String> words = program(distribution);
    words.add(directory.path().toString());
    if (transientSandbox) {
      words.add("transient");
    }
    return words;
  }

  /// The words that run the supervisor's program, up to its arguments.
  static List<String> program(Distribution distribution) {
    List<String> words = new ArrayList<>();
    words.add(distribution.java().toString());
    words.add("-XX:AOTCache=" + distribution.aotCache());
    words.add("-Xms8m");
    words.add("-Xmx1g");
    words.add("-Xss512k");
    words.add("-Dmsb.dist=" + distribution.path());
    words.add("-m");
    words.add(MAIN);
    return words;
  }

  private static Started spawn(List<String> words, SandboxDirectory directory) throws IOException {
    int[] pipe = new int[2];
    Posix.check(Posix.pipe(pipe), "cannot make a pipe");
    int devNull = Posix.check(Posix.open(bytes("/dev/null"), Posix.O_RDWR, 0), "/dev/null");
    int log =
        Posix.open(
            bytes(directory.supervisorLog().toString()),
            Posix.O_WRONLY | Posix.O_CREAT | Posix.O_TRUNC,
            0600);
    int pid = log;
    if (log >= 0) {
      byte[][] argv = new byte[words.size()][];
      for (int i = 0; i < argv.length; i++) {
        argv[i] = bytes(words.get(i));
      }
      int[] fds = {devNull, pipe[1], log};
      pid = Posix.spawn(argv, environmentBytes(), fds, bytes("/"), Posix.NEW_SESSION, -1, -1);
      Posix.close(log);
    }
    Posix.close(devNull);
    Posix.close(pipe[1]);
    if (pid < 0) {
      Posix.close(pipe[0]);
      Posix.check(pid, "cannot start the supervisor");
    }
    return new Child(pid, pipe[0]);
  }

  /// A child of this process.
  private static final class Child implements Started {
    private final int pid;
    private final int report;
    private boolean ended; // guarded by this: afterwards the number may be another's

    Child(int pid, int report) {
      this.pid = pid;
      this.report = report;
    }

    @Override
    public InputStream report() {
      return new PipeInput(report);
    }

    @Override
    public synchronized void terminate() {
      if (!ended) {
        Posix.kill(pid, Posix.SIGTERM);
      }
    }

    @Override
    public void awaitEnd() {
      int pidfd = Posix.pidfd(pid);
      if (pidfd >= 0) {
        Posix.poll(new int[] {pidfd}, new short[] {Posix.POLLIN}, new short[1], 1, -1);
        Posix.close(pidfd);
      }
      synchronized (this) {
        Posix.waitpid(pid, new int[1], 0);
        ended = true;
      }
    }
  }

  /// What a supervisor gets of our environment, which may have secrets in it.
  static Map<String, String> environment() {
    Map<String, String> environment = new TreeMap<>();
    for (Map.Entry<String, String> variable : System.getenv().entrySet()) {
      String name = variable.getKey();
      if (name.startsWith("MSB_") || name.equals("PATH") || name.equals("HOME")) {
        environment.put(name, variable.getValue());
      }
    }
    environment.put("LC_ALL", "C.UTF-8"); // else its Java could not say every path
    return environment;
  }

  private static byte[][] environmentBytes() {
    List<byte[]> environment = new ArrayList<>();
    for (Map.Entry<String, String> variable : environment().entrySet()) {
      environment.add(bytes(variable.getKey() + "=" + variable.getValue()));
    }
    return environment.toArray(new byte[0][]);
  }

  /// Without the native library: the JDK's way, with `setsid` for the session.
  private static Started startProcess(
      List<String> words, SandboxDirectory directory, Distribution distribution)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add("setsid");
    command.addAll(words);
    Path log = directory.supervisorLog();
    MsbHome.write(log, new byte[0]); // of a new run, and for its owner only
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(distribution.path().toFile())
            .redirectError(log.toFile());
    builder.environment().clear();
    builder.environment().putAll(environment());
    Process process = builder.start();
    process.getOutputStream().close();
    return new Started() {
      @Override
      public InputStream report() {
        return process.getInputStream();
      }

      @Override
      public void terminate() {
        process.toHandle().destroy(); // the other destroy closes what is being read
      }

      @Override
      public void awaitEnd() {
        process.onExit().join();
      }
    };
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
