package dev.msb.cli.commands;

import dev.msb.cli.words.Arguments;
import dev.msb.cli.words.UsageException;
import dev.msb.sdk.SandboxException;
import dev.msb.sdk.SandboxInfo;
import dev.msb.sdk.SandboxState;
import java.util.List;

/// The sandboxes that a command is for which looks at running ones.
final class RunningSandboxes {
  private RunningSandboxes() {}

  /// Those named; else those that run, and have the labels if some are given.
  static List<String> named(Arguments arguments, String command)
      throws UsageException, SandboxException {
    if (!arguments.positional().isEmpty()) {
      return Selection.some(arguments, command);
    }
    return Selection.list(arguments).stream()
        .filter(info -> info.state() == SandboxState.RUNNING)
        .map(SandboxInfo::name)
        .toList();
  }
}
