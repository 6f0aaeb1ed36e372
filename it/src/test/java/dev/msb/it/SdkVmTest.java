package dev.msb.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msb.sdk.ExecEvent;
import dev.msb.sdk.ExecEvents;
import dev.msb.sdk.ExecResult;
import dev.msb.sdk.ExitStatus;
import dev.msb.sdk.NoSuchSandboxException;
import dev.msb.sdk.ProcessFailedException;
import dev.msb.sdk.ProcessInfo;
import dev.msb.sdk.Sandbox;
import dev.msb.sdk.SandboxBuilder;
import dev.msb.sdk.SandboxException;
import dev.msb.sdk.SandboxLostException;
import dev.msb.sdk.SandboxProcess;
import dev.msb.sdk.SandboxProcessBuilder;
import dev.msb.sdk.SandboxState;
import dev.msb.sdk.Signal;
import dev.msb.sdk.StartFailedException;
import dev.msb.sdk.StartFailure;
import dev.msb.sdk.TerminalSize;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The SDK on a real VM: commands collected and followed, processes kept and found again,
/// terminals, and what a caller does wrong.
@Timeout(120)
class SdkVmTest extends SdkTest {
  SdkVmTest() throws IOException {}

  @Test
  @Tag("quick")
  void aCommandIsRunAndCollected() throws Exception {
    ExecResult result = box().shell("echo out; echo err >&2; exit 7");
    assertThat(result.status()).isEqualTo(new ExitStatus.Exited(7));
    assertThat(result.stdout()).isEqualTo("out\n");
    assertThat(result.stderr()).isEqualTo("err\n");
    assertThatThrownBy(result::orThrow)
        .isInstanceOf(ProcessFailedException.class)
        .hasMessage("\"sh\" ended with code 7: err");
    assertThat(box().exec("cat").orThrow().stdout()).as("stdin is /dev/null").isEmpty();
    byte[] all = new byte[1 << 20];
    for (int i = 0; i < all.length; i++) {
      all[i] = (byte) i;
    }
    assertThat(box().process("cat").input(all).exec().orThrow().stdoutBytes()).isEqualTo(all);
    assertThat(box().process("true").input(all).exec().success()).as("it need not read").isTrue();
    assertThat(
            box()
                .process("sh", "-c", "pwd; echo $K; id -u")
                .env("K", "v")
                .workingDirectory("/tmp")
                .user("1")
                .exec()
                .stdout())
        .isEqualTo("/tmp\nv\n1\n");
  }

  @Test
  void whatIsTooMuchIsCutAndSaid() throws Exception {
    ExecResult result = box().exec("head", "-c", "20000000", "/dev/zero");
    assertThat(result.success()).isTrue();
    assertThat(result.stdoutBytes()).hasSize(SandboxProcessBuilder.DEFAULT_OUTPUT_LIMIT_BYTES);
    assertThat(result.stdoutTruncated()).isTrue();
    assertThat(result.stderrTruncated()).isFalse();
    assertThat(result.details().stdoutTotal()).isEqualTo(20_000_000);
  }

  @Test
  void endsAreToldApart() throws Exception {
    assertThat(box().shell("kill -USR1 $$").status())
        .isEqualTo(new ExitStatus.Signaled(Signal.USR1.number(), false));
    ExecResult late =
        box().process("sh", "-c", "echo up; sleep 1000").timeout(Duration.ofSeconds(3)).exec();
    assertThat(late.status()).isInstanceOf(ExitStatus.TimedOut.class);
    assertThat(late.stdout()).isEqualTo("up\n");
    assertThatThrownBy(late::orThrow).hasMessage("\"sh\" timed out");
    assertThatThrownBy(() -> box().exec("/none"))
        .isInstanceOfSatisfying(
            StartFailedException.class,
            e -> assertThat(e.failure()).isEqualTo(StartFailure.NOT_FOUND));
  }

  @Test
  @Tag("quick")
  void eventsComeInTheOrderInWhichTheyHappen() throws Exception {
    String script = "echo a; read x; echo b >&2; read x; echo c; read x; exit 5";
    List<String> told = new ArrayList<>();
    try (ExecEvents events = box().process("sh", "-c", script).events();
        OutputStream stdin = events.stdin()) {
      for (ExecEvent event : events) {
        switch (event) {
          case ExecEvent.Output output -> {
            told.add(output.getClass().getSimpleName() + " " + output.text().strip());
            stdin.write('\n');
          }
          case ExecEvent.Started started -> told.add("started");
          case ExecEvent.Exited exited -> told.add("" + exited.status());
          case ExecEvent.Lost lost -> told.add(lost.reason());
        }
      }
    }
    assertThat(told)
        .containsExactly("started", "Stdout a", "Stderr b", "Stdout c", "Exited[code=5]");
  }

  @Test
  void eventsThatNobodyTakesHoldTheProcessUpAndClosingThemEndsIt() throws Exception {
    try (ExecEvents events = box().process("sh", "-c", "yes; exit").events()) {
      ExecEvent.Started started = (ExecEvent.Started) events.next().orElseThrow();
      // Blocked in a write to its full pipe, and not before.
      assertThat(awaitInGuest(sleeping())).isZero();
      assertThat(ids()).contains(started.id());
    }
    assertThat(awaitInGuest("! pidof yes")).isZero();
  }

  /// Twice the same count of written bytes.
  private static String sleeping() {
    return "{ p=$(pidof yes); a=$(grep wchar /proc/$p/io); sleep 0.2;"
        + " [ \"$a\" = \"$(grep wchar /proc/$p/io)\" ]; }";
  }

  @Test
  @Tag("quick")
  void aKeptProcessIsFoundAgainAtAnExactOffset() throws Exception {
    SandboxProcess first = box().process("sh", "-c", "seq 1 5; read x; echo $x").keep().start();
    byte[] start = first.getInputStream().readNBytes(4);
    assertThat(new String(start, StandardCharsets.UTF_8)).isEqualTo("1\n2\n");
    assertThat(first.stdoutOffset()).isEqualTo(4);
    long id = first.id();
    first.detach();
    assertThat(first.waitFor()).as("lost to this object").isEqualTo(125);

    try (SandboxProcess second = box().attach(id, 4, 0)) {
      assertThat(second.pid()).isEqualTo(first.pid());
      BufferedReader in = second.inputReader();
      assertThat(List.of(in.readLine(), in.readLine(), in.readLine()))
          .containsExactly("3", "4", "5");
      try (BufferedWriter out = second.outputWriter()) {
        out.write("again\n");
      }
      assertThat(in.readLine()).isEqualTo("again");
      assertThat(second.waitFor()).isZero();
    }
    assertThatThrownBy(() -> box().attach(id + 1000)).isInstanceOf(SandboxException.class);
  }

  @Test
  void aTerminalHasASizeThatChanges() throws Exception {
    String script = "trap 'stty size' WINCH; stty size; while :; do sleep 0.05; done";
    SandboxProcess process =
        box().process("sh", "-c", script).terminal(new TerminalSize(24, 80)).start();
    BufferedReader in = process.inputReader();
    assertThat(in.readLine()).isEqualTo("24 80");
    process.resize(new TerminalSize(50, 132));
    assertThat(in.readLine()).isEqualTo("50 132");
    assertThat(process.getErrorStream().read()).isEqualTo(-1);
    process.getOutputStream().write(3); // what Ctrl-C types
    assertThat(process.waitFor()).isEqualTo(130);
    process.close();
  }

  @Test
  void anInterruptEndsWhatIsInTheMiddle() throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<ExecResult> running =
          threads.submit(() -> box().shell("trap '' TERM HUP; touch /tmp/in; sleep 4711"));
      assertThat(awaitInGuest("[ -e /tmp/in ]")).isZero();
      running.cancel(true);
      assertThat(awaitInGuest("! pidof sleep")).isZero();
      awaitNoExec();
    }
  }

  @Test
  void anInterruptedThreadStartsNothing() throws Exception {
    Sandbox box = box();
    awaitNoExec();
    for (ProcessScenario.Throwing call :
        List.<ProcessScenario.Throwing>of(
            () -> box.process("true").start(),
            () -> box.exec("true"),
            () -> box.process("true").events(),
            () -> box.attach(1),
            box::processes,
            () -> box.stop(Duration.ZERO))) {
      Thread.currentThread().interrupt();
      assertThatThrownBy(call::run).isInstanceOf(InterruptedException.class);
      assertThat(Thread.interrupted()).isFalse();
    }
    assertThat(box.info().state()).isEqualTo(SandboxState.RUNNING);
    assertThat(ids()).isEmpty();
  }

  @Test
  void anInterruptedCreateLeavesNothing() throws Exception {
    List<ProcessHandle> before = msb.processes();
    Thread creator = Thread.currentThread();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<?> interrupter =
          threads.submit(() -> {
            while (before.containsAll(msb.processes())) {
              Thread.onSpinWait();
            }
            creator.interrupt();
          });
      assertThatThrownBy(() -> Sandbox.builder("never").cold().create())
          .isInstanceOf(InterruptedException.class);
      interrupter.get();
    }
    // What an earlier test left may end only now.
    assertThat(before).containsAll(msb.processes());
    assertThat(Sandbox.list()).extracting(info -> info.name()).doesNotContain("never");
  }

  @Test
  void aListenerThatFailsLeavesNothing() throws Exception {
    List<ProcessHandle> before = msb.processes();
    // While it boots, and from a template, when it is up; then nobody but us would ever end it.
    for (SandboxBuilder builder :
        List.of(Sandbox.builder("never").cold(), Sandbox.builder("never").detached())) {
      assertThatThrownBy(() ->
              builder
                  .progress(text -> {
                    throw new IllegalStateException("a listener's");
                  })
                  .create())
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("a listener's");
    }
    // What an earlier test left may end only now.
    assertThat(before).containsAll(msb.processes());
    assertThat(Sandbox.list()).extracting(info -> info.name()).doesNotContain("never");
  }

  @Test
  void aSandboxThatIsOverLeavesNoZombie() throws Exception {
    box();
    List<ProcessHandle> before = ProcessHandle.current().children().toList();
    Sandbox.builder("gone").ephemeral().create().close();
    while (!before.containsAll(ProcessHandle.current().children().toList())) {
      Thread.sleep(10); // its supervisor has told its end, and ends now
    }
  }

  @Test
  void aSandboxLivesAsLongAsTheBlockThatMadeIt() throws Exception {
    try (Sandbox kept = Sandbox.builder("kept").create()) {
      kept.shell("echo here >/root/file").orThrow();
    }
    Sandbox kept = Sandbox.get("kept");
    assertThat(kept.info().state()).isEqualTo(SandboxState.STOPPED);
    try (kept) { // made by another object: nothing to do
      assertThat(kept.shell("cat /root/file").stdout()).as("started for it").isEqualTo("here\n");
    }
    kept.stop(Duration.ofSeconds(10));
    kept.remove();
    Sandbox gone = Sandbox.builder("gone").ephemeral().create();
    gone.close();
    gone.close(); // once more, which does nothing
    for (Sandbox removed : List.of(kept, gone)) {
      assertThatThrownBy(() -> removed.exec("true")).isInstanceOf(NoSuchSandboxException.class);
      assertThatThrownBy(removed::start).isInstanceOf(NoSuchSandboxException.class);
      assertThatThrownBy(removed::info).isInstanceOf(NoSuchSandboxException.class);
      assertThatThrownBy(removed::remove).isInstanceOf(NoSuchSandboxException.class);
      removed.stop(Duration.ZERO); // it does not run
    }
  }

  @Test
  void aSandboxThatGoesAwayIsAnErrorNotAnEnd() throws Exception {
    try (Sandbox lost = Sandbox.builder("lost").create();
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<ExecResult> running = threads.submit(() -> lost.shell("echo up; sleep 1000"));
      SandboxProcess process = lost.process("cat").start();
      while (lost.processes().size() < 2) {
        Thread.onSpinWait();
      }
      lost.stop(Duration.ZERO);
      assertThat(process.waitFor()).isIn(125, 137, 143);
      process.close();
      try {
        assertThat(running.get().success()).isFalse();
      } catch (java.util.concurrent.ExecutionException e) {
        assertThat(e).cause().isInstanceOf(SandboxLostException.class);
      }
    }
    Sandbox.get("lost").remove();
  }

  @Test
  @Tag("quick")
  void manyThreadsUseOneSandbox() throws Exception {
    Sandbox box = box();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<String>> replies = new ArrayList<>();
      List<Future<SandboxState>> states = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        String word = "word" + i;
        replies.add(threads.submit(() -> box.exec("echo", word).orThrow().stdout().strip()));
        states.add(threads.submit(() -> box.info().state()));
      }
      for (int i = 0; i < 40; i++) {
        assertThat(replies.get(i).get()).isEqualTo("word" + i);
        assertThat(states.get(i).get()).isEqualTo(SandboxState.RUNNING);
      }
    }
  }

  @Test
  @SuppressWarnings("NullAway")
  void mistakesOfTheCallerAreToldAtTheCall() throws Exception {
    Sandbox box = box();
    SandboxProcessBuilder process = box.process("true");
    for (ProcessScenario.Throwing call :
        List.<ProcessScenario.Throwing>of(
            () -> box.exec((String[]) null),
            () -> box.shell(null),
            () -> process.env(null, "v"),
            () -> process.env("K", null),
            () -> process.input((byte[]) null),
            () -> process.timeout(null),
            () -> process.user(null),
            () -> process.workingDirectory(null),
            () -> Sandbox.get(null),
            () -> Sandbox.builder(null))) {
      assertThatThrownBy(call::run).isInstanceOf(NullPointerException.class);
    }
    for (ProcessScenario.Throwing call :
        List.<ProcessScenario.Throwing>of(
            box::exec,
            () -> process.outputLimit(-1),
            () -> process.timeout(Duration.ZERO),
            () -> process.env("A=B", "v"),
            () -> process.rlimit("none", 1, 1),
            () -> Sandbox.get("no such name"),
            () -> Sandbox.get("../box"))) {
      assertThatThrownBy(call::run).isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(() -> box.process("cat").input("x").start())
        .isInstanceOf(IllegalStateException.class);
  }

  /// Waits for the ends of those of earlier tests, which may be on their way.
  private static void awaitNoExec() throws Exception {
    while (!ids().isEmpty()) {
      Thread.onSpinWait(); // the test's time limit ends this
    }
  }

  private static List<Long> ids() throws Exception {
    return box().processes().stream()
        .filter(info -> info.exitStatus().isEmpty())
        .map(ProcessInfo::id)
        .toList();
  }
}
