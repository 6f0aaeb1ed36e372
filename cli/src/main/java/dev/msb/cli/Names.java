package dev.msb.cli;

import dev.msb.home.Entropy;
import java.util.HexFormat;
import java.util.List;

/// Names of sandboxes on the command line.
final class Names {
  private Names() {}

  /// The one name that a command takes.
  static String one(Arguments arguments, String command) throws UsageException {
    List<String> words = arguments.positional();
    if (words.isEmpty()) {
      throw new UsageException(command + " needs the name of a sandbox");
    }
    if (words.size() > 1) {
      throw new UsageException("unexpected \"" + words.get(1) + "\": write the command after --");
    }
    return words.getFirst();
  }

  /// The names that a command takes, at least one.
  static List<String> some(Arguments arguments, String command) throws UsageException {
    if (arguments.positional().isEmpty()) {
      throw new UsageException(command + " needs the name of a sandbox");
    }
    return arguments.positional();
  }

  /// A name for a sandbox that was given none.
  static String madeUp() {
    return "msb-" + HexFormat.of().formatHex(Entropy.bytes(4));
  }
}
