package dev.msb.cli;

import dev.msb.sdk.MemorySize;
import dev.msb.sdk.Sandbox;
import dev.msb.sdk.SandboxBuilder;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The options that shape a sandbox, shared by `create` and `run`.
final class SandboxOptions {
  private static final int MOST_CPUS = 64;

  private final EnvironmentOptions environment;
  private final @Nullable String image;
  private final int cpus;
  private final int mebibytes;
  private final String accelerator;
  private final boolean replace;

  static List<Option> options() {
    List<Option> options = new ArrayList<>();
    options.add(Option.value("name", 'n', "NAME", "its name; made up if none is given"));
    options.add(Option.value("cpus", 'c', "NUMBER", "virtual processors (1)"));
    options.add(Option.value("memory", 'm', "SIZE", "memory: 512M, 2G (512M)"));
    options.addAll(EnvironmentOptions.OPTIONS);
    options.add(Option.value("accel", '\0', "kvm|tcg|auto", "what runs the guest (auto)"));
    options.add(Option.flag("replace", '\0', "stop and remove one of the same name first"));
    return options;
  }

  SandboxOptions(Arguments arguments) throws UsageException {
    environment = new EnvironmentOptions(arguments);
    List<String> words = arguments.positional();
    if (words.size() > 1) {
      throw new UsageException("unexpected \"" + words.get(1) + "\": write the command after --");
    }
    image = words.isEmpty() ? null : words.getFirst();
    String cpuText = arguments.value("cpus");
    cpus = cpuText == null ? 1 : Values.integer("cpus", cpuText, 1, MOST_CPUS);
    String memory = arguments.value("memory");
    mebibytes = memory == null ? 512 : Values.mebibytes("memory", memory);
    String accel = arguments.value("accel");
    accelerator = accel == null ? "auto" : accel;
    replace = arguments.has("replace");
  }

  /// A builder of this shape.
  ///
  /// @throws IllegalArgumentException if the SDK finds a value out of range
  SandboxBuilder builder(String name) {
    SandboxBuilder builder = Sandbox.builder(name);
    if (image != null) {
      builder.image(image);
    }
    builder.cpus(cpus).memory(MemorySize.mebibytes(Math.max(1, mebibytes)));
    builder.accelerator(accelerator);
    if (replace) {
      builder.replace();
    }
    environment.applyTo(builder);
    return builder;
  }

  EnvironmentOptions environment() {
    return environment;
  }
}
