package dev.msb.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msb.it.Msb.Result;
import dev.msb.sdk.ExitStatus;
import dev.msb.sdk.NoAnswerException;
import dev.msb.sdk.Sandbox;
import dev.msb.sdk.SandboxProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A VM that is paused, and a guest whose PID 1 is frozen by its own root: every kind of call ends,
/// and says why.
@Timeout(300)
class SilentGuestVmTest {
  private static final String PAUSED = "the VM is paused: by whom is not known";

  private final Msb msb;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  SilentGuestVmTest() throws IOException {
    msb = new Msb();
  }

  @BeforeEach
  void createBox() throws Exception {
    Qmp.offer(msb);
    msb.create("box").ok();
    System.setProperty("msb.home", msb.home().toString());
    System.setProperty(
        "msb.dist", Path.of(System.getProperty("msb.root", ".."), "dist").toString());
  }

  @AfterEach
  void removeAll() throws Exception {
    System.clearProperty("msb.home");
    System.clearProperty("msb.dist");
    threads.close();
    msb.removeAll();
  }

  @Test
  void aPausedVmHoldsUpNobodyAndItsClockIsRightWhenItGoesOn() throws Exception {
    Sandbox box = Sandbox.get("box");
    String kept = msb.run("exec", "-d", "box", "--", "sleep", "1000").ok().stdout().strip();
    SandboxProcess running =
        box.process("sleep", "1000")
            .timeout(Duration.ofSeconds(20)) // until then it is paused
            .killAfter(Duration.ZERO)
            .start();
    try (Qmp qmp = new Qmp(msb)) {
      qmp.execute("stop");
      Future<Result> exec = inBackground("exec", "box", "--", "true");
      Future<Result> timed =
          inBackground("exec", "--timeout", "1s", "--kill-after", "1s", "box", "--", "true");
      Future<Result> copy = inBackground("cp", "box:/etc/passwd", "-");
      assertThat(msb.run("ping", "box"))
          .isEqualTo(new Result(125, "", "msb: sandbox \"box\": " + PAUSED + "\n"));
      assertThatThrownBy(box::ping).isInstanceOf(NoAnswerException.class);
      assertThat(msb.run("ls").ok().stdout()).contains("running");
      assertThat(msb.run("ps", "box").ok().stdout()).contains("sleep 1000");
      msb.run("inspect", "box").ok();
      msb.run("metrics", "box").ok();
      Process attached = msb.command("attach", kept).start();
      assertThat(exec.get().status()).isEqualTo(125);
      assertThat(exec.get().stderr())
          .isEqualTo("msb: cannot run \"true\": it did not start: " + PAUSED + "\n");
      assertThat(timed.get().status()).isEqualTo(124);
      assertThat(timed.get().stderr())
          .isEqualTo("msb: cannot run \"true\": its timeout ran out: " + PAUSED + "\n");
      assertThat(copy.get().status()).isEqualTo(125);
      assertThat(copy.get().stderr()).contains(PAUSED).hasLineCount(1);
      assertThat(running.awaitExit())
          .isEqualTo(
              new ExitStatus.TimedOut(new ExitStatus.Lost("its timeout ran out: " + PAUSED)));
      msb.run("exec", "kill", "-s", "KILL", kept).ok();
      qmp.execute("cont");
      assertThat(Msb.finish(attached).status()).isEqualTo(137);
    }
    Instant before = Instant.now();
    Instant guest = Instant.parse(msb.sh("box", "date -u +%FT%TZ").ok().stdout().strip());
    assertThat(guest).isBetween(before.minusSeconds(1), Instant.now());
    // What was given up while it was paused is gone.
    assertThat(msb.sh("box", "while ps | grep -q '[s]leep'; do :; done").status()).isZero();
    assertThat(msb.run("ps", "-a", "-q", "box").ok().stdout()).isEqualTo(kept + "\n");
  }

  @Test
  void aPausedVmStopsWhenItIsTold() throws Exception {
    try (Qmp qmp = new Qmp(msb)) {
      qmp.execute("stop");
      msb.run("stop", "-t", "1s", "box").ok();
    }
    assertThat(msb.run("wait", "box").ok().stdout()).isEqualTo("box requested\n");
  }

  @Test
  void aGuestThatFreezesItsAgentOutlastsNoTimeout() throws Exception {
    String freeze =
        "mount -t cgroup2 none /mnt && mkdir /mnt/f && echo 1 >/mnt/f/cgroup.procs"
            + " && echo 1 >/mnt/f/cgroup.freeze && until [ -e /tmp/thaw ]; do sleep 0.1; done"
            + "; echo 0 >/mnt/f/cgroup.freeze";
    msb.run("exec", "-d", "box", "--", "sh", "-c", "(sleep 40; >/tmp/thaw) & " + freeze).ok();
    assertThat(awaitSilence().stderr()).contains("the guest has not answered for ");
    Result timed = msb.run("exec", "--timeout", "1s", "--kill-after", "0s", "box", "--", "true");
    assertThat(timed.status()).isEqualTo(124);
    assertThat(timed.stderr())
        .startsWith(
            "msb: cannot run \"true\": its timeout ran out: the guest has not answered for ")
        .hasLineCount(1);
    // It thaws, and is forgiven.
    msb.run("ping", "-t", "2m", "box").ok();
    assertThat(msb.sh("box", "echo up").ok().stdout()).isEqualTo("up\n");
  }

  /// The first ping that is not answered.
  private Result awaitSilence() throws Exception {
    while (true) {
      Result ping = msb.run("ping", "-t", "1s", "box");
      if (ping.status() != 0) {
        return ping;
      }
    }
  }

  private Future<Result> inBackground(String... arguments) {
    return threads.submit(() -> msb.run(arguments));
  }
}
