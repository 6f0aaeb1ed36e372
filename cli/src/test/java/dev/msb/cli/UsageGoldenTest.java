package dev.msb.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msb.cli.words.Arguments;
import dev.msb.cli.words.Command;
import dev.msb.cli.words.UsageException;
import dev.msb.sdk.SandboxException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is said of words that are off. The file has the command lines, too: add one, and let
/// `./build golden` write what is said of it.
class UsageGoldenTest {
  private static final String FILE = "usage.txt";
  private static final String PROMPT = "$ msb ";

  @TempDir Path home;

  @BeforeEach
  void haveNothing() {
    System.setProperty("msb.home", home.toString());
    System.setProperty("msb.dist", home.resolve("none").toString());
  }

  @AfterEach
  void forgetHome() {
    System.clearProperty("msb.home");
    System.clearProperty("msb.dist");
  }

  @Test
  void eachLineSaysWhatIsWrongAndWhatToWriteInstead() throws Exception {
    StringBuilder text = new StringBuilder();
    for (List<String> words : commandLines()) {
      text.append(PROMPT).append(shown(words)).append('\n');
      text.append(error(words)).append('\n');
    }
    Golden.check(FILE, text.toString());
  }

  @Test
  void everyCommandIsThere() throws Exception {
    assertThat(commandLines().stream().map(List::getFirst)).containsAll(Commands.names());
  }

  private static List<List<String>> commandLines() throws IOException {
    List<List<String>> lines = new ArrayList<>();
    for (String line : Files.readAllLines(Golden.file(FILE))) {
      if (line.startsWith(PROMPT)) {
        String[] words = line.substring(PROMPT.length()).split(" ", -1);
        lines.add(Arrays.stream(words).map(word -> word.equals("''") ? "" : word).toList());
      }
    }
    return lines;
  }

  private static String shown(List<String> words) {
    return String.join(" ", words.stream().map(word -> word.isEmpty() ? "''" : word).toList());
  }

  /// As `Msb.run` does it, which ends with status 2 for both kinds.
  private static String error(List<String> words) throws SandboxException, InterruptedException {
    try {
      Command command = Commands.named(words.getFirst());
      List<String> rest = words.subList(1, words.size());
      command.run(Arguments.parse(rest, command.options(), command.takesCommand()));
    } catch (UsageException | IllegalArgumentException e) {
      return "msb: " + e.getMessage();
    }
    throw new AssertionError("nothing is wrong with " + words);
  }
}
