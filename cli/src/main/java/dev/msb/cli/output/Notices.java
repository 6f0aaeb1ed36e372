package dev.msb.cli.output;

import dev.msb.cli.words.Arguments;
import java.util.function.Consumer;

/// Lines for people on stderr, unless `-q`.
///
/// No lambdas, here and in [StartProgress]: the start-up cache has only those that its rehearsal
/// came across, and to make one anew takes 5 ms.
public enum Notices implements Consumer<String> {
  SHOWN,
  QUIET;

  public static Consumer<String> of(Arguments arguments) {
    return arguments.has("quiet") ? QUIET : SHOWN;
  }

  @Override
  public void accept(String line) {
    if (this == SHOWN) {
      Output.error(line);
    }
  }
}
