package dev.msb.cli.commands;

import dev.msb.cli.output.ExitCodes;
import dev.msb.cli.output.Output;
import dev.msb.cli.output.SandboxJson;
import dev.msb.cli.words.Arguments;
import dev.msb.cli.words.Command;
import dev.msb.cli.words.Format;
import dev.msb.cli.words.Option;
import dev.msb.cli.words.UsageException;
import dev.msb.sdk.SandboxEvent;
import dev.msb.sdk.SandboxEvents;
import dev.msb.sdk.SandboxException;
import java.util.List;

/// `msb events`: tells what happens to sandboxes, a line each, until it is interrupted.
public final class EventsCommand implements Command {
  @Override
  public String name() {
    return "events";
  }

  @Override
  public String synopsis() {
    return "[NAME...] [OPTIONS]";
  }

  @Override
  public String summary() {
    return "tell what happens to sandboxes from now on";
  }

  @Override
  public List<Option> options() {
    return List.of(Format.OPTION);
  }

  @Override
  public List<String> examples() {
    return List.of("msb events box >events.txt &");
  }

  @Override
  public int run(Arguments arguments) throws UsageException, SandboxException {
    boolean json = Format.isJson(arguments);
    List<String> names = arguments.positional();
    try (SandboxEvents events = SandboxEvents.follow()) {
      while (true) {
        SandboxEvent event = events.next();
        if (names.isEmpty() || names.contains(event.sandbox())) {
          if (json) {
            Output.print(SandboxJson.of(event) + "\n");
          } else {
            Output.printLine(event.toString());
          }
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return ExitCodes.OK;
    }
  }
}
