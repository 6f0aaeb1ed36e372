package dev.msb.cli.words;

/// `--format`: what is printed for people, or for programs. The fields are in `docs/cli.md`.
public final class Format {
  public static final Option OPTION =
      Option.value("format", '\0', "table|json", "what to print (table)");

  private Format() {}

  public static boolean isJson(Arguments arguments) throws UsageException {
    String format = arguments.value("format");
    if (format != null && !format.equals("table") && !format.equals("json")) {
      throw new UsageException("--format \"" + format + "\" is neither table nor json");
    }
    return "json".equals(format);
  }
}
