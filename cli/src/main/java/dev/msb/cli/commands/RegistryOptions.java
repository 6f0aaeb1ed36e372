package dev.msb.cli.commands;

import dev.msb.cli.words.Arguments;
import dev.msb.cli.words.Option;
import dev.msb.sdk.RegistryAccess;
import java.nio.file.Path;
import java.util.List;

/// The options of commands that may ask a registry.
final class RegistryOptions {
  static final List<Option> OPTIONS =
      List.of(
          Option.flag("insecure", '\0', "take any certificate of the registry, or plain http"),
          Option.value("ca", '\0', "FILE", "trust the certificates in this PEM file, too"));

  private RegistryOptions() {}

  /// What they say.
  static RegistryAccess access(Arguments arguments) {
    RegistryAccess access = RegistryAccess.defaults();
    if (arguments.has("insecure")) {
      access = access.insecure();
    }
    String ca = arguments.value("ca");
    return ca == null ? access : access.caFile(Path.of(ca));
  }
}
