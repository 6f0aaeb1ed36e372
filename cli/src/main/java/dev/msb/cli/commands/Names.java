package dev.msb.cli.commands;

import dev.msb.cli.words.Arguments;
import dev.msb.cli.words.UsageException;
import dev.msb.sdk.Images;
import java.util.List;

/// Names of sandboxes and images on the command line.
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

  /// The names of images that a command takes, as Docker completes them.
  ///
  /// @throws IllegalArgumentException if one is no name of an image
  static List<String> images(List<String> words) {
    return words.stream().map(Images::nameOf).toList();
  }
}
