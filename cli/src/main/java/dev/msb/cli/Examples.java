package dev.msb.cli;

import java.util.List;

/// An example or two of each command, for the help: among those of `docs/cli.md`, which a test
/// runs.
final class Examples {
  /// For the help of msb itself.
  static final List<String> ALL =
      List.of(
          "msb run -- echo 'hello from a microVM'",
          "msb create --name box",
          "echo turn1 | msb exec --stream box -- awk '{ print \"ack:\" $0; fflush() }'");

  private Examples() {}

  static List<String> of(String command) {
    return switch (command) {
      case "run" ->
          List.of("msb run -- echo 'hello from a microVM'", "msb run -m 1G -e MODE=test -- env");
      case "create" ->
          List.of(
              "msb create --name box",
              "msb create --name web -l team=red --log output --tmpfs /scratch:64M");
      case "exec" ->
          List.of(
              "msb exec box -- uname -sr",
              "echo turn1 | msb exec --stream box -- awk '{ print \"ack:\" $0; fflush() }'",
              "msb exec -it box -- tty",
              "msb exec -d box -- sleep 1000");
      case "attach" -> List.of("msb attach box/6; echo $?", "msb attach --watch box/6; echo $?");
      case "cp" -> List.of("msb cp /etc/hostname box:/tmp/", "msb cp box:/etc - | tar t");
      case "logs" -> List.of("msb logs web -n 10 --since 10m", "msb logs web --console");
      case "ps" -> List.of("msb ps", "msb ps --format json box");
      case "start" -> List.of("msb start box");
      case "stop" -> List.of("msb stop -t 30s box", "msb stop --label team=red");
      case "restart" -> List.of("msb restart box");
      case "kill" -> List.of("msb kill web");
      case "rm" -> List.of("msb rm -f web");
      case "rename" -> List.of("msb rename box old-box", "msb rename old-box box");
      case "modify" -> List.of("msb modify box -e MODE=prod -l team=blue --idle-timeout 10m");
      case "ls" -> List.of("msb ls", "msb ls --label team=red --format json");
      case "inspect" -> List.of("msb inspect box");
      case "metrics" -> List.of("msb metrics");
      case "events" -> List.of("msb events box >events.txt &");
      case "wait" -> List.of("msb wait web");
      case "ping" -> List.of("msb ping box");
      case "touch" -> List.of("msb touch box");
      case "pull" -> List.of("msb pull python:3.12");
      case "load" -> List.of("msb load -i image.tar");
      case "save" -> List.of("msb save python:3.12 -o image.tar");
      case "image" -> List.of("msb image ls", "msb image rm python:3.12", "msb image prune");
      case "registry" ->
          List.of("echo \"$TOKEN\" | msb registry login localhost:5000 -u me", "msb registry ls");
      case "doctor" -> List.of("msb doctor");
      case "man" -> List.of("msb man exec | man -l -", "msb man -o ~/.local/share/man/man1");
      case "completion" -> List.of("eval \"$(msb completion bash)\"");
      default -> List.of();
    };
  }
}
