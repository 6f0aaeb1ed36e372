package dev.msb.cli;

import java.util.List;

/// All commands. One is made only when it is needed: the path of `exec` loads no other.
final class Commands {
  private static final List<String> NAMES =
      List.of(
          "run",
          "create",
          "exec",
          "attach",
          "cp",
          "logs",
          "start",
          "stop",
          "restart",
          "kill",
          "rm",
          "ls",
          "ps",
          "inspect",
          "metrics",
          "events",
          "wait",
          "ping",
          "touch",
          "modify",
          "rename",
          "pull",
          "load",
          "save",
          "image",
          "registry",
          "doctor");

  private Commands() {}

  static List<String> names() {
    return NAMES;
  }

  static Command named(String name) throws UsageException {
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
      default -> {
        String near = Suggestion.nearest(name, NAMES);
        throw new UsageException(
            "unknown command \""
                + name
                + "\""
                + (near.isEmpty() ? "; see msb --help" : "; did you mean " + near + "?"));
      }
    };
  }
}
