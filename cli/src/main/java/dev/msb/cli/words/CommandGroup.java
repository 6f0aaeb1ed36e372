package dev.msb.cli.words;

import java.util.List;

/// Commands of one kind, under one title in the help.
public record CommandGroup(String title, List<Command> commands) {
  /// The commands of all groups.
  public static List<Command> all(List<CommandGroup> groups) {
    return groups.stream().flatMap(group -> group.commands.stream()).toList();
  }
}
