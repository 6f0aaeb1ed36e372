package dev.msb.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class AttemptTest {
  private final PrintStream stdout = System.out;
  private final PrintStream stderr = System.err;
  private final ByteArrayOutputStream said = new ByteArrayOutputStream();
  private final Place place = new Place();

  /// A place with one process at a time.
  private static final class Place implements Attempt.Place {
    private final Process process;

    Place() {
      try {
        process = new ProcessBuilder("sleep", "1000").start();
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }

    @Override
    public void clear() {
      process.destroyForcibly();
    }

    @Override
    public String doing() {
      return "sleep 1000";
    }
  }

  @BeforeEach
  void listen() {
    PrintStream stream = new PrintStream(said, true, StandardCharsets.UTF_8);
    System.setOut(stream);
    System.setErr(stream);
  }

  @AfterEach
  void giveBack() {
    System.setOut(stdout);
    System.setErr(stderr);
    place.clear();
  }

  @Test
  void whatFailsIsNamedAndTheNextGoesOn() throws Exception {
    Attempt attempt = new Attempt(place, 60);
    attempt.make(
        "first",
        () -> {
          throw new IOException("no such thing");
        });
    attempt.make("second", AttemptTest::rows);
    assertThat(said.toString(StandardCharsets.UTF_8))
        .isEqualTo(
            "bench: first failed: java.io.IOException: no such thing\n| a | 1 | b | c | d |\n");
    assertThat(attempt.failed()).isTrue();
  }

  @Test
  void whatHangsIsGivenUpWithWhatItStarted() throws Exception {
    Attempt attempt = new Attempt(place, 1);
    attempt.make(
        "first",
        () -> {
          place.process.onExit().join(); // which nothing interrupts
          return rows();
        });
    assertThat(place.process.isAlive()).isFalse();
    assertThat(said.toString(StandardCharsets.UTF_8))
        .isEqualTo("bench: first failed: not done within 1 s, last: sleep 1000\n");
    assertThat(attempt.failed()).isTrue();
  }

  @Test
  void whatWorksIsPrintedOnly() throws Exception {
    Attempt attempt = new Attempt(place, 60);
    attempt.make("first", AttemptTest::rows);
    assertThat(said.toString(StandardCharsets.UTF_8)).isEqualTo("| a | 1 | b | c | d |\n");
    assertThat(attempt.failed()).isFalse();
    assertThat(place.process.isAlive()).isTrue();
  }

  private static List<Row> rows() {
    return List.of(new Row("a", "1", "b", "c", "d"));
  }
}
