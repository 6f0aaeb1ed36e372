package dev.msb.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msb.it.Msb.Result;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The lines of the exec contract that a command line user can see, by number. `docs/contract.md`
/// says which tests hold which line.
@Timeout(300)
class ContractVmTest extends BoxTest {
  private static final int WINDOW = 256 * 1024;

  ContractVmTest() throws IOException {}

  @Test
  @Timeout(3600) // as long as it is told to be
  void line01EveryByteArrivesInBothDirectionsAtOnce() throws Exception {
    long seed = Long.getLong("msb.seed", System.nanoTime());
    long total = Long.getLong("msb.bulk", 256L * 1024 * 1024);
    System.out.println("msb.seed=" + seed);
    Process cat = stream("cat");
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<String> sent = threads.submit(() -> flood(cat.getOutputStream(), seed, total));
      Future<String> received = threads.submit(() -> digest(cat.getInputStream()));
      assertThat(received.get()).isEqualTo(sent.get());
    }
    assertThat(cat.waitFor()).isZero();
  }

  /// Random bytes in pieces of random size; their digest.
  static String flood(OutputStream out, long seed, long total) throws Exception {
    Random random = new Random(seed);
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    byte[] bytes = new byte[1 << 20];
    random.nextBytes(bytes);
    try (out) {
      for (long left = total; left > 0; ) {
        int piece = (int) Math.min(left, 1 + random.nextInt(bytes.length));
        int at = random.nextInt(bytes.length - piece + 1);
        out.write(bytes, at, piece);
        digest.update(bytes, at, piece);
        left -= piece;
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  static String digest(InputStream in) throws Exception {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    in.transferTo(new DigestOutputStream(OutputStream.nullOutputStream(), digest));
    return HexFormat.of().formatHex(digest.digest());
  }

  @Test
  void line02AByteIsForwardedWithoutANewline() throws Exception {
    Process cat = stream("cat");
    for (int i = 0; i < 50; i++) {
      cat.getOutputStream().write(i);
      cat.getOutputStream().flush();
      assertThat(cat.getInputStream().read()).isEqualTo(i);
    }
    cat.getOutputStream().close();
    assertThat(cat.waitFor()).isZero();
  }

  @Test
  void line03AndLine04AChildThatNeverReadsHoldsUpNobodyAndTimesOut() throws Exception {
    Process stuck =
        msb.command("exec", "--stream", "--timeout", "3s", "box", "--", "sleep", "1000").start();
    Thread flooder =
        Thread.ofVirtual()
            .start(() -> {
              byte[] zeros = new byte[64 * 1024];
              try (OutputStream in = stuck.getOutputStream()) {
                while (true) {
                  in.write(zeros);
                }
              } catch (IOException e) {
                // a broken pipe, when the process is gone
              }
            });
    Process cat = stream("cat");
    BufferedReader out = cat.inputReader();
    for (int turn = 0; stuck.isAlive(); turn++) {
      cat.outputWriter().append("turn " + turn + "\n").flush();
      assertThat(out.readLine()).isEqualTo("turn " + turn);
    }
    cat.outputWriter().close();
    assertThat(cat.waitFor()).isZero();
    assertThat(stuck.waitFor()).isEqualTo(124);
    flooder.join();
  }

  @Test
  @Tag("quick")
  void line04AStoppedClientHoldsUpNobodyAndLosesNothing() throws Exception {
    int bytes = 32 * 1024 * 1024;
    Process flood = stream("sh", "-c", "dd if=/dev/zero bs=64k count=512 2>/dev/null");
    assertThat(flood.getInputStream().read()).isZero();
    signal("STOP", flood.toHandle());
    for (int i = 0; i < 3; i++) {
      assertThat(msb.sh("box", "echo " + i).ok().stdout()).isEqualTo(i + "\n");
    }
    signal("CONT", flood.toHandle());
    assertThat(flood.getInputStream().readAllBytes()).hasSize(bytes - 1);
    assertThat(flood.waitFor()).isZero();
  }

  @Test
  void line05EndOfFileTravelsBothWays() throws Exception {
    Process process =
        stream(
            "sh", "-c", "exec 1>&-; cat >/root/line05; echo end >&2; read line </dev/null; exit 4");
    assertThat(process.getInputStream().read()).isEqualTo(-1); // while it still runs
    assertThat(process.isAlive()).isTrue();
    process.outputWriter().append("input").close();
    assertThat(process.errorReader().readLine()).isEqualTo("end");
    assertThat(process.waitFor()).isEqualTo(4);
    assertThat(msb.sh("box", "cat /root/line05").stdout()).isEqualTo("input");
  }

  @Test
  void line06AReaderThatGoesIsNoticedThoughTheChildIsSilent() throws Exception {
    Process silent = stream("sh", "-c", "echo $$; read line; echo more");
    String pid = silent.inputReader().readLine();
    silent.getInputStream().close();
    // The agent, PID 1, lets go of its end of the pipe that is the child's stdout.
    String pipe = "$(readlink /proc/" + pid + "/fd/1)";
    assertThat(awaitInGuest("! ls -l /proc/1/fd | grep -F \"" + pipe + "\"")).isZero();
    silent.outputWriter().append("go\n").flush();
    assertThat(silent.waitFor()).isEqualTo(141);
  }

  @Test
  void line06AChildThatClosesItsStdinBreaksTheDriversPipe() throws Exception {
    Process process = stream("sh", "-c", "exec 0<&-; echo closed; sleep 1000");
    assertThat(process.inputReader().readLine()).isEqualTo("closed");
    byte[] bytes = new byte[4096];
    IOException broken = null;
    while (broken == null) {
      try {
        process.getOutputStream().write(bytes);
        process.getOutputStream().flush();
      } catch (IOException e) {
        broken = e;
      }
    }
    assertThat(broken).hasMessageContaining("Broken pipe");
    assertThat(process.isAlive()).isTrue();
    process.toHandle().destroy();
    assertThat(process.waitFor()).isEqualTo(128 + 15);
  }

  @Test
  void line07StdinNoneIsDevNull() throws Exception {
    Process process =
        msb.command("exec", "--stdin", "none", "box", "--", "readlink", "/proc/self/fd/0").start();
    assertThat(Msb.finish(process)).isEqualTo(new Result(0, "/dev/null\n", ""));
  }

  @Test
  void line07AndLine12AnOpenStdinDelaysNoEnd() throws Exception {
    List<List<String>> cases =
        List.of(
            List.of("0", "60s", "true"),
            List.of("127", "60s", "no-such-command"),
            List.of("124", "500ms", "sleep", "1000"));
    for (List<String> each : cases) {
      List<String> words =
          new ArrayList<>(List.of("exec", "--stream", "--timeout", each.get(1), "box", "--"));
      words.addAll(each.subList(2, each.size()));
      Process process = msb.command(words.toArray(new String[0])).start();
      assertThat(process.waitFor())
          .as(each.toString())
          .isEqualTo(Integer.parseInt(each.getFirst()));
      process.getOutputStream().close(); // only now
    }
  }

  @Test
  void line08AGrandchildThatHoldsThePipeDoesNotHoldTheExec() throws Exception {
    Path status = Files.createTempFile("msb-it-", ".json");
    Process process =
        withHome("exec --status-fd 3 box -- sh -c 'sleep 1000 & echo done' 3>" + status);
    assertThat(Msb.finish(process)).isEqualTo(new Result(0, "done\n", ""));
    assertThat(Files.readString(status)).contains("\"output_held\":true");
    Files.delete(status);
    msb.sh("box", "killall sleep");
  }

  private Process withHome(String words) throws IOException {
    ProcessBuilder msbItself = msb.command();
    ProcessBuilder shell =
        new ProcessBuilder("sh", "-c", "exec \"$0\" " + words, msbItself.command().getFirst());
    shell.environment().putAll(msbItself.environment());
    return shell.redirectInput(Path.of("/dev/null").toFile()).start();
  }

  @Test
  void line09TheWholeOutputArrivesHoweverSlowlyItIsRead() throws Exception {
    Process process = stream("sh", "-c", "seq 1 200000; exit 6");
    StringBuilder read = new StringBuilder();
    byte[] few = new byte[777];
    for (int count = process.getInputStream().read(few);
        count >= 0;
        count = process.getInputStream().read(few)) {
      read.append(new String(few, 0, count, StandardCharsets.US_ASCII));
    }
    assertThat(process.waitFor()).isEqualTo(6);
    assertThat(read.toString().lines().count()).isEqualTo(200_000);
    assertThat(read.toString()).endsWith("\n200000\n");
  }

  @Test
  void line09TheExitRecordTellsTotalsAndResources() throws Exception {
    Path status = Files.createTempFile("msb-it-", ".json");
    Process process =
        withHome("exec --status-fd 3 box -- sh -c 'echo four; echo no >&2; exit 3' 3>" + status);
    assertThat(Msb.finish(process)).isEqualTo(new Result(3, "four\n", "no\n"));
    List<String> lines = Files.readAllLines(status);
    assertThat(lines).hasSize(2);
    assertThat(lines.get(0))
        .matches("\\{\"event\":\"started\",\"exec\":\"box/\\d+\",\"pid\":\\d+}");
    assertThat(lines.get(1))
        .startsWith(
            "{\"event\":\"exit\",\"code\":3,\"status\":3,\"stdout_bytes\":5,\"stderr_bytes\":3,"
                + "\"output_held\":false,\"user_us\":")
        .contains("\"max_rss_kib\":", "\"wall_us\":");
    Files.delete(status);
  }

  @Test
  @Tag("quick")
  void line13SignalsGoToTheWholeGroup() throws Exception {
    Process process =
        stream(
            "sh",
            "-c",
            "sh -c 'trap \"echo child; exit\" USR1; echo ready; while :; do sleep 0.1; done' &"
                + " trap 'wait; echo parent; exit 5' USR1; while :; do sleep 0.1; done");
    BufferedReader out = process.inputReader();
    assertThat(out.readLine()).isEqualTo("ready");
    signal("USR1", process.toHandle());
    assertThat(List.of(out.readLine(), out.readLine())).containsExactly("child", "parent");
    assertThat(process.waitFor()).isEqualTo(5);
  }

  @Test
  void line14ATimeoutEndsTheWholeGroup() throws Exception {
    Result result =
        msb.run(
            "exec",
            "--timeout",
            "3s", // in which a busy machine runs an echo
            "--kill-after",
            "500ms",
            "box",
            "--",
            "sh",
            "-c",
            "trap '' TERM; sleep 4321 & echo up; wait; sleep 4321");
    assertThat(result.status()).isEqualTo(124);
    assertThat(result.stdout()).isEqualTo("up\n");
    assertThat(awaitInGuest("! pgrep -f 'sleep 4321'")).isZero();
  }

  @Test
  void line15AClientThatIsKilledTakesItsProcessWithIt() throws Exception {
    Process client = stream("sh", "-c", "echo up; sleep 5432");
    assertThat(client.inputReader().readLine()).isEqualTo("up");
    client.destroyForcibly();
    assertThat(awaitInGuest("! pgrep -f 'sleep 5432'")).isZero();
  }

  @Test
  @Tag("quick")
  void line15AndLine16AKeptExecGoesOnByteExactly() throws Exception {
    Process first =
        msb.command("exec", "--stream", "--on-disconnect", "keep", "box", "--", "cat").start();
    first.outputWriter().append("one\n").flush();
    assertThat(first.inputReader().readLine()).isEqualTo("one");
    String id = execId("cat");
    first.destroyForcibly();
    first.waitFor();

    Process second = msb.command("attach", id, "--stdout-offset", "4").start();
    second.outputWriter().append("two\n").flush();
    assertThat(second.inputReader().readLine()).isEqualTo("two");
    second.destroyForcibly();
    second.waitFor();

    Process again =
        msb.command("attach", id).start(); // counts nothing: gets what was not granted away
    again.outputWriter().append("three\n").close();
    assertThat(Msb.finish(again)).isEqualTo(new Result(0, "two\nthree\n", ""));
  }

  @Test
  void line16AKeptExecIsBlockedWhenItsWindowIsFullAndLosesNothing() throws Exception {
    String id =
        msb.run("exec", "--detach", "box", "--", "sh", "-c", "seq 1 300000; exit 8")
            .ok()
            .stdout()
            .strip();
    Process attached = msb.command("attach", id, "--stdin", "none").start();
    Result result = Msb.finish(attached);
    assertThat(result.status()).isEqualTo(8);
    assertThat(result.stdout().length()).isGreaterThan(WINDOW);
    assertThat(result.stdout().lines().count()).isEqualTo(300_000);
    assertThat(result.stdout()).startsWith("1\n2\n").endsWith("\n300000\n");
  }

  @Test
  void line16ASecondClientTakesOverOrWatches() throws Exception {
    Process first =
        msb.command("exec", "--stream", "--on-disconnect", "keep", "box", "--", "cat", "-u")
            .start();
    first.outputWriter().append("one\n").flush();
    assertThat(first.inputReader().readLine()).isEqualTo("one");
    String id = execId("cat -u");

    Process watcher = msb.command("attach", "--watch", id).start();
    assertThat(watcher.inputReader().readLine()).isEqualTo("one");
    first.outputWriter().append("two\n").flush();
    assertThat(first.inputReader().readLine()).isEqualTo("two");
    assertThat(watcher.inputReader().readLine()).isEqualTo("two");

    ProcessBuilder attach = msb.command("attach", "--watch", "--status-fd", "3", id);
    attach.command().addAll(0, List.of("sh", "-c", "exec \"$@\" 3>&2", "sh"));
    Process leaves = attach.start();
    assertThat(leaves.errorReader().readLine()).contains("started");
    signal("TERM", leaves.toHandle()); // INT may be ignored where tests run in the background
    assertThat(leaves.waitFor()).isEqualTo(143);

    Process second = msb.command("attach", "--stdout-offset", "8", id).start();
    second.outputWriter().append("three\n").close();
    assertThat(second.inputReader().readLine()).isEqualTo("three");
    assertThat(second.waitFor()).isZero();
    assertThat(first.waitFor()).isEqualTo(125);
    assertThat(first.errorReader().readLine()).contains("took exec");
    assertThat(watcher.inputReader().readLine()).isEqualTo("three");
    assertThat(watcher.waitFor()).isZero();
  }

  @Test
  @Timeout(3600) // as long as it is told to be
  void line17NoForeignByteAfterAClientWasKilled() throws Exception {
    for (int i = 0; i < Integer.getInteger("msb.kills", 25); i++) {
      Process victim = stream("yes", "victim");
      assertThat(victim.inputReader().readLine()).isEqualTo("victim");
      victim.destroyForcibly();
      assertThat(msb.sh("box", "echo " + i)).isEqualTo(new Result(0, i + "\n", ""));
    }
  }

  @Test
  void line18MergedStderrKeepsItsOrder() throws Exception {
    Result result =
        msb.run(
            "exec",
            "--merge-stderr",
            "box",
            "--",
            "sh",
            "-c",
            "for i in 1 2 3 4 5; do echo out$i; echo err$i >&2; done");
    assertThat(result.ok().stdout())
        .isEqualTo("out1\nerr1\nout2\nerr2\nout3\nerr3\nout4\nerr4\nout5\nerr5\n");
    assertThat(result.stderr()).isEmpty();
  }

  @Test
  @Timeout(3600) // as long as it is told to be
  void manyShortExecsLoseNoByteAndNoStatus() throws Exception {
    int execs = Integer.getInteger("msb.execs", 200);
    Callable<Void> worker =
        () -> {
          for (int i = 0; i < execs / 4; i++) {
            int status = i % 200;
            Result result = msb.sh("box", "echo " + i + "; exit " + status);
            assertThat(result).isEqualTo(new Result(status, i + "\n", ""));
          }
          return null;
        };
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<Void> done : threads.invokeAll(List.of(worker, worker, worker, worker))) {
        done.get();
      }
    }
  }

  @Test
  void manyExecsRunAtOnce() throws Exception {
    int count = Integer.getInteger("msb.concurrent", 40);
    List<Process> cats = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      cats.add(stream("cat"));
    }
    for (int turn = 0; turn < 3; turn++) {
      for (int i = 0; i < count; i++) {
        cats.get(i).outputWriter().append(turn + " of " + i + "\n").flush();
      }
      for (int i = 0; i < count; i++) {
        assertThat(cats.get(i).inputReader().readLine()).isEqualTo(turn + " of " + i);
      }
    }
    for (Process cat : cats) {
      cat.outputWriter().close();
      assertThat(cat.waitFor()).isZero();
    }
  }

  @Test
  void environmentFilesAreRead() throws Exception {
    Path file = Files.createTempFile("msb-it-", ".env");
    Files.writeString(file, "# comment\nONE=1 one\n\nTWO=two\n");
    Result result =
        msb.run(
            "exec",
            "--env-file",
            file.toString(),
            "-e",
            "TWO=2",
            "box",
            "--",
            "sh",
            "-c",
            "echo $ONE $TWO");
    assertThat(result.ok().stdout()).isEqualTo("1 one 2\n");
    Files.delete(file);
  }

  /// The id of the only attached exec whose command this is.
  private String execId(String command) throws Exception {
    return msb.run("exec", "ls", "box")
        .ok()
        .stdout()
        .lines()
        .filter(line -> line.endsWith("  " + command) && line.contains("attached"))
        .map(line -> line.substring(0, line.indexOf(' ')))
        .findFirst()
        .orElseThrow();
  }
}
