package dev.msb.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// All commands: a new one has its place in [#GROUPS] and in [#command]. One is made only when it
/// is needed: the path of `exec` loads no other.
final class Commands {
  /// A title in the help, and the names of the commands under it.
  private record Group(String title, List<String> names) {}

  private static final List<Group> GROUPS =
      List.of(
          new Group("Run commands", List.of("run", "exec", "attach", "cp", "logs", "ps")),
          new Group(
              "Sandboxes",
              List.of(
                  "create", "start", "stop", "restart", "kill", "rm", "rename", "modify", "ls",
                  "inspect", "metrics", "events", "wait", "ping", "touch")),
          new Group("Images", List.of("pull", "load", "save", "image", "registry")),
          new Group("This machine", List.of("doctor", "completion", "man")));

  private Commands() {}

  /// All of them, for those who describe them.
  static List<CommandGroup> groups() {
    List<CommandGroup> groups = new ArrayList<>();
    for (Group group : GROUPS) {
      groups.add(new CommandGroup(group.title, group.names.stream().map(Commands::known).toList()));
    }
    return groups;
  }

  static List<String> names() {
    List<String> names = new ArrayList<>();
    for (Group group : GROUPS) {
      names.addAll(group.names);
    }
    return names;
  }

  static Command named(String name) throws UsageException {
    Command command = command(name);
    if (command == null) {
      String near = Suggestion.nearest(name, names());
      throw new UsageException(
          "unknown command \""
              + name
              + "\""
              + (near.isEmpty() ? "; see msb --help" : "; did you mean " + near + "?"));
    }
    return command;
  }

  private static Command known(String name) {
    return Objects.requireNonNull(command(name), name);
  }

  private static @Nullable Command command(String name) {
    return switch (name) {
      case "run" -> new RunCommand();
      case "create" -> new CreateCommand();
      case "exec" -> new ExecCommand();
      case "attach" -> new AttachCommand();
      case "cp" -> new CopyCommand();
      case "logs" -> new LogsCommand();
      case "start" -> new StartCommand();
      case "stop" -> new StopCommand();
      case "restart" -> new RestartCommand();
      case "kill" -> new KillCommand();
      case "rm", "remove" -> new RemoveCommand();
      case "ls", "list" -> new ListCommand();
      case "ps" -> new PsCommand();
      case "inspect" -> new InspectCommand();
      case "metrics" -> new MetricsCommand();
      case "events" -> new EventsCommand();
      case "wait" -> new WaitCommand();
      case "ping" -> new PingCommand();
      case "touch" -> new TouchCommand();
      case "modify" -> new ModifyCommand();
      case "rename" -> new RenameCommand();
      case "pull" -> new PullCommand();
      case "load" -> new LoadCommand();
      case "save" -> new SaveCommand();
      case "image" -> new ImageCommand();
      case "registry" -> new RegistryCommand();
      case "doctor" -> new DoctorCommand();
      case "completion" -> new CompletionCommand(Commands::groups);
      case "man" -> new ManCommand(Commands::groups, Commands::named);
      default -> null;
    };
  }
}
