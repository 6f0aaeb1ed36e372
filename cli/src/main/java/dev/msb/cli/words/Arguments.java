package dev.msb.cli.words;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The words of a command line, sorted into options, positional words and, where there is one, the
/// command after `--`.
///
/// Options may stand anywhere before `--`: `--name value`, `--name=value`, `-n value`, `-nvalue`;
/// flags may be bundled (`-qt`). There is one small parser of ours for all commands because the
/// libraries looked at cost more time than the whole of `msb exec` (`docs/dependencies.md`).
public final class Arguments {
  private final Map<String, List<String>> values = new HashMap<>();
  private final List<String> positional = new ArrayList<>();
  private @Nullable List<String> command;

  private Arguments() {}

  /// Arguments that were not on the command line.
  public static final class Builder {
    private final Arguments built = new Arguments();

    public void option(String name, String value) {
      built.values.computeIfAbsent(name, n -> new ArrayList<>()).add(value);
    }

    public void positional(String word) {
      built.positional.add(word);
    }

    /// These, and then the others: of an option that takes one value the last one counts, and
    /// positional words only if the others have none.
    public Arguments followedBy(Arguments others) {
      others.values.forEach((name, all) -> all.forEach(value -> option(name, value)));
      if (!others.positional.isEmpty()) {
        built.positional.clear();
        built.positional.addAll(others.positional);
      }
      built.command = others.command;
      return built;
    }
  }

  /// Sorts the words.
  ///
  /// @param takesCommand what follows `--` is a command; else it is positional, whatever it begins
  ///   with
  public static Arguments parse(List<String> words, List<Option> options, boolean takesCommand)
      throws UsageException {
    Arguments arguments = new Arguments();
    int i = 0;
    while (i < words.size()) {
      String word = words.get(i++);
      if (word.equals("--")) {
        List<String> rest = words.subList(i, words.size());
        if (takesCommand) {
          arguments.command = rest;
        } else {
          arguments.positional.addAll(rest);
        }
        break;
      }
      if (word.startsWith("--")) {
        i = arguments.longOption(word, words, i, options);
      } else if (word.startsWith("-") && word.length() > 1) {
        i = arguments.letters(word, words, i, options);
      } else {
        arguments.positional.add(word);
      }
    }
    return arguments;
  }

  private int longOption(String word, List<String> words, int next, List<Option> options)
      throws UsageException {
    int equals = word.indexOf('=');
    String name = word.substring(2, equals < 0 ? word.length() : equals);
    Option option = null;
    for (Option candidate : options) {
      if (candidate.name().equals(name)) {
        option = candidate;
      }
    }
    if (option == null) {
      throw new UsageException("unknown option --" + name + Suggestion.of(name, options));
    }
    if (!option.takesValue()) {
      if (equals >= 0) {
        throw new UsageException("--" + name + " takes no value");
      }
      add(option, "");
      return next;
    }
    if (equals >= 0) {
      add(option, word.substring(equals + 1));
      return next;
    }
    return following(option, "--" + name, words, next);
  }

  private int letters(String word, List<String> words, int next, List<Option> options)
      throws UsageException {
    for (int at = 1; at < word.length(); at++) {
      Option option = null;
      for (Option candidate : options) {
        if (candidate.letter() == word.charAt(at)) {
          option = candidate;
        }
      }
      if (option == null) {
        throw new UsageException("unknown option -" + word.charAt(at));
      }
      if (option.takesValue()) {
        if (at + 1 < word.length()) {
          add(option, word.substring(at + 1));
          return next;
        }
        return following(option, "-" + word.charAt(at), words, next);
      }
      add(option, "");
    }
    return next;
  }

  private int following(Option option, String shown, List<String> words, int next)
      throws UsageException {
    if (next >= words.size() || words.get(next).equals("--")) {
      throw new UsageException(shown + " needs a value: " + option.value());
    }
    add(option, words.get(next));
    return next + 1;
  }

  private void add(Option option, String value) {
    values.computeIfAbsent(option.name(), name -> new ArrayList<>(1)).add(value);
  }

  public boolean has(String name) {
    return values.containsKey(name);
  }

  /// The last value of an option that was given, else null.
  public @Nullable String value(String name) {
    List<String> all = values.get(name);
    return all == null ? null : all.getLast();
  }

  /// All values of an option that may be repeated.
  public List<String> all(String name) {
    return values.getOrDefault(name, List.of());
  }

  public List<String> positional() {
    return positional;
  }

  /// The words after `--`; null if there is no `--`.
  public @Nullable List<String> command() {
    return command;
  }

  /// Fails if two options were given that exclude each other.
  public void conflict(String one, String other) throws UsageException {
    if (has(one) && has(other)) {
      throw new UsageException("--" + one + " and --" + other + " exclude each other");
    }
  }
}
