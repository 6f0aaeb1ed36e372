package dev.msb.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;

/// Tests that share one running sandbox, `box`.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class BoxTest {
  final Msb msb;

  BoxTest() throws IOException {
    msb = new Msb();
  }

  @BeforeAll
  void createBox() throws Exception {
    msb.create("box").ok();
  }

  @AfterAll
  void removeAll() throws Exception {
    msb.removeAll();
  }

  /// Starts a command in the box, with pipes to all three of its streams.
  Process stream(String... words) throws IOException {
    List<String> command = new ArrayList<>(List.of("exec", "--stream", "box", "--"));
    command.addAll(Arrays.asList(words));
    return msb.command(command.toArray(new String[0])).start();
  }

  /// Runs a test in the guest until it holds.
  int awaitInGuest(String condition) throws Exception {
    String loop = "until " + condition + " >/dev/null; do sleep 0.05; done";
    return msb.run("exec", "--stdin", "none", "--timeout", "100s", "box", "--", "sh", "-c", loop)
        .status();
  }

  /// Sends a process of this machine a signal.
  static void signal(String name, ProcessHandle handle) throws Exception {
    Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(handle.pid())).start();
    assertThat(kill.waitFor()).isZero();
  }
}
