package dev.msb.cli.words;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// `--env-file`: a variable a line, read as Docker reads it. It is no script for a shell: what
/// stands behind `=` is the value to its end, with quotes and blanks.
public final class EnvironmentFile {
  private static final String BYTE_ORDER_MARK = "\ufeff";

  private EnvironmentFile() {}

  /// The variables as `NAME=value`.
  public static List<String> read(String file) throws UsageException {
    List<String> variables = new ArrayList<>();
    int number = 0;
    for (String line : lines(file)) {
      number++;
      try {
        String variable = variable(number == 1 ? withoutMark(line) : line);
        if (variable != null) {
          variables.addAll(Values.environment(List.of(variable)));
        }
      } catch (UsageException e) {
        throw new UsageException("--env-file " + file + ":" + number + ": " + e.getMessage());
      }
    }
    return variables;
  }

  private static List<String> lines(String file) throws UsageException {
    try {
      return Files.readAllLines(Path.of(file));
    } catch (IOException e) {
      throw new UsageException("--env-file \"" + file + "\" cannot be read as text");
    }
  }

  private static String withoutMark(String line) {
    return line.startsWith(BYTE_ORDER_MARK) ? line.substring(1) : line;
  }

  /// What the line says; null if that is nothing.
  private static @Nullable String variable(String line) throws UsageException {
    String text = line.stripLeading();
    if (text.isEmpty() || text.startsWith("#")) {
      return null;
    }
    int equals = text.indexOf('=');
    String name = equals < 0 ? text : text.substring(0, equals);
    if (name.chars().anyMatch(Character::isWhitespace)) {
      throw new UsageException(
          "the name \"" + name + "\" has a blank in it: write NAME=value, without export");
    }
    return text;
  }
}
