package dev.msb.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msb.it.Msb.Result;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Commands that look at a sandbox or change it, each on a sandbox of its own.
@Timeout(180)
class SandboxCommandsVmTest {
  private static final String TIME = "\"[0-9T:.-]+Z\"";

  private final Msb msb;

  SandboxCommandsVmTest() throws IOException {
    msb = new Msb();
  }

  @BeforeEach
  void create() throws Exception {
    msb.create("box", "-l", "team=red", "-e", "A=b", "-w", "/tmp").ok();
  }

  @AfterEach
  void removeAll() throws Exception {
    msb.removeAll();
  }

  /// Its environment is in there.
  @Test
  void nothingOfASandboxIsReadByOthers() throws Exception {
    Process find =
        new ProcessBuilder(
                "find",
                msb.home().toString(),
                "(",
                "-type",
                "f",
                "-o",
                "-type",
                "s",
                "-o",
                "-type",
                "d",
                ")",
                "-perm",
                "/077",
                "-path",
                "*sandboxes*")
            .start();
    assertThat(Msb.finish(find)).isEqualTo(new Result(0, "", ""));
    Files.setPosixFilePermissions(msb.home(), PosixFilePermissions.fromString("rwxrwxrwx"));
    Result refused = msb.run("create", "--name", "other");
    assertThat(refused.status()).isEqualTo(125);
    assertThat(refused.stderr())
        .isEqualTo(
            "msb: cannot create sandbox \"other\": others may write to the home %1$s: take that away (chmod go-w %1$s)\n"
                .formatted(msb.home()));
    Files.setPosixFilePermissions(msb.home(), PosixFilePermissions.fromString("rwx------"));
  }

  @Test
  void aRunningSandboxIsInspectedMeasuredAndPinged() throws Exception {
    final String id = msb.run("exec", "-d", "box", "--", "sleep", "1000").ok().stdout().strip();
    String sandbox =
        "\"name\":\"box\",\"state\":\"running\",\"since\":"
            + TIME
            + ",\"reason\":null,\"detail\":null,\"image\":\"busybox\",\"cpus\":1,"
            + "\"memory_mib\":512,\"labels\":\\{\"team\":\"red\"\\},\"ephemeral\":false,"
            + "\"idle_timeout_ms\":null,\"max_duration_ms\":null,\"created\":"
            + TIME;
    String metrics =
        "\\{\"name\":\"box\",\"uptime_ms\":[1-9]\\d*,\"idle_ms\":0,\"cpu_ms\":[1-9]\\d*,"
            + "\"memory_bytes\":[1-9]\\d{6,},\"execs_live\":1,\"execs_total\":1,"
            + "\"stdin_bytes\":0,\"output_bytes\":0,\"supervisor_pid\":\\d+,\"vm_pid\":\\d+\\}";
    String exec =
        "\\{\"id\":\""
            + id
            + "\",\"sandbox\":\"box\",\"pid\":\\d+,\"state\":\"detached\",\"age_ms\":\\d+,"
            + "\"argv\":\\[\"sleep\",\"1000\"\\]\\}";
    assertThat(msb.run("ls", "--format", "json").ok().stdout())
        .matches("\\[\\{" + sandbox + "\\}\\]\n");
    assertThat(msb.run("metrics", "--format", "json").ok().stdout())
        .matches("\\[" + metrics + "\\]\n");
    assertThat(msb.run("ps", "--format", "json").ok().stdout()).matches("\\[" + exec + "\\]\n");
    assertThat(msb.run("ps", "-q", "box").ok().stdout()).isEqualTo(id + "\n");
    assertThat(msb.run("ps").ok().stdout()).contains(id, "sleep 1000");
    assertThat(msb.run("inspect", "box").ok().stdout())
        .matches(
            "\\[\\{"
                + sandbox
                + ",\"env\":\\[\"A=b\"\\],\"workdir\":\"/tmp\",\"user\":\"\",\"tmpfs\":\\[\\],"
                + "\"log\":\"none\",\"directory\":\"[^\"]+\","
                + "\"kernel\":\"linux-image-[^ \"]+ [^ \"]+\","
                + "\"metrics\":"
                + metrics
                + ",\"execs\":\\["
                + exec
                + "\\]\\}\\]\n");
    assertThat(msb.run("metrics", "box").ok().stdout()).contains("UPTIME", "box ");
    assertThat(msb.run("ping", "box").ok().stdout()).matches("box \\d+\\.\\d ms\n");
    assertThat(msb.run("ping", "--format", "json", "box").ok().stdout())
        .matches("\\[\\{\"name\":\"box\",\"micros\":\\d+\\}\\]\n");
  }

  @Test
  void whatNeedsARunningSandboxSaysSo() throws Exception {
    msb.run("stop", "box").ok();
    Result refused = new Result(125, "", "msb: sandbox \"box\" is not running\n");
    assertThat(msb.run("ping", "box")).isEqualTo(refused);
    assertThat(msb.run("touch", "box")).isEqualTo(refused);
    assertThat(msb.run("metrics", "-l", "team").ok().stdout()).hasLineCount(1);
    assertThat(msb.run("inspect", "box").ok().stdout())
        .contains("\"reason\":\"requested\"", "\"metrics\":null,\"execs\":[]");
  }

  @Test
  void waitTellsHowItEnded() throws Exception {
    Process wait = msb.command("wait", "box").start();
    Process json = msb.command("wait", "--format", "json", "box").start();
    msb.sh("box", "true").ok();
    assertThat(wait.isAlive()).isTrue();
    msb.run("kill", "box").ok();
    assertThat(Msb.finish(wait)).isEqualTo(new Result(0, "box killed\n", ""));
    assertThat(Msb.finish(json).ok().stdout())
        .isEqualTo("{\"name\":\"box\",\"reason\":\"killed\",\"detail\":null}\n");
    msb.run("start", "-q", "box").ok();
    wait = msb.command("wait", "box").start();
    msb.supervisor().destroyForcibly();
    assertThat(Msb.finish(wait)).isEqualTo(new Result(0, "box crashed\n", ""));
    assertThat(msb.run("wait", "box")).isEqualTo(new Result(0, "box crashed\n", ""));
  }

  @Test
  void waitTellsHowARemovedSandboxEnded() throws Exception {
    msb.create("brief", "--ephemeral", "--max-duration", "10s").ok();
    assertThat(msb.run("wait", "brief")).isEqualTo(new Result(0, "brief max-duration\n", ""));
    assertThat(msb.sandbox("brief")).doesNotExist();
  }

  @Test
  void aTouchIsAUseAndAPingIsNot() throws Exception {
    long created = lastUse();
    msb.run("ping", "box").ok();
    msb.run("inspect", "box").ok();
    assertThat(lastUse()).isBetween(created - 1, created + 1); // both times are rounded
    msb.run("touch", "box").ok();
    long touched = lastUse();
    assertThat(touched).isGreaterThan(created + 1);
    msb.run("ping", "--touch", "box").ok();
    assertThat(lastUse()).isGreaterThan(touched + 1);
  }

  /// When the sandbox was last used, in milliseconds since its VM's start.
  private long lastUse() throws Exception {
    String metrics = msb.run("metrics", "--format", "json", "box").ok().stdout();
    return number(metrics, "uptime_ms") - number(metrics, "idle_ms");
  }

  private static long number(String json, String name) {
    return Long.parseLong(json.replaceAll("(?s).*\"" + name + "\":(\\d+).*", "$1"));
  }

  @Test
  void labelsChangeAtOnceAndVariablesWithTheNextStart() throws Exception {
    Result change =
        msb.run(
            "modify", "box", "-l", "team=blue", "-l", "new", "-e", "A=c", "-e", "X=y z", "-w", "/");
    assertThat(change.ok().stderr())
        .isEqualTo("msb: sandbox \"box\" runs: all but labels changes with its next start\n");
    assertThat(msb.run("ls", "-q", "-l", "team=blue", "-l", "new").ok().stdout())
        .isEqualTo("box\n");
    assertThat(msb.sh("box", "echo $A $X; pwd").ok().stdout()).isEqualTo("b\n/tmp\n");
    msb.run("restart", "-q", "box").ok();
    assertThat(msb.sh("box", "echo $A $X; pwd").ok().stdout()).isEqualTo("c y z\n/\n");
    msb.run("stop", "box").ok();
    assertThat(msb.run("modify", "box", "--label-rm", "team", "--env-rm", "X").ok().stderr())
        .isEmpty();
    assertThat(msb.run("inspect", "box").ok().stdout())
        .contains("\"labels\":{\"new\":\"\"}", "\"env\":[\"A=c\"]");
    assertThat(msb.run("modify", "box").stderr())
        .isEqualTo("msb: modify changes nothing: see msb modify --help\n");
  }

  @Test
  void aStoppedSandboxIsRenamedWithItsDisk() throws Exception {
    msb.sh("box", "echo kept > /root/file").ok();
    assertThat(msb.run("rename", "box", "other").stderr())
        .isEqualTo("msb: sandbox \"box\" is running: stop it first\n");
    msb.run("stop", "box").ok();
    msb.run("rename", "box", "other").ok();
    assertThat(msb.run("ls", "-q").ok().stdout()).isEqualTo("other\n");
    assertThat(msb.sh("other", "cat /root/file; hostname").ok().stdout())
        .isEqualTo("kept\nother\n");
    msb.create("box").ok();
    msb.run("stop", "box").ok();
    assertThat(msb.run("rename", "box", "other").stderr())
        .isEqualTo("msb: sandbox \"other\" exists: choose another name or use --replace\n");
  }

  @Test
  void aFileShapesASandboxAndItsScriptsAreCommands() throws Exception {
    Path conf = msb.home().resolve("sandbox.yaml");
    Files.writeString(
        conf,
        """
        image: busybox
        name: shaped
        memory: 128M
        env: {MODE: test, PATH: /bin}
        labels: {team: blue}
        tmpfs: [/scratch:8M]
        scripts:
          start: echo "started with $MODE $1"
          other: |
            #!/bin/sh -e
            start again
        """);
    msb.run("create", "-q", "--conf", conf.toString(), "-e", "MODE=mine").ok();
    assertThat(msb.run("exec", "shaped", "--", "start", "x").ok().stdout())
        .isEqualTo("started with mine x\n");
    assertThat(msb.run("exec", "shaped", "--", "other").ok().stdout())
        .isEqualTo("started with mine again\n");
    assertThat(msb.run("inspect", "shaped").ok().stdout())
        .contains("\"memory_mib\":128", "\"team\":\"blue\"", "PATH=/.msb/scripts:/bin");
    Files.writeString(conf, "image: busybox\nmemroy: 1G\n");
    assertThat(msb.run("run", "--conf", conf.toString(), "--", "true"))
        .isEqualTo(
            new Result(
                2, "", "msb: " + conf + ":2: unknown key \"memroy\"; did you mean memory?\n"));
    msb.run("create", "--conf", "/none", "-n", "other");
    assertThat(msb.run("ls", "-q").ok().stdout()).isEqualTo("box\nshaped\n");
  }

  @Test
  void eventsAreToldAsTheyHappen() throws Exception {
    Process events = msb.command("events", "--format", "json", "box").start();
    BufferedReader out = events.inputReader();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<String> first = threads.submit(out::readLine);
      while (!first.isDone()) {
        msb.run("modify", "box", "-l", "followed").ok(); // until it follows
      }
      assertThat(first.get())
          .matches("\\{\"time\":" + TIME + ",\"sandbox\":\"box\",\"event\":\"modified\"\\}");
    }
    msb.run("exec", "box", "--", "sh", "-c", "exit 7");
    msb.run("stop", "box").ok();
    msb.run("rm", "box").ok();
    String event = out.readLine();
    while (event.contains("modified")) {
      event = out.readLine();
    }
    assertThat(event).contains("\"event\":\"exec-started\",\"exec\":\"box/1\",\"pid\":");
    assertThat(out.readLine()).contains("\"event\":\"exec-ended\",\"exec\":\"box/1\",\"code\":7}");
    assertThat(out.readLine()).contains("\"event\":\"stopped\",\"reason\":\"requested\"}");
    assertThat(out.readLine()).contains("\"event\":\"removed\"}");
    events.destroy();
    assertThat(events.waitFor()).isEqualTo(143);
  }
}
