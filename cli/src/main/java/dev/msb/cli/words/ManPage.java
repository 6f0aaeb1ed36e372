package dev.msb.cli.words;

import dev.msb.sdk.Machine;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A page for man(1), in roff with the macros of man(7), made from what the help is made from.
public final class ManPage {
  /// In a synopsis: a word to be typed as it is, or what stands for another one.
  private static final Pattern WORD =
      Pattern.compile("(?<literal>-{0,2}[a-z][a-z0-9-]*)|(?<other>[A-Z]+(-[A-Z]+)*)");

  private final StringBuilder roff = new StringBuilder();

  private ManPage(String name, String summary) {
    roff.append(".TH ").append(escaped(name.toUpperCase(Locale.ROOT))).append(" 1 ");
    roff.append(Version.DATE).append(" \"msb ").append(Machine.version()).append("\" msb\n");
    section("NAME");
    text(escaped(name) + " \\- " + escaped(summary));
    section("SYNOPSIS");
  }

  /// What the page of a command is called; msb itself has the empty name.
  public static String name(String command) {
    return command.isEmpty() ? "msb" : "msb-" + command;
  }

  /// The page of msb itself.
  public static String all(List<CommandGroup> groups) {
    ManPage page = new ManPage(name(""), Manual.ABOUT);
    page.text(styled(Manual.USAGE));
    page.section("COMMANDS");
    page.text("Each has a page of its own: msb\\-run(1), and tells more with " + bold("--help."));
    for (CommandGroup group : groups) {
      page.line(".SS " + escaped(group.title()));
      for (Command command : group.commands()) {
        page.entry(bold(command.name()), command.summary());
      }
    }
    page.entries("VALUES", Manual.VALUES);
    page.entries("EXIT STATUS", Manual.STATUSES_WITH_COMMAND);
    page.common();
    page.examples(Manual.EXAMPLES);
    return page.roff.toString();
  }

  /// The page of a command.
  public static String of(Command command) {
    ManPage page = new ManPage(name(command.name()), command.summary());
    String ways = styled(Help.usage(command));
    page.text(ways.replaceAll("\n *", "\n.br\n"));
    if (!command.options().isEmpty()) {
      page.section("OPTIONS");
      for (Option option : command.options()) {
        page.entry(styled(Help.words(option)), option.help());
      }
    }
    page.entries("EXIT STATUS", Manual.statuses(command));
    page.common();
    page.examples(command.examples());
    page.section("SEE ALSO");
    page.line(escaped(name("")) + "(1)");
    return page.roff.toString();
  }

  private void common() {
    entries("ENVIRONMENT", Manual.ENVIRONMENT);
    entries("FILES", Manual.FILES);
  }

  private void section(String title) {
    line(".SH " + title);
  }

  private void entries(String title, List<Manual.Entry> entries) {
    section(title);
    for (Manual.Entry entry : entries) {
      entry(bold(entry.word()), entry.meaning());
    }
  }

  private void entry(String term, String text) {
    line(".TP");
    text(term);
    text(escaped(text));
  }

  private void examples(List<String> examples) {
    section("EXAMPLES");
    line(".EX");
    examples.forEach(example -> line(escaped(example)));
    line(".EE");
  }

  /// What is filled anyhow, in lines that are not long.
  private void text(String text) {
    line(text.replaceAll("(.{60}\\S*) +", "$1\n"));
  }

  private void line(String text) {
    roff.append(text).append('\n');
  }

  private static String bold(String text) {
    return "\\fB" + escaped(text) + "\\fR";
  }

  private static String styled(String text) {
    StringBuilder styled = new StringBuilder();
    Matcher word = WORD.matcher(text);
    int end = 0;
    while (word.find()) {
      styled.append(escaped(text.substring(end, word.start())));
      styled.append(word.group("literal") == null ? "\\fI" : "\\fB");
      styled.append(escaped(word.group())).append("\\fR");
      end = word.end();
    }
    return styled.append(escaped(text.substring(end))).toString();
  }

  /// Text in which roff sees nothing of its own, and that can be copied from the page as it is.
  private static String escaped(String text) {
    StringBuilder escaped = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '\\' -> escaped.append("\\e");
        case '-' -> escaped.append("\\-");
        case '\'' -> escaped.append("\\(aq");
        case '`' -> escaped.append("\\(ga");
        case '^' -> escaped.append("\\(ha");
        case '~' -> escaped.append("\\(ti");
        case '"' -> escaped.append("\\(dq");
        case '.' -> escaped.append(i == 0 || text.charAt(i - 1) == ' ' ? "\\&." : ".");
        default -> escaped.append(c);
      }
    }
    return escaped.toString();
  }
}
