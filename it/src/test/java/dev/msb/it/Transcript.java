package dev.msb.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/// The examples of a document: what stands in its blocks of the kind `console`.
final class Transcript {
  private static final String PROMPT = "$ ";

  /// A line that somebody types at a shell, and what it writes.
  ///
  /// @param output `...` is anything in a line; alone, any lines
  record Step(String command, List<String> output) {

    /// What its whole output looks like.
    Pattern pattern() {
      StringBuilder pattern = new StringBuilder();
      for (String line : output) {
        pattern.append(line.equals("...") ? "(?s:.*)" : "(?m:^)" + words(line) + "\n");
      }
      return Pattern.compile(pattern.toString());
    }

    /// Columns are as wide as what is in them.
    private static String words(String line) {
      List<String> words = new ArrayList<>();
      for (String word : line.split(" +", -1)) {
        words.add(Pattern.quote(word).replace("...", "\\E.*\\Q"));
      }
      return String.join(" +", words);
    }
  }

  private Transcript() {}

  static List<Step> read(Path document) throws IOException {
    List<Step> steps = new ArrayList<>();
    boolean inside = false;
    for (String line : Files.readAllLines(document)) {
      if (line.startsWith("```")) {
        inside = line.equals("```console");
      } else if (inside && line.startsWith(PROMPT)) {
        steps.add(new Step(line.substring(PROMPT.length()), new ArrayList<>()));
      } else if (inside) {
        steps.getLast().output.add(line);
      }
    }
    return steps;
  }
}
