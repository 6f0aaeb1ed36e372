package dev.msb.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msb.it.Msb.Result;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Everything at once, in one sandbox: what it costs, and what it leaves. `-Dmsb.load=600` makes it
/// last ten minutes.
@Timeout(3600)
class LoadVmTest extends BoxTest {
  private static final int WORKERS = 6;
  private static final int MEBIBYTE = 1 << 20;

  /// One thing that a user does, from start to end.
  private interface Deed {
    void run(Random random) throws Exception;
  }

  private final List<Deed> deeds =
      List.of(
          this::shortExec,
          this::bytesBothWays,
          this::killedClient,
          this::readerThatGoes,
          this::timeout,
          this::terminated,
          this::missingCommand,
          this::keptExec,
          this::stoppedClient,
          this::unreadInput);

  LoadVmTest() throws IOException {}

  @Test
  void aLoadOfEverythingLeavesNothingBehind() throws Exception {
    long seed = Long.getLong("msb.seed", System.nanoTime());
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(Integer.getInteger("msb.load", 40));
    System.out.println("msb.seed=" + seed);
    for (Deed deed : deeds) {
      deed.run(new Random(seed)); // what is made once is made
    }
    awaitQuietGuest();
    final List<String> files = files();
    final long supervisorFds = fds(msb.supervisor());
    final long qemuFds = fds(msb.qemu());
    final int agentFds =
        Integer.parseInt(msb.sh("box", "ls /proc/1/fd | wc -l").ok().stdout().strip());

    List<Callable<Integer>> workers = new ArrayList<>();
    for (int i = 0; i < WORKERS; i++) {
      Random random = new Random(seed + i);
      workers.add(() -> {
        int done = 0;
        for (; System.nanoTime() - end < 0; done++) {
          deeds.get(random.nextInt(deeds.size())).run(random);
        }
        return done;
      });
    }
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<Integer> done : threads.invokeAll(workers)) {
        System.out.println("deeds: " + done.get());
      }
    }

    awaitQuietGuest();
    assertThat(msb.processes()).hasSize(2); // the supervisor and QEMU
    assertThat(msb.run("exec", "ls", "box").ok().stdout()).doesNotContain("running");
    assertThat(files()).isEqualTo(files);
    assertThat(awaitInGuest("test $(ls /proc/1/fd | wc -l) -le " + agentFds))
        .as(msb.sh("box", "ls -l /proc/1/fd; ps").stdout())
        .isZero();
    assertThat(fds(msb.qemu())).isEqualTo(qemuFds);
    // A client's end is seen a moment after the client has ended, at the start as well.
    while (fds(msb.supervisor()) > supervisorFds) {
      Thread.sleep(10); // the test's time limit ends this
    }
  }

  @Test
  void line03AFloodThatNobodyReadsCostsNoMemory() throws Exception {
    int mebibytes = Integer.getInteger("msb.flood", 256);
    Process stopped = stream("yes");
    stopped.getInputStream().readNBytes(MEBIBYTE);
    signal("STOP", stopped.toHandle());
    Process flood = stream("cat", "/dev/zero");
    InputStream in = flood.getInputStream();
    in.skipNBytes(64L * MEBIBYTE); // until all is loaded that ever will be
    String guest = "awk '/VmRSS/ { print $2 }' /proc/1/status";
    final long agent = Long.parseLong(msb.sh("box", guest).ok().stdout().strip());
    final long supervisor = rss(msb.supervisor());
    final long client = rss(flood.toHandle());
    final long stoppedClient = rss(stopped.toHandle());

    in.skipNBytes((long) mebibytes * MEBIBYTE);

    assertThat(Long.parseLong(msb.sh("box", guest).ok().stdout().strip())).isLessThan(agent + 512);
    assertThat(rss(msb.supervisor())).isLessThan(supervisor + 16 * 1024);
    assertThat(rss(flood.toHandle())).isLessThan(client + 16 * 1024);
    assertThat(rss(stopped.toHandle())).isLessThan(stoppedClient + 512);
    in.close();
    assertThat(flood.waitFor()).isEqualTo(141);
    signal("CONT", stopped.toHandle());
    stopped.getInputStream().close();
    assertThat(stopped.waitFor()).isEqualTo(141);
  }

  // What users do.

  private void shortExec(Random random) throws Exception {
    int status = random.nextInt(200);
    String word = Long.toHexString(random.nextLong());
    assertThat(msb.sh("box", "echo " + word + "; exit " + status))
        .isEqualTo(new Result(status, word + "\n", ""));
  }

  private void bytesBothWays(Random random) throws Exception {
    Process cat = stream("cat");
    long seed = random.nextLong();
    long total = random.nextInt(4 * MEBIBYTE);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<String> sent =
          threads.submit(() -> ContractVmTest.flood(cat.getOutputStream(), seed, total));
      assertThat(ContractVmTest.digest(cat.getInputStream())).isEqualTo(sent.get());
    }
    assertThat(cat.waitFor()).isZero();
  }

  private void killedClient(Random random) throws Exception {
    Process victim = stream("yes", "victim");
    assertThat(victim.inputReader().readLine()).isEqualTo("victim");
    victim.destroyForcibly().waitFor();
    shortExec(random);
  }

  private void readerThatGoes(Random random) throws Exception {
    Process yes = stream("yes");
    assertThat(yes.getInputStream().read()).isEqualTo('y');
    yes.getInputStream().close();
    assertThat(yes.waitFor()).isEqualTo(141);
  }

  private void timeout(Random random) throws Exception {
    assertThat(msb.run("exec", "--timeout", "200ms", "box", "--", "sleep", "1000").status())
        .isEqualTo(124);
  }

  private void terminated(Random random) throws Exception {
    Process sleeper = stream("sh", "-c", "echo up; exec sleep 1000");
    assertThat(sleeper.inputReader().readLine()).isEqualTo("up");
    sleeper.destroy();
    assertThat(sleeper.waitFor()).isEqualTo(143);
  }

  private void missingCommand(Random random) throws Exception {
    assertThat(stream("no-such-command").waitFor()).isEqualTo(127);
  }

  private void keptExec(Random random) throws Exception {
    String id =
        msb.run("exec", "--detach", "--stdin", "pipe", "box", "--", "cat").ok().stdout().strip();
    Process attached = msb.command("attach", id).start();
    attached.outputWriter().append("one\n").flush();
    assertThat(attached.inputReader().readLine()).isEqualTo("one");
    attached.destroyForcibly().waitFor();
    byte[] input = "two\n".getBytes(StandardCharsets.UTF_8);
    assertThat(msb.runWithInput(input, "attach", "--stdout-offset", "4", id))
        .isEqualTo(new Result(0, "two\n", ""));
  }

  private void stoppedClient(Random random) throws Exception {
    Process flood = stream("head", "-c", Integer.toString(MEBIBYTE), "/dev/zero");
    assertThat(flood.getInputStream().read()).isZero();
    signal("STOP", flood.toHandle());
    shortExec(random);
    signal("CONT", flood.toHandle());
    assertThat(flood.getInputStream().readAllBytes()).hasSize(MEBIBYTE - 1);
    assertThat(flood.waitFor()).isZero();
  }

  private void unreadInput(Random random) throws Exception {
    Process sleeper =
        msb.command("exec", "--stream", "--timeout", "300ms", "box", "--", "sleep", "1000").start();
    byte[] bytes = new byte[64 * 1024];
    try (OutputStream out = sleeper.getOutputStream()) {
      while (true) {
        out.write(bytes);
      }
    } catch (IOException e) {
      // a broken pipe, when it has timed out
    }
    assertThat(sleeper.waitFor()).isEqualTo(124);
  }

  // What is left.

  /// Waits until the guest runs nothing that was started here.
  private void awaitQuietGuest() throws Exception {
    assertThat(awaitInGuest("! pgrep -f '^(yes|cat|head|sleep 1000)'")).isZero();
  }

  private static long fds(ProcessHandle process) throws IOException {
    try (Stream<Path> fds = Files.list(proc(process, "fd"))) {
      return fds.count();
    }
  }

  private List<String> files() throws IOException {
    try (Stream<Path> files = Files.walk(msb.home())) {
      return files.map(Path::toString).sorted().toList();
    }
  }

  /// Memory in use, in KiB.
  private static long rss(ProcessHandle process) throws IOException {
    for (String line : Files.readAllLines(proc(process, "status"))) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("\\D", ""));
      }
    }
    throw new AssertionError("no VmRSS of " + process.pid());
  }

  private static Path proc(ProcessHandle process, String file) {
    return Path.of("/proc", Long.toString(process.pid()), file);
  }
}
