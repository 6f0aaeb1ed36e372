package dev.msb.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msb.it.Msb.Result;
import java.io.BufferedReader;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Sandboxes from making to removal.
@Timeout(180)
class LifecycleVmTest {
  private final Msb msb;

  LifecycleVmTest() throws java.io.IOException {
    msb = new Msb();
  }

  @AfterEach
  void removeAll() throws Exception {
    msb.removeAll();
  }

  @Test
  @Tag("quick")
  void aSandboxIsMadeStoppedStartedAndRemoved() throws Exception {
    assertThat(msb.create("box", "--memory", "256M", "--cpus", "2").ok().stdout()).isEmpty();
    assertThat(states()).containsExactly("box running busybox 2 256M");
    assertThat(msb.sh("box", "echo kept > /root/file; sync; nproc").ok().stdout()).isEqualTo("2\n");
    msb.run("stop", "box").ok();
    assertThat(states()).containsExactly("box stopped busybox 2 256M");
    assertThat(msb.processes()).isEmpty();
    msb.run("start", "box").ok();
    assertThat(states()).containsExactly("box running busybox 2 256M");
    assertThat(msb.sh("box", "cat /root/file").ok().stdout()).isEqualTo("kept\n");
    Result refused = msb.run("rm", "box");
    assertThat(refused.status()).isEqualTo(125);
    assertThat(refused.stderr()).isEqualTo("msb: sandbox \"box\" is running: stop it first\n");
    msb.run("stop", "box").ok();
    msb.run("rm", "box").ok();
    assertThat(states()).isEmpty();
    assertThat(msb.sandbox("box")).doesNotExist();
  }

  @Test
  void aSandboxWithoutANameIsGivenOne() throws Exception {
    String name = msb.run("create").ok().stdout().strip();
    assertThat(msb.run("ls", "-q").ok().stdout()).isEqualTo(name + "\n");
  }

  @Test
  void replaceTakesTheNameOver() throws Exception {
    msb.create("box").ok();
    msb.sh("box", "echo old > /root/file").ok();
    msb.create("box", "--replace").ok();
    assertThat(msb.sh("box", "cat /root/file").status()).isEqualTo(1);
  }

  @Test
  @Tag("quick")
  void runLeavesNothingBehind() throws Exception {
    Result result = msb.run("run", "-q", "--", "sh", "-c", "echo hello; exit 5");
    assertThat(result).isEqualTo(new Result(5, "hello\n", ""));
    assertThat(msb.run("ls", "-q").ok().stdout()).isEmpty();
    msb.awaitNoProcess();
  }

  @Test
  void aNamedRunStaysStopped() throws Exception {
    msb.run("run", "--name", "box", "--", "sh", "-c", "echo 1 >> /root/runs").ok();
    assertThat(states()).containsExactly("box stopped busybox 1 512M");
    Result second =
        msb.run("run", "--name", "box", "--", "sh", "-c", "echo 2 >> /root/runs; cat /root/runs");
    assertThat(second.ok().stdout()).isEqualTo("1\n2\n");
  }

  @Test
  void execOnAStoppedSandboxStartsItAndStopsItAfterwards() throws Exception {
    msb.create("box").ok();
    msb.run("stop", "box").ok();
    assertThat(msb.sh("box", "echo up").ok().stdout()).isEqualTo("up\n");
    msb.awaitNoProcess();
    assertThat(states()).containsExactly("box stopped busybox 1 512M");
  }

  @Test
  void aSecondExecDoesNotLoseItsVmWhenTheFirstEnds() throws Exception {
    msb.create("box").ok();
    msb.run("stop", "box").ok();
    Process first = msb.command("exec", "box", "--", "cat").start();
    Process second =
        msb.command("exec", "box", "--", "sh", "-c", "echo up; read line; echo $line").start();
    BufferedReader out = second.inputReader();
    assertThat(out.readLine()).isEqualTo("up");
    first.getOutputStream().close();
    assertThat(first.waitFor()).isZero();
    second.outputWriter().append("still here\n").flush();
    assertThat(out.readLine()).isEqualTo("still here");
    assertThat(second.waitFor()).isZero();
    msb.awaitNoProcess();
  }

  @Test
  void aStopDuringTheStartWaitsForItAndStopsIt() throws Exception {
    Process start = startSlowly();
    Process stop = msb.command("stop", "box").start();
    assertThat(states()).containsExactly("box starting busybox 1 512M");
    assertThat(stop.isAlive()).isTrue();
    SlowQemu.letGo(msb);
    assertThat(start.waitFor()).isZero();
    assertThat(stop.waitFor()).isZero();
    assertThat(states()).containsExactly("box stopped busybox 1 512M");
  }

  /// Starts a sandbox that stays a starting one until its QEMU is let go.
  private Process startSlowly() throws Exception {
    msb.create("box", "--accel", "tcg").ok();
    msb.run("stop", "box").ok();
    SlowQemu.use(msb);
    Process start = msb.command("start", "-q", "box").start();
    while (!states().equals(List.of("box starting busybox 1 512M"))) {
      assertThat(start.isAlive()).isTrue();
    }
    return start;
  }

  @Test
  void aStarterThatIsKilledLeavesNoVm() throws Exception {
    startSlowly().destroyForcibly().waitFor();
    SlowQemu.letGo(msb);
    msb.awaitNoProcess();
    assertThat(states()).containsExactly("box stopped busybox 1 512M");
  }

  @Test
  void aStartedSandboxSurvivesTheExecThatFoundItStopped() throws Exception {
    msb.create("box").ok();
    msb.run("stop", "box").ok();
    Process exec = msb.command("exec", "box", "--", "sh", "-c", "echo up; read line").start();
    assertThat(exec.inputReader().readLine()).isEqualTo("up");
    msb.run("start", "box").ok();
    exec.getOutputStream().close();
    exec.waitFor();
    assertThat(states()).containsExactly("box running busybox 1 512M");
  }

  /// Name, state, image, cpus and memory of each sandbox.
  private List<String> states() throws Exception {
    return msb.run("ls")
        .ok()
        .stdout()
        .lines()
        .skip(1)
        .map(line -> line.replaceAll(" +", " ").replaceAll(" [^ ]+$", ""))
        .toList();
  }
}
