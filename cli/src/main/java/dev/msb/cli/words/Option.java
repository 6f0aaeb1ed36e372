package dev.msb.cli.words;

/// One option of a command.
///
/// @param name the long name, without the dashes
/// @param letter the short name, 0 for none
/// @param value what its value is called in the help, empty if it takes none
/// @param help one line
public record Option(String name, char letter, String value, String help) {
  public static Option flag(String name, char letter, String help) {
    return new Option(name, letter, "", help);
  }

  public static Option value(String name, char letter, String value, String help) {
    return new Option(name, letter, value, help);
  }

  public boolean takesValue() {
    return !value.isEmpty();
  }
}
