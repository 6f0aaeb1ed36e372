package dev.msb.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/// What failing tests leave to look at.
@Timeout(180)
class EvidenceVmTest {
  @TempDir Path directory;

  /// Tests that fail, each in its way.
  static class Failing {
    private final Msb msb = new Msb();

    Failing() throws IOException {}

    @AfterEach
    void removeAll() throws Exception {
      msb.removeAll();
    }

    @Test
    void succeeds() {}

    @Test
    void fails() throws Exception {
      msb.create("other").ok();
      msb.run("stop", "other").ok();
      assertThat(msb.create("bad", "--tmpfs", "/etc/passwd").status()).isEqualTo(125);
      msb.create("box").ok();
      msb.sh("box", "echo said by the guest >/dev/console").ok();
      while (!msb.run("logs", "--console", "box").ok().stdout().contains("said by the guest")) {
        Thread.onSpinWait(); // it is at most a second old
      }
      Process exec = msb.command("exec", "box", "--", "sh", "-c", "echo up; sleep 1000").start();
      assertThat(exec.inputReader().readLine()).isEqualTo("up");
      throw new AssertionError("on purpose");
    }

    @TestFactory
    Stream<DynamicTest> someFail() {
      return Stream.of(
          dynamicTest("good", () -> {}),
          dynamicTest("bad", () -> assertThat("here").isEqualTo("there")));
    }
  }

  /// A class that cannot be ended.
  static class FailingAtItsEnd {
    @Test
    void succeeds() {}

    @AfterAll
    static void fail() {
      throw new AssertionError("at the end");
    }
  }

  @Test
  void aFailureLeavesWhatExplainsIt() throws Exception {
    TestExecutionSummary summary = run(Failing.class);
    assertThat(summary.getTestsSucceededCount()).isEqualTo(2);
    assertThat(children(directory)).containsExactly("Failing.fails", "Failing.someFail");

    Path failed = directory.resolve("Failing.fails");
    assertThat(failed.resolve("failure"))
        .content()
        .contains("[method:fails()]", "AssertionError: on purpose", "EvidenceVmTest.java:");
    Path home = homeIn(failed);
    assertThat(home.resolve("box/state")).hasContent("running");
    assertThat(home.resolve("box/supervisor.log")).content().contains("qemu-system");
    assertThat(home.resolve("box/console.log")).content().contains("said by the guest");
    assertThat(home.resolve("other/state")).hasContent("stopped requested");
    assertThat(home.resolve("last-failure/supervisor.log")).content().contains("ENOTDIR");
    assertThat(home.resolve("events")).content().contains("box", "other");
    assertThat(home.resolve("processes"))
        .content()
        .contains(
            "dev.msb.supervisor/dev.msb.supervisor.SupervisorMain",
            "qemu-system",
            "exec box -- sh -c echo up; sleep 1000");

    assertThat(directory.resolve("Failing.someFail/failure"))
        .content()
        .contains("[dynamic-test:#2]", "\"there\"");
  }

  @Test
  void soDoesAFailureOutsideOfTests() throws Exception {
    run(FailingAtItsEnd.class);
    run(FailingAtItsEnd.class);
    assertThat(children(directory)).containsExactly("FailingAtItsEnd", "FailingAtItsEnd-2");
    assertThat(directory.resolve("FailingAtItsEnd-2/failure")).content().contains("at the end");
  }

  private TestExecutionSummary run(Class<?> tests) {
    SummaryGeneratingListener listener = new SummaryGeneratingListener();
    LauncherFactory.create()
        .execute(
            LauncherDiscoveryRequestBuilder.request()
                .selectors(selectClass(tests))
                .configurationParameter("msb.failures", directory.toString())
                .build(),
            listener);
    TestExecutionSummary summary = listener.getSummary();
    assertThat(summary.getFailures())
        .isNotEmpty()
        .allSatisfy(failure -> assertThat(failure.getException()).hasNoSuppressedExceptions());
    return summary;
  }

  private static Path homeIn(Path failed) throws IOException {
    List<String> homes =
        children(failed).stream().filter(name -> name.startsWith("msb-it-")).toList();
    assertThat(homes).hasSize(1);
    return failed.resolve(homes.getFirst());
  }

  private static List<String> children(Path directory) throws IOException {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
    }
  }
}
