package dev.msb.cli.commands;

import dev.msb.cli.words.Arguments;
import dev.msb.cli.words.Option;
import dev.msb.cli.words.UsageException;
import dev.msb.sdk.Sandbox;
import dev.msb.sdk.SandboxException;
import dev.msb.sdk.SandboxInfo;
import java.util.ArrayList;
import java.util.List;

/// The sandboxes that a command is for: those named, or those with all labels of `--label`.
final class Selection {
  static final Option LABEL =
      Option.value("label", 'l', "NAME[=VALUE]", "sandboxes with this label; repeatable");

  private Selection() {}

  /// The names, at least one unless labels choose.
  static List<String> some(Arguments arguments, String command)
      throws UsageException, SandboxException {
    if (arguments.all("label").isEmpty()) {
      return Names.some(arguments, command);
    }
    if (!arguments.positional().isEmpty()) {
      throw new UsageException(command + " takes names or --label, not both");
    }
    return list(arguments).stream().map(SandboxInfo::name).toList();
  }

  /// All sandboxes that the labels choose.
  static List<SandboxInfo> list(Arguments arguments) throws SandboxException {
    List<SandboxInfo> chosen = new ArrayList<>();
    for (SandboxInfo info : Sandbox.list()) {
      if (arguments.all("label").stream().allMatch(label -> has(info, label))) {
        chosen.add(info);
      }
    }
    return chosen;
  }

  private static boolean has(SandboxInfo info, String label) {
    int equals = label.indexOf('=');
    return equals < 0
        ? info.labels().containsKey(label)
        : label.substring(equals + 1).equals(info.labels().get(label.substring(0, equals)));
  }
}
