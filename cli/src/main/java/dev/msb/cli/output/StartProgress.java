package dev.msb.cli.output;

import dev.msb.cli.words.Arguments;
import dev.msb.posix.Posix;
import java.util.function.Consumer;

/// Tells on stderr what a start is at: in a line that is redrawn and wiped on a terminal; else only
/// of what does not happen at every start, in a line each.
public enum StartProgress implements Consumer<String> {
  DRAWN,
  LINES,
  QUIET;

  private static final int STDERR = 2;

  public static Consumer<String> of(Arguments arguments) {
    if (arguments.has("quiet")) {
      return QUIET;
    }
    return isTerminal() ? DRAWN : LINES;
  }

  @Override
  public void accept(String stage) {
    if (this == DRAWN) {
      draw(stage);
    } else if (this == LINES) {
      line(stage);
    }
  }

  /// Whether stderr is a terminal on which a line can be drawn again.
  public static boolean isTerminal() {
    return Posix.isatty(STDERR) == 1 && !"dumb".equals(System.getenv("TERM"));
  }

  private static void draw(String stage) {
    Output.errorText(stage.isEmpty() ? "\r\033[K" : "\r\033[Kmsb: " + stage + " ...");
  }

  private static void line(String stage) {
    if (!stage.isEmpty() && !stage.equals("booting")) {
      Output.error(stage);
    }
  }
}
