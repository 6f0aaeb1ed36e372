package dev.msb.cli;

import dev.msb.image.Descriptor;
import dev.msb.image.ImageListener;
import dev.msb.image.Manifest;
import dev.msb.image.Reference;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Tells on stderr how an image comes in: a bar that is redrawn on a terminal, else a line for each
/// stage.
final class PullProgress implements ImageListener {
  private static final int BAR_CELLS = 24;
  private static final long REDRAW_NANOS = 100_000_000;

  private final boolean terminal;
  private final Map<Descriptor, Long> bytes = new HashMap<>();
  private String name = "image";
  private long total;
  private long drawn = System.nanoTime() - REDRAW_NANOS;
  private @Nullable Stage stage;

  private PullProgress(boolean terminal) {
    this.terminal = terminal;
  }

  static ImageListener of(Arguments arguments) {
    return arguments.has("quiet")
        ? ImageListener.NONE
        : new PullProgress(StartProgress.isTerminal());
  }

  @Override
  public synchronized void found(Reference image, Manifest manifest) {
    name = image.familiar();
    total = manifest.layers().stream().distinct().mapToLong(Descriptor::size).sum();
    if (!terminal) {
      Output.error("pulling " + name + ", " + size(total));
    }
  }

  @Override
  public synchronized void progress(Descriptor blob, long count) {
    bytes.put(blob, count);
    if (terminal && total > 0) {
      long done = bytes.values().stream().mapToLong(Long::longValue).sum();
      draw("pulling " + name, done, total, done == total);
    }
  }

  @Override
  public synchronized void progress(Stage now, long done, long all) {
    if (now != stage) {
      stage = now;
      if (!terminal && now == Stage.READING) {
        Output.error("unpacking " + name);
      }
    }
    if (terminal) {
      draw(now == Stage.READING ? "unpacking " + name : "writing " + name, done, all, done == all);
    }
  }

  /// Wipes the bar.
  static void end(ImageListener listener) {
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
  static String size(long count) {
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
