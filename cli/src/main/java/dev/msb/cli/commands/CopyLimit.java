package dev.msb.cli.commands;

import dev.msb.cli.words.Arguments;
import dev.msb.cli.words.UsageException;
import dev.msb.cli.words.Values;
import dev.msb.files.CopyOptions;
import org.jspecify.annotations.Nullable;

/// How much `msb cp` copies out of a sandbox: a guest may pretend to have files without an end.
/// What comes from this machine has no limit unless one is given.
final class CopyLimit {
  private static final String NAME = "limit";
  private static final int MEBIBYTE_BITS = 20;

  private CopyLimit() {}

  static CopyOptions of(Arguments arguments, CopyPlace from) throws UsageException {
    @Nullable String text = arguments.value(NAME);
    CopyOptions options = CopyOptions.defaults();
    if (text == null) {
      return from.sandbox() == null ? options.unlimited() : options;
    }
    if (text.equals("none")) {
      return options.unlimited();
    }
    int comma = text.indexOf(',');
    String size = comma < 0 ? text : text.substring(0, comma);
    long bytes = (long) Values.mebibytes(NAME, size) << MEBIBYTE_BITS;
    long files =
        comma < 0
            ? options.maxFiles()
            : Values.integer(NAME, text.substring(comma + 1), 1, Integer.MAX_VALUE);
    return options.limitedTo(bytes, files);
  }
}
