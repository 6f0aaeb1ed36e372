package dev.msb.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msb.it.Msb.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Parts that are killed, a QEMU that says too much, two that want the same.
@Timeout(180)
class FaultVmTest {
  private final Msb msb;

  FaultVmTest() throws IOException {
    msb = new Msb();
  }

  @AfterEach
  void removeAll() throws Exception {
    msb.removeAll();
  }

  @Test
  void aKilledSupervisorTakesQemuWithItAndTheNextCommandRepairs() throws Exception {
    msb.create("box").ok();
    ProcessHandle qemu = msb.qemu();
    Process exec = msb.command("exec", "box", "--", "sh", "-c", "echo up; sleep 1000").start();
    assertThat(exec.inputReader().readLine()).isEqualTo("up");
    msb.supervisor().destroyForcibly();
    Result lost = Msb.finish(exec);
    assertThat(lost.status()).isEqualTo(125);
    assertThat(lost.stderr()).startsWith("msb: ").hasLineCount(1);
    qemu.onExit().get();
    assertThat(msb.run("ls").ok().stdout()).contains("crashed");
    Result next = msb.sh("box", "echo again");
    assertThat(next.ok().stdout()).isEqualTo("again\n");
    assertThat(next.stderr())
        .contains("the supervisor of sandbox \"box\" was killed; starting it again");
  }

  @Test
  @Tag("quick")
  void aKilledQemuEndsTheExecWith125AndAReason() throws Exception {
    msb.create("box").ok();
    Process exec = msb.command("exec", "box", "--", "sh", "-c", "echo up; sleep 1000").start();
    assertThat(exec.inputReader().readLine()).isEqualTo("up");
    ProcessHandle qemu = msb.qemu();
    assertThat(Files.readString(Path.of("/proc", Long.toString(qemu.pid()), "limits")))
        .containsPattern("Max core file size +0 +0 ");
    qemu.destroyForcibly();
    Result result = Msb.finish(exec);
    assertThat(result.status()).isEqualTo(125);
    assertThat(result.stderr()).isEqualTo("msb: the VM is gone: QEMU was killed by signal 9\n");
    msb.awaitNoProcess();
    assertThat(msb.sh("box", "echo again").ok().stdout()).isEqualTo("again\n");
  }

  @Test
  void aGuestThatPowersOffByItselfIsToldApartFromACrash() throws Exception {
    msb.create("box").ok();
    Result off = msb.run("exec", "box", "--", "poweroff", "-f");
    assertThat(off).isEqualTo(new Result(125, "", "msb: the VM is gone: the guest powered off\n"));
    Result crash = msb.run("exec", "-q", "box", "--", "sh", "-c", "echo c > /proc/sysrq-trigger");
    assertThat(crash)
        .isEqualTo(
            new Result(
                125,
                "",
                "msb: the VM is gone: the guest's kernel crashed or rebooted; its console ends with"
                    + " \"sysrq: Trigger a crash\","
                    + " \"Kernel panic - not syncing: sysrq triggered crash\"\n"));
    String panic = "Kernel panic - not syncing: sysrq triggered crash";
    assertThat(msb.run("logs", "--console", "box").ok().stdout()).contains(panic);
    assertThat(msb.sh("box", "echo again").ok().stdout()).isEqualTo("again\n");
    assertThat(Files.readString(msb.sandbox("box").resolve("crash.log"))).contains(panic);
    assertThat(msb.run("rm", "-f", "box").status()).isZero();
    assertThat(Files.readString(msb.home().resolve("last-failure/console.log"))).contains(panic);
  }

  @Test
  void ofTwoThatCreateOneNameOneWins() throws Exception {
    Callable<Result> create = () -> msb.create("box");
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Result>> both = threads.invokeAll(List.of(create, create));
      List<Result> results = List.of(both.get(0).get(), both.get(1).get());
      assertThat(results.stream().map(Result::status)).containsExactlyInAnyOrder(0, 125);
      assertThat(results.stream().map(Result::stderr).filter(e -> e.contains("exists")))
          .containsExactly("msb: sandbox \"box\" exists: choose another name or use --replace\n");
    }
    assertThat(msb.sh("box", "echo up").ok().stdout()).isEqualTo("up\n");
  }

  /// As much as a hostile guest can have a real QEMU say.
  @Test
  void aQemuThatSaysTooMuchFillsNoDiskAndItsLastWordsAreTold() throws Exception {
    Path qemu = msb.home().resolve("qemu");
    Files.writeString(
        qemu,
        "#!/bin/sh\nyes 'a device is broken' | head -n 1000000 >&2\necho 'and so I end' >&2\nexit 1\n");
    Files.setPosixFilePermissions(qemu, PosixFilePermissions.fromString("rwx------"));
    msb.with("MSB_QEMU", qemu.toString());
    Result result = msb.create("box", "--accel", "tcg");
    assertThat(result.status()).isEqualTo(125);
    assertThat(result.stderr())
        .contains("the VM is gone: QEMU ended with status 1: and so I end")
        .hasLineCount(1);
    Path log = msb.home().resolve("last-failure/supervisor.log");
    assertThat(Files.size(log)).isLessThan(200_000);
    assertThat(Files.readString(log))
        .contains("QEMU: a device is broken")
        .contains("lines are left out here")
        .contains("QEMU: and so I end\n");
  }
}
