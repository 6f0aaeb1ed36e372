package dev.msb.cli.commands;

import dev.msb.cli.words.Arguments;
import dev.msb.cli.words.UsageException;
import dev.msb.cli.words.Values;
import dev.msb.sdk.LoggedOutput;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/// Which output `msb logs` shows.
///
/// @param exec 0 for any
record LogFilter(
    @Nullable Instant since,
    @Nullable Instant until,
    LoggedOutput.@Nullable Source source,
    long exec,
    @Nullable Pattern pattern) {

  static LogFilter of(Arguments arguments) throws UsageException {
    String id = arguments.value("exec");
    return new LogFilter(
        time("since", arguments),
        time("until", arguments),
        source(arguments.value("stream")),
        id == null ? 0 : Values.integer("exec", id, 1, Integer.MAX_VALUE),
        pattern(arguments.value("grep")));
  }

  /// `2026-01-31T12:00:00Z`, or how long ago: `10m`.
  private static @Nullable Instant time(String option, Arguments arguments) throws UsageException {
    String text = arguments.value(option);
    if (text == null) {
      return null;
    }
    try {
      return text.indexOf(':') < 0
          ? Instant.now().minus(Values.duration(option, text))
          : OffsetDateTime.parse(text).toInstant();
    } catch (UsageException | DateTimeException e) {
      throw new UsageException(
          "--" + option + " \"" + text + "\" is no time: write 10m, or 2026-01-31T12:00:00Z");
    }
  }

  private static LoggedOutput.@Nullable Source source(@Nullable String text) throws UsageException {
    return switch (text) {
      case null -> null;
      case "stdout" -> LoggedOutput.Source.STDOUT;
      case "stderr" -> LoggedOutput.Source.STDERR;
      default -> throw new UsageException("--stream is stdout or stderr, not \"" + text + "\"");
    };
  }

  private static @Nullable Pattern pattern(@Nullable String text) throws UsageException {
    try {
      return text == null ? null : Pattern.compile(text);
    } catch (PatternSyntaxException e) {
      throw new UsageException("--grep \"" + text + "\": " + e.getDescription());
    }
  }

  boolean takes(LoggedOutput output) {
    return (since == null || !output.time().isBefore(since))
        && (until == null || output.time().isBefore(until))
        && (source == null || output.source() == source)
        && (exec == 0 || output.exec() == exec);
  }

  boolean takes(LogLine line) {
    return pattern == null || pattern.matcher(line.text()).find();
  }
}
