package dev.msb.cli.output;

import dev.msb.cli.words.Arguments;
import dev.msb.sdk.ImageProgress;
import org.jspecify.annotations.Nullable;

/// Tells on stderr how an image comes in: a bar that is redrawn on a terminal, else a line for each
/// stage.
public final class PullProgress implements ImageProgress {
  private static final int BAR_CELLS = 24;
  private static final long REDRAW_NANOS = 100_000_000;

  private final boolean terminal;
  private long drawn = System.nanoTime() - REDRAW_NANOS;
  private @Nullable Stage stage;

  private PullProgress(boolean terminal) {
    this.terminal = terminal;
  }

  public static ImageProgress of(Arguments arguments) {
    return arguments.has("quiet")
        ? ImageProgress.NONE
        : new PullProgress(StartProgress.isTerminal());
  }

  @Override
  public void progress(Stage now, String image, long done, long total) {
    String name = image.isEmpty() ? "image" : image;
    if (terminal && total > 0) {
      draw(word(now) + " " + name, done, total, done == total);
    } else if (!terminal && now != stage && now == Stage.PULLING) {
      Output.error("pulling " + name + ", " + size(total));
    } else if (!terminal && now != stage && now == Stage.UNPACKING) {
      Output.error("unpacking " + name);
    }
    stage = now;
  }

  private static String word(Stage stage) {
    return switch (stage) {
      case PULLING -> "pulling";
      case UNPACKING -> "unpacking";
      case WRITING -> "writing";
    };
  }

  /// Wipes the bar.
  public static void end(ImageProgress listener) {
    if (listener instanceof PullProgress progress && progress.terminal) {
      Output.errorText("\r\033[K");
    }
  }

  private void draw(String what, long done, long all, boolean atOnce) {
    long now = System.nanoTime();
    if (!atOnce && now - drawn < REDRAW_NANOS) {
      return;
    }
    drawn = now;
    int cells = all == 0 ? BAR_CELLS : (int) (BAR_CELLS * Math.min(done, all) / all);
    Output.errorText(
        "\r\033[Kmsb: "
            + what
            + " ["
            + "#".repeat(cells)
            + "-".repeat(BAR_CELLS - cells)
            + "] "
            + size(done)
            + " of "
            + size(all));
  }

  /// Bytes for people, in powers of 1,024.
  public static String size(long count) {
    String[] units = {"B", "KiB", "MiB", "GiB", "TiB"};
    int unit = 0;
    long tenths = count * 10;
    while (tenths >= 10_240 && unit < units.length - 1) {
      tenths /= 1024;
      unit++;
    }
    return unit == 0
        ? count + " B"
        : tenths / 10 + (tenths < 1000 ? "." + tenths % 10 : "") + " " + units[unit];
  }
}
