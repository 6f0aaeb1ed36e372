package dev.msb.cli;

import java.util.List;

/// Commands of one kind, under one title in the help.
record CommandGroup(String title, List<Command> commands) {
  /// The commands of all groups.
  static List<Command> all(List<CommandGroup> groups) {
    return groups.stream().flatMap(group -> group.commands.stream()).toList();
  }
}
