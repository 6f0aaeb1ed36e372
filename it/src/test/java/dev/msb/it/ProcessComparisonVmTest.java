package dev.msb.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.msb.sdk.Sandbox;
import dev.msb.sdk.SandboxProcessBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The same is done to a process of `ProcessBuilder` and to one in a sandbox, which run the same
/// program, and whatever can be seen of them must be the same. What cannot is in [#differences],
/// and in the documentation of `SandboxProcess`.
@Timeout(300)
class ProcessComparisonVmTest extends SdkTest {
  @TempDir private static Path temporary = Path.of("/");

  private Path busybox = Path.of("/");

  ProcessComparisonVmTest() throws IOException {}

  @BeforeAll
  void fetchBusybox() throws Exception {
    busybox = temporary.resolve("busybox");
    Files.write(busybox, box().exec("cat", "/bin/busybox").orThrow().stdoutBytes());
    assertThat(busybox.toFile().setExecutable(true)).isTrue();
  }

  @TestFactory
  @Timeout(30)
  Stream<DynamicTest> scenarios() {
    return ProcessScenario.ALL.stream()
        .map(scenario -> dynamicTest(scenario.name(), () -> compare(scenario)));
  }

  private void compare(ProcessScenario scenario) throws Exception {
    List<String> here = observe(scenario, local(scenario));
    List<String> there = observe(scenario, sandboxed(scenario).start());
    assertThat(here).as("the scenario observes something").isNotEmpty();
    assertThat(there).isEqualTo(here);
  }

  private Process local(ProcessScenario scenario) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(busybox.toString(), "sh", "-c", scenario.script())
            .redirectErrorStream(scenario.mergeStderr());
    if (scenario.noStdin()) {
      builder.redirectInput(Path.of("/dev/null").toFile());
    }
    builder.environment().put("WORD", "from outside");
    return builder.start();
  }

  private static SandboxProcessBuilder sandboxed(ProcessScenario scenario) throws IOException {
    SandboxProcessBuilder builder =
        box().process("/bin/busybox", "sh", "-c", scenario.script()).env("WORD", "from outside");
    if (scenario.mergeStderr()) {
      builder.mergeStderr();
    }
    if (scenario.noStdin()) {
      builder.noStdin();
    }
    return builder;
  }

  private static List<String> observe(ProcessScenario scenario, Process process) throws Exception {
    List<String> seen = new ArrayList<>();
    try {
      scenario.steps().run(process, seen);
    } finally {
      process.destroyForcibly().waitFor();
    }
    return seen;
  }

  @Test
  @SuppressWarnings("NullAway")
  void whatCannotBeStartedIsAnIoException() throws Exception {
    Sandbox box = box();
    assertThat(ProcessScenario.thrown(() -> new ProcessBuilder("/none").start()))
        .isEqualTo("java.io.IOException")
        .isEqualTo(ProcessScenario.thrown(() -> box.process("/none").start()));
    assertThat(
            ProcessScenario.thrown(
                () -> new ProcessBuilder("ls").directory(Path.of("/none").toFile()).start()))
        .isEqualTo(
            ProcessScenario.thrown(() -> box.process("ls").workingDirectory("/none").start()))
        .isEqualTo("java.io.IOException");
    assertThat(ProcessScenario.thrown(() -> new ProcessBuilder("ls", null).start()))
        .isEqualTo(ProcessScenario.thrown(() -> box.process("ls", null)))
        .isEqualTo("java.lang.NullPointerException");
  }

  /// What must differ, or is better so.
  @Test
  void differences() throws Exception {
    Process here = new ProcessBuilder(busybox.toString(), "cat").start();
    try (var there = box().process("/bin/busybox", "cat").start()) {
      // No program of the host's stands behind it.
      assertThat(here.toHandle().pid()).isEqualTo(here.pid());
      for (ProcessScenario.Throwing step :
          List.<ProcessScenario.Throwing>of(
              there::toHandle, there::info, there::children, there::descendants)) {
        assertThat(ProcessScenario.thrown(step))
            .isEqualTo("java.lang.UnsupportedOperationException");
      }
      // Its streams are not wrapped in buffers.
      assertThat(here.getInputStream().markSupported()).isTrue();
      assertThat(there.getInputStream().markSupported()).isFalse();
      there.getOutputStream().write('x'); // and no flush
      assertThat(there.getInputStream().read()).isEqualTo('x');
    } finally {
      here.destroyForcibly().waitFor();
    }
    // A mistake in the command is told when it is made.
    assertThat(ProcessScenario.thrown(() -> new ProcessBuilder().start()))
        .isEqualTo("java.lang.IndexOutOfBoundsException");
    assertThat(ProcessScenario.thrown(() -> box().process()))
        .isEqualTo("java.lang.IllegalArgumentException");
    assertThat(ProcessScenario.thrown(() -> new ProcessBuilder("a\0b").start()))
        .isEqualTo("java.io.IOException");
    assertThat(ProcessScenario.thrown(() -> box().process("a\0b")))
        .isEqualTo("java.lang.IllegalArgumentException");
    // A signal reaches the group: the shell's child dies with it.
    try (var group = box().process("sh", "-c", "sleep 1000 & wait").start()) {
      group.destroy();
      assertThat(group.waitFor()).isEqualTo(143);
    }
    assertThat(awaitInGuest("! pidof sleep")).isZero();
  }
}
