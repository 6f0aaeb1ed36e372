package dev.msb.cli;

import dev.msb.cli.commands.AttachCommand;
import dev.msb.cli.commands.CompletionCommand;
import dev.msb.cli.commands.CopyCommand;
import dev.msb.cli.commands.CreateCommand;
import dev.msb.cli.commands.DoctorCommand;
import dev.msb.cli.commands.EventsCommand;
import dev.msb.cli.commands.ExecCommand;
import dev.msb.cli.commands.ImageCommand;
import dev.msb.cli.commands.InspectCommand;
import dev.msb.cli.commands.KillCommand;
import dev.msb.cli.commands.ListCommand;
import dev.msb.cli.commands.LoadCommand;
import dev.msb.cli.commands.LogsCommand;
import dev.msb.cli.commands.ManCommand;
import dev.msb.cli.commands.MetricsCommand;
import dev.msb.cli.commands.ModifyCommand;
import dev.msb.cli.commands.PingCommand;
import dev.msb.cli.commands.PsCommand;
import dev.msb.cli.commands.PullCommand;
import dev.msb.cli.commands.RegistryCommand;
import dev.msb.cli.commands.RemoveCommand;
import dev.msb.cli.commands.RenameCommand;
import dev.msb.cli.commands.RestartCommand;
import dev.msb.cli.commands.RunCommand;
import dev.msb.cli.commands.SaveCommand;
import dev.msb.cli.commands.StartCommand;
import dev.msb.cli.commands.StopCommand;
import dev.msb.cli.commands.TouchCommand;
import dev.msb.cli.commands.WaitCommand;
import dev.msb.cli.words.Command;
import dev.msb.cli.words.CommandGroup;
import dev.msb.cli.words.Suggestion;
import dev.msb.cli.words.UsageException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// All commands: a new one has its place in [#GROUPS] and in [#command]. One is made only when it
/// is needed: the path of `exec` loads no other.
public final class Commands {
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

  public static List<String> names() {
    List<String> names = new ArrayList<>();
    for (Group group : GROUPS) {
      names.addAll(group.names);
    }
    return names;
  }

  public static Command named(String name) throws UsageException {
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
