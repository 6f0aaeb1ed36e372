package dev.msb.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msb.it.Msb.Result;
import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Sandboxes that are started from a template.
@Timeout(300)
class TemplateVmTest {
  private static final String STARTED = "started from template ";
  private static final String MADE = "made template ";

  private final Msb msb;

  TemplateVmTest() throws IOException {
    msb = new Msb(UsedHome.makeWithoutTemplates()).with("MSB_TEMPLATES", "now");
  }

  @AfterEach
  void removeAll() throws Exception {
    msb.removeAll();
  }

  @Test
  @Tag("quick")
  void theSecondStartMakesTheTemplateAndTheThirdFindsIt() throws Exception {
    msb.with("MSB_TEMPLATES", "");
    create("one");
    assertThat(log("one")).doesNotContain(MADE, STARTED);
    assertThat(templates()).isEmpty();
    create("two");
    assertThat(log("two")).contains(MADE, STARTED);
    assertThat(templates()).hasSize(1);
    create("three");
    assertThat(log("three")).contains(STARTED + templates().getFirst()).doesNotContain(MADE);
    assertWorks("one");
    assertWorks("two");
    assertWorks("three");
  }

  @Test
  void whoWaitsForATemplateIsToldSo() throws Exception {
    String making = "msb: making a template";
    assertThat(msb.run("create", "--name", "one", "--accel", "tcg").ok().stderr()).contains(making);
    assertThat(msb.run("create", "--name", "two", "--accel", "tcg").ok().stderr())
        .doesNotContain(making);
    assertThat(msb.run("create", "--name", "big", "--accel", "tcg", "-m", "513M", "-q").ok())
        .isEqualTo(new Result(0, "", ""));
    String shown = onTerminal("create --name three --accel tcg --memory 514M");
    assertThat(shown).contains("\r\033[K" + making);
    assertThat(shown.substring(shown.indexOf(making))).doesNotContain("\n").endsWith("\r\033[K");
    String cold = onTerminal("create --name four --accel tcg --cold");
    assertThat(cold).contains("\r\033[Kmsb: booting ...\r\033[K");
  }

  /// All that a command writes to a terminal.
  private String onTerminal(String words) throws Exception {
    List<String> command = msb.command().command();
    ProcessBuilder script =
        msb.command().command("script", "-qefc", command.getFirst() + " " + words, "/dev/null");
    script.environment().put("TERM", "xterm");
    return Msb.finish(script.redirectInput(new File("/dev/null")).start()).ok().stdout();
  }

  @Test
  void clonesShareNothingThatTheyMustNot() throws Exception {
    create("maker");
    create("one", "--env", "WHO=first");
    create("two", "--env", "WHO=second");
    for (String script :
        List.of(
            "head -c 32 /dev/urandom | xxd -p",
            "cat /proc/sys/kernel/random/boot_id",
            "cat /proc/sys/kernel/random/uuid",
            "hostname",
            "echo $WHO")) {
      String one = msb.sh("one", script).ok().stdout();
      assertThat(one).as(script).isNotBlank();
      assertThat(one).as(script).isNotEqualTo(msb.sh("two", script).ok().stdout());
      assertThat(one).as(script).isNotEqualTo(msb.sh("maker", script).ok().stdout());
    }
    assertThat(msb.sh("one", "echo $WHO; hostname").ok().stdout()).isEqualTo("first\none\n");
    for (String name : List.of("one", "two")) {
      msb.sh(name, "touch /etc/machine-id; : >/etc/hosts").ok();
      msb.run("stop", name).ok();
      msb.run("start", name).ok();
      assertThat(log(name)).contains(STARTED);
    }
    assertThat(msb.sh("one", "cat /etc/machine-id").ok().stdout())
        .matches("[0-9a-f]{32}\n")
        .isNotEqualTo(msb.sh("two", "cat /etc/machine-id").ok().stdout());
    assertThat(msb.sh("one", "cat /etc/hosts").ok().stdout())
        .isEqualTo("127.0.0.1\tlocalhost one\n::1\tlocalhost\n");
  }

  @Test
  void theTimeIsRight() throws Exception {
    create("maker");
    create("box");
    long before = Instant.now().getEpochSecond();
    long guest = Long.parseLong(msb.sh("box", "date +%s").ok().stdout().strip());
    assertThat(guest).isBetween(before - 1, Instant.now().getEpochSecond() + 1);
  }

  @ParameterizedTest(name = "{0} cpus, {1}")
  @CsvSource({"1, 256M", "2, 512M", "2, 2G"})
  void everyShapeHasItsOwn(String cpus, String memory) throws Exception {
    create("maker", "--cpus", cpus, "--memory", memory);
    create("box", "--cpus", cpus, "--memory", memory);
    assertThat(log("box")).contains(STARTED).doesNotContain(MADE);
    assertThat(msb.sh("box", "nproc").ok().stdout()).isEqualTo(cpus + "\n");
    msb.sh("box", "echo kept > /root/file; dd if=/dev/zero of=/dev/shm/f bs=1M count=64").ok();
    msb.run("stop", "box").ok();
    assertThat(Files.readString(msb.sandbox("box").resolve("state")))
        .isEqualTo("stopped requested\n");
    msb.run("start", "box").ok();
    assertThat(log("box")).contains(STARTED);
    assertThat(msb.sh("box", "cat /root/file").ok().stdout()).isEqualTo("kept\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"memory", "state", "upper", "manifest"})
  void aDamagedTemplateIsMadeAnew(String file) throws Exception {
    create("maker");
    Path damaged = template().resolve(file);
    try (FileChannel channel = FileChannel.open(damaged, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(new byte[] {1, 2, 3, 4}), Files.size(damaged) / 3);
    }
    create("box");
    assertThat(log("box")).contains(" is not used: its ", MADE, STARTED);
    assertWorks("box");
    create("next");
    assertThat(log("next")).contains(STARTED).doesNotContain(MADE);
    assertWorks("maker"); // goes on with what was removed
  }

  @ParameterizedTest
  @ValueSource(strings = {"memory", "state", "upper", "manifest"})
  void aTemplateOfWhichAFileIsMissingIsMadeAnew(String file) throws Exception {
    create("maker");
    Files.delete(template().resolve(file));
    create("box");
    assertThat(log("box")).contains(" is not used: ", MADE, STARTED);
    assertWorks("box");
  }

  @Test
  void whatAKilledMakerLeavesIsRemovedByTheNext() throws Exception {
    Process create = msb.command("create", "-q", "--name", "box", "--accel", "tcg").start();
    awaitMaking(create);
    Path beingMade = msb.home().resolve("templates/.new");
    msb.supervisor().destroyForcibly();
    assertThat(Msb.finish(create).status()).isEqualTo(125);
    msb.awaitNoProcess();
    assertThat(beingMade).exists();
    create("two");
    assertThat(log("two")).contains(MADE, STARTED);
    assertThat(beingMade).doesNotExist();
    assertWorks("two");
  }

  @Test
  void ofSeveralMakersAtOnceOneMakes() throws Exception {
    List<Callable<Result>> all = new ArrayList<>();
    for (String name : List.of("one", "two", "three")) {
      all.add(() -> msb.create(name, "--accel", "tcg"));
    }
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<Result> result : threads.invokeAll(all)) {
        result.get().ok();
      }
    }
    String logs = log("one") + log("two") + log("three");
    assertThat(logs.split(MADE, -1)).hasSize(2);
    assertThat(templates()).hasSize(1);
    assertWorks("one");
    assertWorks("two");
    assertWorks("three");
  }

  @Test
  void aColdSandboxAlwaysBootsAfresh() throws Exception {
    create("maker");
    create("box", "--cold");
    assertThat(log("box")).doesNotContain(STARTED, "memory-backend");
    msb.run("stop", "box").ok();
    msb.run("start", "box").ok();
    assertThat(log("box")).doesNotContain(STARTED, "memory-backend");
    assertWorks("box");
  }

  @Test
  void theMostRecentlyUsedAreKept() throws Exception {
    for (int memory = 128; memory < 136; memory++) {
      create("m" + memory, "--memory", memory + "M");
    }
    assertThat(templates()).hasSize(8);
    create("again", "--memory", "128M"); // so 129 is the one used longest ago
    create("m136", "--memory", "136M");
    assertThat(templates()).hasSize(8);
    create("kept", "--memory", "128M");
    assertThat(log("kept")).doesNotContain(MADE);
    assertWorks("m129");
    create("gone", "--memory", "129M");
    assertThat(log("gone")).contains(MADE, STARTED);
  }

  @Test
  void whoHasWrittenToItsDiskGoesOnFromATemplateWithoutDisks() throws Exception {
    create("maker");
    create("box");
    assertThat(templates()).hasSize(1);
    msb.sh("box", "echo kept > /root/file; sync").ok();
    msb.run("stop", "box").ok();
    msb.run("start", "box").ok();
    assertThat(log("box")).contains(MADE, STARTED);
    assertThat(templates()).hasSize(2);
    assertThat(msb.sh("box", "cat /root/file").ok().stdout()).isEqualTo("kept\n");
    msb.run("stop", "maker").ok();
    msb.run("start", "maker").ok();
    assertThat(log("maker")).contains(STARTED).doesNotContain(MADE);
    create("next");
    assertThat(log("next")).contains(STARTED).doesNotContain(MADE);
    assertThat(msb.sh("next", "ls /root").ok().stdout()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"300M, 200, 2", "tmpfs:64M, 60, 1"})
  void theDiskIsAsWideAsItWasAsked(String size, int atLeast, int kinds) throws Exception {
    create("maker", "--disk", size);
    create("box", "--disk", size);
    assertThat(log("box")).contains(STARTED).doesNotContain(MADE);
    String free = msb.sh("box", "df -m / | tail -1 | awk '{print $2}'").ok().stdout().strip();
    assertThat(Integer.parseInt(free)).isBetween(atLeast, 300);
    msb.sh("box", "dd if=/dev/zero of=/root/f bs=1M count=20").ok();
    assertThat(msb.sh("maker", "ls /root").ok().stdout()).isEmpty();
    msb.run("stop", "box").ok();
    msb.run("start", "box").ok();
    assertThat(log("box")).contains(STARTED);
    assertThat(templates()).hasSize(kinds);
  }

  @Test
  void anImageThatCannotBeMountedFailsAsItDoesWithoutTemplates() throws Exception {
    msb.with("MSB_DIST", distributionWithBrokenImage().toString());
    Result result = msb.create("box", "--accel", "tcg");
    assertThat(result.status()).isEqualTo(125);
    assertThat(result.stderr()).contains("/dev/vda");
    assertThat(msb.home().resolve("last-failure/supervisor.log"))
        .content()
        .contains("booting afresh: the guest failed: mount /dev/vda");
    assertThat(templates()).isEmpty();
  }

  @Test
  void anotherQemuHasItsOwnTemplates() throws Exception {
    create("one");
    qemu("exec /usr/bin/qemu-system-x86_64 \"$@\"");
    create("two");
    assertThat(log("two")).contains(MADE, STARTED);
    assertThat(templates()).hasSize(2);
  }

  @Test
  void aQemuThatCannotStartFromATemplateBootsAfreshAndIsNotAskedAgainForAnHour() throws Exception {
    qemu(
        """
        case "$*" in *-incoming*) echo cannot >&2; exit 1 ;; esac
        exec /usr/bin/qemu-system-x86_64 "$@"
        """);
    msb.with("MSB_TEMPLATES", "");
    create("one");
    create("two");
    assertThat(log("two")).contains(MADE, "booting afresh: ").doesNotContain(STARTED);
    assertThat(templates()).isEmpty();
    create("three");
    assertThat(log("three")).doesNotContain(MADE, "booting afresh: ");
    assertWorks("two");
    assertWorks("three");
    FileTime anHourAgo = FileTime.from(Instant.now().minus(Duration.ofHours(1)));
    try (Stream<Path> marks = Files.list(msb.home().resolve("templates"))) {
      for (Path mark : marks.filter(file -> file.toString().endsWith(".started")).toList()) {
        Files.setLastModifiedTime(mark, anHourAgo);
      }
    }
    create("four");
    assertThat(log("four")).contains(MADE, "booting afresh: ").doesNotContain(STARTED);
  }

  @Test
  void aStopWhileATemplateIsMadeLeavesNothing() throws Exception {
    Process create = msb.command("create", "-q", "--name", "box", "--accel", "tcg").start();
    awaitMaking(create);
    msb.supervisor().destroy();
    assertThat(Msb.finish(create).status()).isEqualTo(125);
    msb.awaitNoProcess();
    assertThat(msb.home().resolve("templates/.new")).doesNotExist();
    create("box");
    assertThat(log("box")).contains(MADE, STARTED);
  }

  private Path distributionWithBrokenImage() throws IOException {
    Path broken = Files.createDirectory(msb.home().resolve("dist"));
    link(Msb.dist(), broken);
    Files.delete(broken.resolve("guest"));
    link(Msb.dist().resolve("guest"), Files.createDirectory(broken.resolve("guest")));
    Path image = broken.resolve("guest/busybox.squashfs");
    Files.delete(image);
    Files.write(image, new byte[1 << 20]);
    return broken;
  }

  private static void link(Path from, Path to) throws IOException {
    try (Stream<Path> entries = Files.list(from)) {
      for (Path entry : entries.toList()) {
        Files.createSymbolicLink(to.resolve(entry.getFileName()), entry.toRealPath());
      }
    }
  }

  /// Waits until a QEMU runs whose guest is to become a template: it gives the memory its size.
  private void awaitMaking(Process create) throws IOException {
    Path memory = msb.home().resolve("templates/.new/memory");
    while (!Files.exists(memory) || Files.size(memory) == 0) {
      assertThat(create.isAlive()).isTrue();
    }
  }

  private void create(String name, String... more) throws Exception {
    Stream<String> all = Stream.concat(Stream.of("--accel", "tcg"), Stream.of(more));
    msb.create(name, all.toArray(String[]::new)).ok();
  }

  private void assertWorks(String name) throws Exception {
    assertThat(msb.sh(name, "echo up; ls / > /root/list; hostname").ok().stdout())
        .isEqualTo("up\n" + name + "\n");
  }

  private String log(String name) throws IOException {
    return Files.readString(msb.sandbox(name).resolve("supervisor.log"));
  }

  private Path template() throws IOException {
    assertThat(templates()).hasSize(1);
    return msb.home().resolve("templates").resolve(templates().getFirst());
  }

  private List<String> templates() throws IOException {
    try (Stream<Path> entries = Files.list(msb.home().resolve("templates"))) {
      return entries
          .filter(Files::isDirectory)
          .map(entry -> entry.getFileName().toString())
          .toList();
    }
  }

  private void qemu(String script) throws IOException {
    Path qemu = msb.home().resolve("qemu");
    Files.writeString(qemu, "#!/bin/sh\n" + script);
    Files.setPosixFilePermissions(qemu, PosixFilePermissions.fromString("rwx------"));
    msb.with("MSB_QEMU", qemu.toString());
  }
}
