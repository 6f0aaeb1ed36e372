package dev.msb.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msb.it.Msb.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Random commands from several shells at once, on few sandboxes, while parts are killed: whatever
/// was done, `ls` is the truth, the next command repairs, and nothing is left behind.
/// `-Dmsb.soak=SECONDS` makes it last, `-Dmsb.seed=` replays the choices (not their interleaving).
@Timeout(7200)
class SoakVmTest {
  private static final int SHELLS = 3;
  private static final List<String> NAMES = List.of("a", "b", "c");

  /// What msb may say of itself: everything else is looked at.
  private static final List<String> EXPECTED =
      List.of(
          "there is no sandbox \"\\w+\"",
          "sandbox \"\\w+\" exists: choose another name or use --replace",
          "sandbox \"\\w+\" is running: stop it first",
          "sandbox \"\\w+\" is not running",
          "sandbox \"\\w+\" is stopping",
          "sandbox \"\\w+\" is ephemeral: it is removed when it stops",
          "the supervisor of sandbox \"\\w+\" was killed; starting it again",
          "cannot start sandbox \"[\\w-]+\": its supervisor ended without a word .*",
          "cannot start sandbox \"[\\w-]+\": the VM is gone: QEMU was killed by signal 9 .*",
          "cannot measure sandbox \"\\w+\": there is no /proc/.*",
          "running without KVM, which is about 20 times slower and no security boundary: .*",
          "the sandbox (was stopped|was killed|stopped with its last process)",
          "the sandbox was idle for as long as its idle timeout",
          "the VM is gone: QEMU was killed by signal 9",
          "the supervisor ended",
          "the supervisor closed the connection",
          "the connection to the sandbox is gone",
          "freed .*");

  private final Msb msb;
  private final Map<String, Integer> said = new ConcurrentHashMap<>();

  SoakVmTest() throws IOException {
    msb = new Msb(UsedHome.makeWithoutTemplates()); // which parts that are killed may spoil
  }

  @AfterEach
  void removeAll() throws Exception {
    msb.removeAll();
  }

  @Test
  void whateverIsDoneLsIsTheTruthAndNothingIsLeft() throws Exception {
    long seed = Long.getLong("msb.seed", System.nanoTime());
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(Integer.getInteger("msb.soak", 25));
    System.out.println("msb.seed=" + seed);
    List<Callable<Integer>> shells = new ArrayList<>();
    for (int i = 0; i < SHELLS; i++) {
      Random random = new Random(seed + i);
      shells.add(() -> {
        int done = 0;
        for (; System.nanoTime() - end < 0; done++) {
          deed(random);
        }
        return done;
      });
    }
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<Integer> done : threads.invokeAll(shells)) {
        System.out.println("deeds: " + done.get());
      }
    }
    new TreeMap<>(said).forEach((line, times) -> System.out.println(times + " x " + line));
    assertThat(said.keySet().stream().filter(line -> !isExpected(line))).isEmpty();

    checkLs();
    for (String name : msb.run("ls", "-q").ok().stdout().lines().toList()) {
      Result repaired = msb.sh(name, "echo up");
      if (!repaired.stderr().contains("there is no sandbox")) { // an ephemeral one ended by itself
        assertThat(repaired.ok().stdout()).as(name).isEqualTo("up\n");
      }
    }
    removeAllAndCheck();
  }

  /// One thing that somebody does.
  private void deed(Random random) throws Exception {
    String name = NAMES.get(random.nextInt(NAMES.size()));
    String other = NAMES.get(random.nextInt(NAMES.size()));
    switch (random.nextInt(22)) {
      case 0, 1 -> command("create", "-q", "-n", name);
      case 2 -> command("create", "-q", "-n", name, "--idle-timeout", "1s", "-l", "brief");
      case 3 -> command("create", "-q", "-n", name, "--ephemeral");
      case 4 -> command("create", "-q", "-n", name, "--replace");
      case 5 -> command("start", "-q", name);
      case 6 -> command("stop", "-t", "1s", name);
      case 7 -> command("restart", "-q", "-f", name);
      case 8 -> command("kill", name);
      case 9 -> command("rm", random.nextBoolean() ? "-f" : "-l", name);
      case 10 -> command("rename", name, other);
      case 11 -> command("modify", "-q", name, "-l", "seen=" + random.nextInt(100));
      case 12 -> command("run", "-q", "--", "true");
      case 13 -> command("exec", "-q", "-d", name, "--", "sleep", "2");
      case 14 -> command("image", "prune", "-a", "-q");
      case 15 -> assertThat(command("ls", "--format", "json").status()).isZero();
      case 16 -> command(random.nextBoolean() ? "inspect" : "metrics", name);
      case 17 -> command("touch", name, other);
      case 18 -> kill(random, "dev.msb.supervisor/dev.msb.supervisor.SupervisorMain");
      case 19 -> kill(random, "qemu-system");
      case 20 -> {
        Process client = client(random, name).redirectErrorStream(true).start();
        client.waitFor(random.nextInt(1500), TimeUnit.MILLISECONDS); // killed anywhere
        client.destroyForcibly().waitFor();
      }
      default -> {
        String word = Integer.toString(random.nextInt());
        Result result = command("exec", "-q", name, "--", "echo", word);
        if (result.status() == 0) {
          assertThat(result.stdout()).isEqualTo(word + "\n");
        }
      }
    }
  }

  private ProcessBuilder client(Random random, String name) {
    return switch (random.nextInt(6)) {
      case 0 -> msb.command("create", "-n", name);
      case 1 -> msb.command("start", name);
      case 2 -> msb.command("run", "--", "sleep", "1000");
      case 3 -> msb.command("rm", "-f", name);
      case 4 -> msb.command("stop", name);
      default -> msb.command("exec", name, "--", "sleep", "1000");
    };
  }

  private void kill(Random random, String word) {
    List<ProcessHandle> handles =
        msb.processes().stream().filter(handle -> commandLine(handle).contains(word)).toList();
    if (!handles.isEmpty()) {
      handles.get(random.nextInt(handles.size())).destroyForcibly();
    }
  }

  private static String commandLine(ProcessHandle handle) {
    try {
      return Files.readString(Path.of("/proc", Long.toString(handle.pid()), "cmdline"));
    } catch (IOException e) {
      return ""; // gone
    }
  }

  /// Runs a command, which must end by itself, and fail as promised if it does.
  private Result command(String... words) throws Exception {
    Process process = msb.command(words).redirectInput(Path.of("/dev/null").toFile()).start();
    Result result = Msb.finish(process);
    assertThat(result.status()).as(String.join(" ", words) + ": " + result).isIn(0, 125);
    if (result.status() != 0) {
      assertThat(result.stderr()).as(String.join(" ", words)).isNotEmpty();
    }
    result.stderr().lines().forEach(line -> said.merge(line, 1, Integer::sum));
    return result;
  }

  private static boolean isExpected(String line) {
    return EXPECTED.stream().anyMatch(pattern -> line.matches("msb: " + pattern));
  }

  /// Once all is quiet, what runs is what `ls` says to run: a supervisor and a QEMU each.
  private void checkLs() throws Exception {
    while (true) {
      String before = msb.run("ls").ok().stdout();
      List<String> lines = msb.processes().stream().map(SoakVmTest::commandLine).toList();
      String after = msb.run("ls").ok().stdout();
      if (!before.equals(after) || before.contains("starting") || before.contains("stopping")) {
        continue; // not quiet yet; the test's time limit ends this
      }
      for (String row : before.lines().skip(1).toList()) {
        String[] cells = row.split(" +", 3);
        String path = msb.sandbox(cells[0]).toString();
        long processes =
            lines.stream().filter(l -> (l + "\0").matches("(?s).*" + path + "[/\0].*")).count();
        assertThat(processes).as(row + lines).isEqualTo(cells[1].equals("running") ? 2 : 0);
      }
      return;
    }
  }

  private void removeAllAndCheck() throws Exception {
    for (String name : msb.run("ls", "-q").ok().stdout().lines().toList()) {
      msb.run("rm", "-f", name);
    }
    assertThat(msb.run("ls", "-q").ok().stdout()).isEmpty();
    msb.awaitNoProcess();
    // What killed creators and removers left is taken for such only when it is old.
    Path sandboxes = msb.home().resolve("sandboxes");
    for (Path left : children(sandboxes)) {
      assertThat(left.getFileName().toString()).matches("\\.(new|old)-.*");
      Files.setLastModifiedTime(left, FileTime.from(Instant.now().minusSeconds(3600)));
    }
    msb.create("last").ok();
    assertThat(children(sandboxes)).containsExactly(sandboxes.resolve("last"));
    assertThat(
            children(sandboxes.resolve("last")).stream()
                .map(path -> path.getFileName().toString())
                .filter(name -> !name.equals("console.log"))) // once it is up for a second
        .containsExactlyInAnyOrder(
            "config",
            "kernel",
            "lock",
            "socket",
            "start.lock",
            "state",
            "supervisor.log",
            "upper.img");
    assertThat(children(msb.home()).stream().map(Path::getFileName).map(Path::toString))
        .isSubsetOf(
            "accelerator",
            "events",
            "events.old",
            "images",
            "last-failure",
            "sandboxes",
            "templates");
  }

  private static List<Path> children(Path directory) throws IOException {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.toList();
    }
  }
}
