package dev.msb.cli;

import java.util.List;

/// The texts of `--help`, made from what the commands say of themselves.
final class Help {
  private static final int COLUMN = 30;

  private Help() {}

  static String all() throws UsageException {
    StringBuilder text =
        new StringBuilder(
            """
            msb runs untrusted commands in local microVMs.

            Usage: msb COMMAND [OPTIONS] ...

            """);
    for (Commands.Group group : Commands.groups()) {
      text.append(group.title()).append(":\n");
      for (String name : group.names()) {
        row(text, name, Commands.named(name).summary());
      }
      text.append('\n');
    }
    text.append(
        """
        Examples:
          msb run -- echo "hello from a microVM"
          msb create --name box
          msb exec --stream box -- awk '{ print "ack:" $0; fflush() }'

        msb COMMAND --help tells more of each.
        """);
    return text.toString();
  }

  static String of(Command command) {
    StringBuilder text = new StringBuilder();
    text.append("msb ").append(command.name()).append(": ").append(command.summary());
    text.append("\n\nUsage: msb ").append(command.name()).append(' ').append(command.synopsis());
    List<Option> options = command.options();
    if (!options.isEmpty()) {
      text.append("\n\nOptions:\n");
      for (Option option : options) {
        String letter = option.letter() == 0 ? "    " : "-" + option.letter() + ", ";
        String value = option.takesValue() ? " " + option.value() : "";
        row(text, letter + "--" + option.name() + value, option.help());
      }
    } else {
      text.append('\n');
    }
    text.append("\nExamples:\n");
    for (String example : Examples.of(command.name())) {
      text.append("  ").append(example).append('\n');
    }
    return text.toString();
  }

  private static void row(StringBuilder text, String left, String right) {
    text.append("  ").append(left);
    text.append(" ".repeat(Math.max(2, COLUMN - left.length()))).append(right).append('\n');
  }
}
