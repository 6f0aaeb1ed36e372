package dev.msb.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msb.sdk.Sandbox;
import dev.msb.sdk.SandboxException;
import dev.msb.sdk.SandboxState;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Rounds of 40 execs at once, with `info()` beside them, all from one JVM. Every exec must answer,
/// and no sandbox may be lost. Each sandbox serves ten rounds; they have one processor and two in
/// turn. `-Dmsb.rounds=10000` makes it long, `-Dmsb.progress=FILE` has each sandbox written there.
@Timeout(value = 4, unit = TimeUnit.DAYS)
class RoundsVmTest extends SdkTest {
  private static final int AT_ONCE = 40;
  private static final int ROUNDS_OF_A_SANDBOX = 10;

  private final List<String> lost = new ArrayList<>();

  RoundsVmTest() throws IOException {}

  @Override
  void createBox() {} // has its own

  @AfterAll
  void tell() {
    lost.forEach(System.out::println);
  }

  @Test
  void noRoundOfManyExecsIsLost() throws Exception {
    int rounds = Integer.getInteger("msb.rounds", 5);
    for (int done = 0; done < rounds; done += ROUNDS_OF_A_SANDBOX) {
      int end = Math.min(done + ROUNDS_OF_A_SANDBOX, rounds);
      long start = System.nanoTime();
      serve(done, end);
      long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
      progress("rounds " + done + " to " + (end - 1) + ": " + millis + " ms, lost: " + lost.size());
    }
    assertThat(lost).isEmpty();
  }

  /// Some rounds on a new sandbox; what fails ends them and is noted.
  private void serve(int from, int end) throws Exception {
    Sandbox box =
        Sandbox.builder("box").cpus(1 + from / ROUNDS_OF_A_SANDBOX % 2).detached().create();
    try {
      for (int round = from; round < end; round++) {
        round(box, round);
      }
    } catch (ExecutionException | AssertionError | SandboxException e) {
      String console = new String(box.console(), StandardCharsets.UTF_8);
      lost.add("a round of " + from + " to " + (end - 1) + ": " + e + "\n" + console);
      progress(lost.getLast());
    } finally {
      box.removeForcibly();
    }
  }

  private static void round(Sandbox box, int round) throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<String>> replies = new ArrayList<>();
      List<Future<SandboxState>> states = new ArrayList<>();
      for (int i = 0; i < AT_ONCE; i++) {
        String word = "word-" + round + "-" + i;
        replies.add(threads.submit(() -> box.exec("echo", word).orThrow().stdout().strip()));
        states.add(threads.submit(() -> box.info().state()));
      }
      for (int i = 0; i < AT_ONCE; i++) {
        assertThat(replies.get(i).get()).isEqualTo("word-" + round + "-" + i);
        assertThat(states.get(i).get()).isEqualTo(SandboxState.RUNNING);
      }
    }
  }

  private static void progress(String text) throws IOException {
    String line = Instant.now().truncatedTo(ChronoUnit.SECONDS) + " " + text + "\n";
    System.out.print(line);
    String file = System.getProperty("msb.progress");
    if (file != null) {
      Files.writeString(Path.of(file), line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }
  }
}
