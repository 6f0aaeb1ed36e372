package dev.msb.cli.words;

import java.util.List;

/// The texts of `--help`, made from what the commands say of themselves.
public final class Help {
  private static final int COLUMN = 30;

  private Help() {}

  public static String all(List<CommandGroup> groups) {
    StringBuilder text = new StringBuilder("msb: " + Manual.ABOUT + "\n\n");
    text.append("Usage: ").append(Manual.USAGE).append('\n');
    for (CommandGroup group : groups) {
      text.append('\n').append(group.title()).append(":\n");
      for (Command command : group.commands()) {
        row(text, command.name(), command.summary());
      }
    }
    entries(text, "Values", Manual.VALUES);
    entries(text, "Exit status of run, exec and attach", Manual.STATUSES_WITH_COMMAND);
    entries(text, "Environment", Manual.ENVIRONMENT);
    entries(text, "Files", Manual.FILES);
    examples(text, Manual.EXAMPLES);
    text.append("\nmsb COMMAND --help and msb man COMMAND tell more of each.\n");
    return text.toString();
  }

  public static String of(Command command) {
    StringBuilder text = new StringBuilder();
    text.append("msb ").append(command.name()).append(": ").append(command.summary());
    text.append("\n\nUsage: ").append(usage(command)).append('\n');
    List<Option> options = command.options();
    if (!options.isEmpty()) {
      text.append("\nOptions:\n");
      for (Option option : options) {
        row(text, (option.letter() == 0 ? "    " : "") + words(option), option.help());
      }
    }
    examples(text, command.examples());
    return text.toString();
  }

  /// How a command is called; a further way is on a line of its own.
  public static String usage(Command command) {
    return ("msb " + command.name() + " " + command.synopsis()).strip();
  }

  /// How an option is written, and its value.
  public static String words(Option option) {
    String letter = option.letter() == 0 ? "" : "-" + option.letter() + ", ";
    return letter + "--" + option.name() + (option.takesValue() ? " " + option.value() : "");
  }

  private static void entries(StringBuilder text, String title, List<Manual.Entry> entries) {
    text.append('\n').append(title).append(":\n");
    for (Manual.Entry entry : entries) {
      row(text, entry.word(), entry.meaning());
    }
  }

  private static void examples(StringBuilder text, List<String> examples) {
    text.append("\nExamples:\n");
    for (String example : examples) {
      text.append("  ").append(example).append('\n');
    }
  }

  private static void row(StringBuilder text, String left, String right) {
    text.append("  ").append(left);
    text.append(" ".repeat(Math.max(2, COLUMN - left.length()))).append(right).append('\n');
  }
}
