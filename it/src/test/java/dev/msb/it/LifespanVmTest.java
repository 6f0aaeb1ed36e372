package dev.msb.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msb.it.Msb.Result;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Sandboxes that end by themselves.
@Timeout(180)
class LifespanVmTest {
  private final Msb msb;

  LifespanVmTest() throws IOException {
    msb = new Msb();
  }

  @AfterEach
  void removeAll() throws Exception {
    msb.removeAll();
  }

  @Test
  void anIdleSandboxStopsInOrder() throws Exception {
    msb.create("box", "--idle-timeout", "5s").ok(); // a busy machine may need seconds for an exec
    msb.sh("box", "echo kept > /root/file").ok(); // not synced: unmounting does that
    msb.awaitNoProcess();
    assertThat(msb.run("ls").ok().stdout()).contains("stopped (idle)");
    assertThat(msb.sh("box", "cat /root/file").ok().stdout()).isEqualTo("kept\n");
  }

  @Test
  void aSandboxIsNotIdleWhileAnExecRuns() throws Exception {
    msb.create("box", "--idle-timeout", "4s").ok();
    String id = msb.run("exec", "-d", "box", "--", "sleep", "10").ok().stdout().strip();
    // Nobody is connected while it sleeps; that it ended by itself shows that the VM was up.
    assertThat(msb.run("attach", id).status()).isZero();
    msb.awaitNoProcess();
    assertThat(msb.run("ls").ok().stdout()).contains("stopped (idle)");
  }

  @Test
  void anExecAfterTheIdleStopStartsItAgain() throws Exception {
    msb.create("box", "--idle-timeout", "300ms").ok();
    msb.awaitNoProcess();
    assertThat(msb.sh("box", "sleep 1; echo up").ok().stdout()).isEqualTo("up\n");
  }

  @Test
  void theMaximumDurationEndsEverythingInOrder() throws Exception {
    msb.create("box", "--max-duration", "12s").ok();
    Process exec =
        msb.command(
                "exec",
                "-q",
                "box",
                "--",
                "sh",
                "-c",
                "exec 2>/dev/null; trap 'echo bye > /root/file; exit 0' TERM; echo up;"
                    + " while :; do sleep 0.1; done")
            .start();
    assertThat(exec.inputReader().readLine()).isEqualTo("up");
    assertThat(Msb.finish(exec))
        .isEqualTo(new Result(125, "", "msb: the sandbox has reached its maximum duration\n"));
    msb.awaitNoProcess();
    assertThat(msb.run("ls").ok().stdout()).contains("stopped (max-duration)");
    assertThat(msb.sh("box", "cat /root/file").ok().stdout()).isEqualTo("bye\n");
  }

  @Test
  void aStopTellsWhoDrivesAProcess() throws Exception {
    msb.create("box").ok();
    Process exec = msb.command("exec", "box", "--", "sh", "-c", "echo up; exec sleep 1000").start();
    assertThat(exec.inputReader().readLine()).isEqualTo("up");
    msb.run("stop", "box").ok();
    assertThat(Msb.finish(exec)).isEqualTo(new Result(125, "", "msb: the sandbox was stopped\n"));
  }

  @Test
  void aKillEndsItAtOnceAndTheDiskIsStillGood() throws Exception {
    msb.create("box").ok();
    msb.sh("box", "echo kept > /root/file; sync").ok();
    Process exec =
        msb.command("exec", "box", "--", "sh", "-c", "trap '' TERM; echo up; sleep 1000").start();
    assertThat(exec.inputReader().readLine()).isEqualTo("up");
    msb.run("kill", "box").ok();
    assertThat(Msb.finish(exec)).isEqualTo(new Result(125, "", "msb: the sandbox was killed\n"));
    assertThat(msb.processes()).isEmpty();
    assertThat(msb.run("ls").ok().stdout()).contains("stopped (killed)");
    assertThat(msb.sh("box", "cat /root/file").ok().stdout()).isEqualTo("kept\n");
  }

  @Test
  void labelsChooseSandboxes() throws Exception {
    msb.create("one", "--label", "team=red", "--label", "ci").ok();
    msb.create("two", "--label", "team=blue", "--label", "ci").ok();
    assertThat(msb.run("ls", "-q", "--label", "ci").ok().stdout()).isEqualTo("one\ntwo\n");
    assertThat(msb.run("ls", "-q", "-l", "ci", "-l", "team=red").ok().stdout()).isEqualTo("one\n");
    msb.run("restart", "--label", "team=blue").ok();
    msb.run("stop", "--label", "team=blue").ok();
    assertThat(msb.run("ls").ok().stdout())
        .containsPattern("one +running")
        .containsPattern("two +stopped");
    msb.run("rm", "-f", "--label", "ci").ok();
    assertThat(msb.run("ls", "-q").ok().stdout()).isEmpty();
    assertThat(msb.run("rm", "--label", "ci")).isEqualTo(new Result(0, "", ""));
  }

  @Test
  void anEphemeralSandboxIsRemovedByItsStop() throws Exception {
    msb.create("box", "--ephemeral").ok();
    msb.sh("box", "true").ok();
    assertThat(msb.run("ls", "-q").ok().stdout()).isEqualTo("box\n");
    assertThat(msb.run("restart", "box"))
        .isEqualTo(
            new Result(
                125, "", "msb: sandbox \"box\" is ephemeral: it is removed when it stops\n"));
    msb.run("stop", "box").ok();
    assertThat(msb.run("ls", "-q").ok().stdout()).isEmpty();
    assertThat(msb.sandbox("box")).doesNotExist();
  }
}
