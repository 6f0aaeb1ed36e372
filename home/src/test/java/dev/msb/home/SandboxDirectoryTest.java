package dev.msb.home;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msb.home.SandboxConfig.Lifetime;
import dev.msb.protocol.Mount;
import java.io.IOException;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The files of a sandbox and their locks, without a VM.
@Timeout(60)
class SandboxDirectoryTest {
  @TempDir Path temporary;
  private MsbHome home;
  private SandboxDirectory box;

  @BeforeEach
  void makeHome() throws IOException, InterruptedException {
    home = new MsbHome(temporary.resolve("home"));
    home.make();
    box = home.sandbox("box");
  }

  private static SandboxConfig config(boolean ephemeral) {
    return SandboxConfig.builder(
            new SandboxImage("busybox", "", List.of(), List.of("sh"), "", List.of("/v")))
        .env(List.of("A=b c", "D=\n"))
        .workingDirectory("/tmp")
        .machineId("0".repeat(32))
        .createdMillis(1)
        .flag(SandboxConfig.Flag.LOG_OUTPUT, true)
        .flag(SandboxConfig.Flag.EPHEMERAL, ephemeral)
        .tmpfs(List.of(Mount.tmpfs("/a b", 5), Mount.tmpfs("/c", 0)))
        .lifetime(new Lifetime(1500, 2))
        .labels(new TreeMap<>(java.util.Map.of("team", "red = blue", "ci", "")))
        .build();
  }

  private static SandboxConfig with(List<String> env, String workingDirectory, String user) {
    return config(false).toBuilder().env(env).workingDirectory(workingDirectory).user(user).build();
  }

  @Test
  void whatTheGuestCouldNotTakeIsRefusedByName() throws IOException {
    String word = "x".repeat(131_067);
    config(false).check();
    with(List.of("BIG=" + word), "/" + "d".repeat(4094), "u".repeat(255)).check();
    assertThatThrownBy(() -> with(List.of("A=b", "BIG=x" + word), "", "").check())
        .hasMessage("the variable BIG takes 131072 bytes, more than the 131071 possible");
    // In bytes, not in characters; and the last of two with one name counts.
    with(List.of("BIG=" + "\u20ac".repeat(40_000)), "", "").check();
    with(List.of("BIG=x" + word, "BIG=1"), "", "").check();
    assertThatThrownBy(() -> with(List.of("BIG=" + "\u20ac".repeat(50_000)), "", "").check())
        .hasMessage("the variable BIG takes 150004 bytes, more than the 131071 possible");
    List<String> many = new ArrayList<>();
    for (int i = 10; i < 25; i++) {
      many.add("B" + i + "=" + word.substring(10));
    }
    assertThatThrownBy(() -> with(many, "", "").check())
        .hasMessage("the environment takes 1966124 bytes, more than the 1966080 possible");
    assertThatThrownBy(() -> with(List.of(), "/" + "d".repeat(4095), "").check())
        .hasMessage("the working directory takes 4096 bytes, more than the 4095 possible");
    assertThatThrownBy(() -> with(List.of(), "", "u".repeat(256)).check())
        .hasMessage("the user takes 256 bytes, more than the 255 possible");
  }

  private StartLock create(boolean ephemeral) throws IOException, InterruptedException {
    return Objects.requireNonNull(box.create(config(ephemeral), null));
  }

  @Test
  void whatWasCreatedIsRead() throws IOException, InterruptedException {
    create(true).close();
    assertThat(box.config()).isEqualTo(config(true));
  }

  @Test
  void ofTwoWithOneNameOneIsMade() throws IOException, InterruptedException {
    create(false).close();
    assertThat(box.create(config(false), null)).isNull();
    try (var entries = Files.list(home.sandboxes())) {
      assertThat(entries).containsExactly(box.path());
    }
  }

  @Test
  void aSandboxThatIsBeingMadeIsNobodyElses() throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<StartLock> other;
      try (StartLock lock = create(true)) {
        lock.hold();
        assertThat(box.removeIfLeft()).isFalse();
        other = threads.submit(box::lockForStart);
        assertThat(other.isDone()).isFalse();
      }
      other.get().close();
    }
    assertThat(box.removeIfLeft()).isTrue();
    assertThat(box.exists()).isFalse();
  }

  @Test
  void anEphemeralSandboxIsLeftOnlyIfItIsEphemeral() throws IOException, InterruptedException {
    create(false).close();
    assertThat(box.removeIfLeft()).isFalse();
    assertThat(box.exists()).isTrue();
  }

  @Test
  void aLockThatWasWaitedForIsThatOfTheSandboxOfThatName() throws Exception {
    StartLock old = create(false);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<StartLock> waiting = threads.submit(box::lockForStart);
      box.remove();
      old.close();
      assertThatThrownBy(waiting::get).hasCauseInstanceOf(NoSuchFileException.class);
    }
  }

  @Test
  void aRenamedSandboxTakesItsLockAlong() throws Exception {
    create(false).close();
    SandboxDirectory renamed = home.sandbox("other");
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<StartLock> waiting;
      try (StartLock lock = box.lockForStart()) {
        assertThat(box.rename(renamed, lock)).isTrue();
        waiting = threads.submit(renamed::lockForStart);
        assertThat(box.exists()).isFalse();
      }
      waiting.get().close();
    }
    assertThat(renamed.config()).isEqualTo(config(false));
  }

  @Test
  void aRenameDoesNotReplaceASandbox() throws IOException, InterruptedException {
    create(false).close();
    SandboxDirectory other = home.sandbox("other");
    Objects.requireNonNull(other.create(config(true), null)).close();
    try (StartLock lock = box.lockForStart()) {
      assertThat(box.rename(other, lock)).isFalse();
    }
    assertThat(other.config()).isEqualTo(config(true));
  }

  @Test
  void manyThreadsLookAndWaitAtOnce() throws Exception {
    create(false).close();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        all.add(threads.submit(box::isSupervised));
        all.add(threads.submit(box::awaitUnsupervised));
      }
      for (Future<?> one : all) {
        one.get();
      }
    }
    assertThat(box.isSupervised()).isFalse();
  }

  @Test
  void whoWaitsReadsTheEndOfASandboxThatIsRemoved() throws Exception {
    create(true).close();
    FileLock lock = box.lockForSupervisor();
    box.ended(Ending.of(Ending.Cause.IDLE), lock);
    assertThat(box.state()).isEqualTo("stopped idle");
    lock.acquiredBy().close();
    assertThat(box.awaitUnsupervised()).isEqualTo("stopped idle");
    box.lockForSupervisor().acquiredBy().close(); // the next run, which is killed
    assertThat(box.awaitUnsupervised()).isEmpty();
  }

  @Test
  void whatKilledProgramsLeftIsRemovedOnceItIsOld() throws IOException, InterruptedException {
    FileTime old = FileTime.from(Instant.now().minusSeconds(3600));
    Path left = Files.createDirectories(home.sandboxes().resolve(".new-1"));
    Files.createFile(left.resolve("start.lock"));
    Path half = Files.createDirectories(home.sandboxes().resolve(".old-2/sandbox"));
    Path young = Files.createDirectory(home.sandboxes().resolve(".new-3"));
    Files.setLastModifiedTime(left, old);
    Files.setLastModifiedTime(Objects.requireNonNull(half.getParent()), old);
    home.make();
    try (var entries = Files.list(home.sandboxes())) {
      assertThat(entries).containsExactly(young);
    }
  }

  @Test
  void eventsAreToldInABoundedFile() throws IOException, InterruptedException {
    create(false).close();
    String long1000 = "x".repeat(1000);
    for (int i = 0; i < 2500; i++) {
      home.events().add("box", "filled", "detail=" + long1000);
    }
    assertThat(Files.size(home.events().file())).isLessThan(1_100_000);
    assertThat(Files.size(home.path().resolve("events.old"))).isLessThan(1_100_000);
    box.tell("told");
    assertThat(Files.readAllLines(home.events().file()).getLast()).endsWith(" box told");
  }
}
