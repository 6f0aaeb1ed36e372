package dev.msb.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msb.it.Msb.Result;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What commands wrote, and the guest's console.
@Timeout(180)
class LogsVmTest {
  private static final String TIME = "[0-9-]{10}T[0-9:.]+Z";

  private final Msb msb;

  LogsVmTest() throws IOException {
    msb = new Msb();
  }

  @AfterEach
  void removeAll() throws Exception {
    msb.removeAll();
  }

  private void create(String... more) throws Exception {
    String[] words = Arrays.copyOf(new String[] {"--log", "output"}, 2 + more.length);
    System.arraycopy(more, 0, words, 2, more.length);
    msb.create("box", words).ok();
  }

  @Test
  @Tag("quick")
  void outputIsKeptByteForByte() throws Exception {
    create();
    long seed = Long.getLong("msb.seed", System.nanoTime());
    System.out.println("seed " + seed);
    byte[] bytes = new byte[300_000];
    new Random(seed).nextBytes(bytes);
    msb.runWithInput(bytes, "exec", "--stream", "box", "--", "cat").ok();
    msb.sh("box", "echo wrong >&2").ok();
    Process logs = msb.command("logs", "box", "--exec", "1").start();
    assertThat(logs.getInputStream().readAllBytes()).isEqualTo(bytes);
    assertThat(logs.waitFor()).isZero();
    Result second = msb.run("logs", "box", "--exec", "2").ok();
    assertThat(second.stdout()).isEmpty();
    assertThat(second.stderr()).isEqualTo("wrong\n");
    assertThat(msb.run("logs", "box", "--stream", "stderr").ok().stdout()).isEmpty();
    assertThat(msb.run("logs", "box", "--until", "1h").ok().stdout()).isEmpty();
  }

  @Test
  void execsOfAnEarlierRunAreNotTakenForThoseOfThisOne() throws Exception {
    create();
    msb.sh("box", "printf one").ok();
    msb.sh("box", "printf two").ok();
    msb.run("restart", "box").ok();
    msb.sh("box", "printf three").ok();
    assertThat(msb.run("logs", "box", "--exec", "1").ok().stdout()).isEqualTo("one");
    assertThat(msb.run("logs", "box", "--exec", "2").ok().stdout()).isEqualTo("two");
    assertThat(msb.run("logs", "box", "--exec", "3").ok().stdout()).isEqualTo("three");
  }

  @Test
  void linesAreChosenAndStamped() throws Exception {
    create();
    msb.sh("box", "for i in 1 2 3 4; do echo line $i; done; printf unfinished").ok();
    assertThat(msb.run("logs", "box", "-n", "2").ok().stdout()).isEqualTo("line 4\nunfinished");
    assertThat(msb.run("logs", "box", "--grep", "[23]$").ok().stdout())
        .isEqualTo("line 2\nline 3\n");
    assertThat(msb.run("logs", "box", "-t", "--grep", "1").ok().stdout())
        .matches(TIME + " line 1\n");
    assertThat(msb.run("logs", "box", "--format", "json", "-n", "2").ok().stdout())
        .matches(
            "\\{\"time\":\"%s\",\"exec\":1,\"stream\":\"stdout\",\"text\":\"line 4\"\\}\n"
                    .formatted(TIME)
                + "\\{\"time\":\"%s\",\"exec\":1,\"stream\":\"stdout\",\"text\":\"unfinished\","
                    .formatted(TIME)
                + "\"unfinished\":true\\}\n");
    msb.sh("box", "printf '\\377\\n'").ok();
    assertThat(msb.run("logs", "box", "--format", "json", "-n", "1").ok().stdout())
        .contains("\"base64\":\"/w==\"");
  }

  @Test
  void aFollowerGetsEachLineAsItComesAndEndsWithTheSandbox() throws Exception {
    create();
    msb.sh("box", "echo before; echo last").ok();
    Process exec = msb.command("exec", "--stream", "box", "--", "cat").start();
    Process logs = msb.command("logs", "-f", "-n", "1", "box").start();
    BufferedReader followed = logs.inputReader();
    assertThat(followed.readLine()).isEqualTo("last");
    for (int i = 0; i < 3; i++) {
      exec.outputWriter().write("turn " + i + "\n");
      exec.outputWriter().flush();
      assertThat(followed.readLine()).isEqualTo("turn " + i);
    }
    msb.run("stop", "box").ok();
    assertThat(followed.readLine()).isNull();
    assertThat(logs.waitFor()).isZero();
    assertThat(exec.waitFor()).isEqualTo(125);
  }

  @Test
  void aFollowerEndsWhenTheSupervisorIsKilled() throws Exception {
    create();
    msb.sh("box", "echo here").ok();
    Process logs = msb.command("logs", "-f", "box").start();
    assertThat(logs.inputReader().readLine()).isEqualTo("here");
    msb.supervisor().destroyForcibly();
    assertThat(logs.inputReader().readLine()).isNull();
    assertThat(logs.waitFor()).isZero();
  }

  @Test
  void whatIsLongIsKeptFromItsEndAndOverRestarts() throws Exception {
    create();
    msb.sh("box", "seq 4000000").ok();
    msb.run("restart", "box").ok();
    msb.sh("box", "echo end").ok();
    Process logs = msb.command("logs", "box").start();
    String kept;
    try (InputStream out = logs.getInputStream()) {
      kept = new String(out.readAllBytes(), StandardCharsets.UTF_8);
    }
    assertThat(kept.length()).isBetween(8 << 20, 17 << 20);
    List<String> lines = kept.lines().toList();
    assertThat(lines.getLast()).isEqualTo("end");
    int first = Integer.parseInt(lines.get(1)); // the one before may be cut
    for (int i = 1; i < lines.size() - 1; i++) {
      if (Integer.parseInt(lines.get(i)) != first + i - 1) {
        throw new AssertionError("line " + i + " is " + lines.get(i));
      }
    }
    assertThat(lines.get(lines.size() - 2)).isEqualTo("4000000");
  }

  @Test
  void halfARecordIsCutOffByTheNextStart() throws Exception {
    create();
    msb.sh("box", "echo one").ok();
    msb.run("stop", "box").ok();
    Path log = msb.sandbox("box").resolve("output.log");
    byte[] half = Arrays.copyOf(Files.readAllBytes(log), 33);
    Files.write(log, half, StandardOpenOption.APPEND);
    assertThat(msb.run("logs", "box").ok().stdout()).isEqualTo("one\n");
    msb.sh("box", "echo two").ok();
    assertThat(msb.run("logs", "box").ok().stdout()).isEqualTo("one\ntwo\n");
  }

  @Test
  void nothingIsKeptUnlessAskedFor() throws Exception {
    msb.create("box").ok();
    msb.sh("box", "echo secret").ok();
    Result logs = msb.run("logs", "box");
    assertThat(logs.status()).isEqualTo(125);
    assertThat(logs.stderr())
        .isEqualTo(
            "msb: the output of sandbox \"box\" is not kept: have it kept by msb create --log"
                + " output, or msb modify --log output\n");
    msb.run("modify", "-q", "--log", "output", "box").ok();
    msb.run("restart", "box").ok();
    msb.sh("box", "echo kept").ok();
    assertThat(msb.run("logs", "box").ok().stdout()).isEqualTo("kept\n");
    assertThat(msb.run("inspect", "box").ok().stdout()).contains("\"log\":\"output\"");
  }

  @Test
  void theConsoleIsShownWhileItRunsAndAfterwards() throws Exception {
    create();
    msb.sh("box", "echo hello from the console > /dev/console").ok();
    String seen = "";
    while (!seen.contains("hello from the console")) {
      seen = msb.run("logs", "--console", "box").ok().stdout(); // it is at most a second old
    }
    msb.run("stop", "box").ok();
    assertThat(msb.run("logs", "--console", "box").ok().stdout())
        .contains("hello from the console");
  }

  @Test
  void directoriesInMemoryAreMountedAtEachStart() throws Exception {
    create("--tmpfs", "/scratch/deep", "--tmpfs", "/scratch:16M", "--tmpfs", "/dev/shm:8M");
    String script = "df -m /scratch | tail -n 1; stat -f -c %T /scratch/deep; stat -c %a /scratch";
    assertThat(msb.sh("box", script).ok().stdout())
        .matches("(?s)tmpfs +16 .*/scratch\ntmpfs\n1777\n");
    assertThat(msb.sh("box", "df -m /dev/shm | tail -n 1").ok().stdout()).startsWith("tmpfs ");
    msb.sh("box", "touch /scratch/gone").ok();
    msb.run("restart", "box").ok();
    assertThat(msb.sh("box", "ls /scratch").ok().stdout()).isEqualTo("deep\n");
    assertThat(msb.run("inspect", "box").ok().stdout())
        .contains("\"tmpfs\":[\"/dev/shm:8M\",\"/scratch:16M\",\"/scratch/deep\"]");
  }

  @Test
  void aSandboxThatCouldNotBeMadeLeavesItsLogsToLookAt() throws Exception {
    for (String[] words : new String[][] {{}, {"--ephemeral"}}) {
      String[] all = Arrays.copyOf(words, words.length + 2);
      all[words.length] = "--tmpfs";
      all[words.length + 1] = "/etc/passwd";
      Result failed = msb.create("box", all);
      assertThat(failed.status()).isEqualTo(125);
      Path kept = msb.home().resolve("last-failure");
      assertThat(failed.stderr())
          .endsWith(
              "msb: cannot start sandbox \"box\": the guest could not be set up: mkdir"
                  + " /etc/passwd: ENOTDIR (see "
                  + kept
                  + ")\n");
      assertThat(kept.resolve("supervisor.log")).content().contains("ENOTDIR");
      assertThat(kept.resolve("console.log")).exists();
      assertThat(msb.run("ls", "-q").ok().stdout()).isEmpty();
    }
  }
}
