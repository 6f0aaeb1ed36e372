package dev.msb.cli.commands;

import dev.msb.cli.output.PullProgress;
import dev.msb.cli.process.EnvironmentOptions;
import dev.msb.cli.words.Arguments;
import dev.msb.cli.words.Option;
import dev.msb.cli.words.UsageException;
import dev.msb.cli.words.Values;
import dev.msb.sdk.ImageProgress;
import dev.msb.sdk.MemorySize;
import dev.msb.sdk.PullPolicy;
import dev.msb.sdk.Sandbox;
import dev.msb.sdk.SandboxBuilder;
import java.time.Duration;
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
  private final PullPolicy pull;
  private final Arguments arguments;
  private final ImageProgress progress;
  private final boolean cold;
  private final @Nullable Duration idleTimeout;
  private final @Nullable Duration maxDuration;

  static List<Option> options() {
    List<Option> options = new ArrayList<>();
    options.add(ConfFile.OPTION);
    options.add(Option.value("name", 'n', "NAME", "its name; made up if none is given"));
    options.add(Option.value("cpus", 'c', "NUMBER", "virtual processors (1)"));
    options.add(Option.value("memory", 'm', "SIZE", "memory: 512M, 2G (512M)"));
    options.addAll(EnvironmentOptions.OPTIONS);
    options.add(Option.value("accel", '\0', "kvm|tcg|auto", "what runs the guest (auto)"));
    options.add(
        Option.value(
            "disk", '\0', "SIZE", "writable disk: 10G; tmpfs or tmpfs:SIZE in memory (4G)"));
    options.add(Option.value("tmpfs", '\0', "PATH[:SIZE]", "a directory in memory; repeatable"));
    options.add(
        Option.value("script", '\0', "NAME=BODY", "a command of this name in PATH; repeatable"));
    options.add(LogOption.OPTION);
    options.add(Option.value("pull", '\0', "POLICY", "always, if-missing or never (if-missing)"));
    options.addAll(RegistryOptions.OPTIONS);
    options.add(Option.flag("cold", '\0', "boot afresh, not from a template"));
    options.add(Option.value("label", 'l', "NAME[=VALUE]", "to know it by; repeatable"));
    options.add(
        Option.value("idle-timeout", '\0', "DURATION", "stop it after this time without use"));
    options.add(
        Option.value("max-duration", '\0', "DURATION", "stop it this time after its start"));
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
    String policy = arguments.value("pull");
    pull = policy == null ? PullPolicy.IF_MISSING : PullPolicy.parse(policy);
    this.arguments = arguments;
    progress = PullProgress.of(arguments);
    cold = arguments.has("cold");
    idleTimeout = lifetime("idle-timeout", arguments);
    maxDuration = lifetime("max-duration", arguments);
  }

  private static @Nullable Duration lifetime(String option, Arguments arguments)
      throws UsageException {
    String text = arguments.value(option);
    if (text == null) {
      return null;
    }
    Duration duration = Values.duration(option, text);
    if (duration.isZero()) {
      throw new UsageException("--" + option + " 0 leaves no time to run");
    }
    return duration;
  }

  /// A builder of this shape.
  ///
  /// @param name null for one that is made up
  /// @throws IllegalArgumentException if the SDK finds a value out of range
  SandboxBuilder builder(@Nullable String name) throws UsageException {
    SandboxBuilder builder = name == null ? Sandbox.builder() : Sandbox.builder(name);
    if (image != null) {
      builder.image(image).pull(pull).imageProgress(progress);
      builder.registries(RegistryOptions.access(arguments));
    }
    String disk = arguments.value("disk");
    if (disk != null) {
      disk(builder, disk);
    }
    for (String tmpfs : arguments.all("tmpfs")) {
      tmpfs(builder, tmpfs);
    }
    for (String script : arguments.all("script")) {
      int equals = script.indexOf('=');
      if (equals < 0) {
        throw new UsageException("--script \"" + script + "\": write NAME=BODY");
      }
      builder.script(script.substring(0, equals), script.substring(equals + 1));
    }
    if (LogOption.output(arguments)) {
      builder.logOutput();
    }
    builder.cpus(cpus).memory(MemorySize.mebibytes(Math.max(1, mebibytes)));
    builder.accelerator(accelerator);
    if (replace) {
      builder.replace();
    }
    if (cold) {
      builder.cold();
    }
    if (idleTimeout != null) {
      builder.idleTimeout(idleTimeout);
    }
    if (maxDuration != null) {
      builder.maxDuration(maxDuration);
    }
    for (String label : arguments.all("label")) {
      int equals = label.indexOf('=');
      builder.label(
          equals < 0 ? label : label.substring(0, equals),
          equals < 0 ? "" : label.substring(equals + 1));
    }
    environment.applyTo(builder);
    return builder;
  }

  private static void tmpfs(SandboxBuilder builder, String text) throws UsageException {
    int colon = text.lastIndexOf(':');
    try {
      if (colon < 0) {
        builder.tmpfs(text);
      } else {
        int most = Values.mebibytes("tmpfs", text.substring(colon + 1));
        builder.tmpfs(text.substring(0, colon), MemorySize.mebibytes(Math.max(1, most)));
      }
    } catch (IllegalArgumentException e) {
      throw new UsageException("--tmpfs: " + e.getMessage());
    }
  }

  private void disk(SandboxBuilder builder, String text) throws UsageException {
    if (text.equals("tmpfs")) {
      builder.diskInMemory(MemorySize.mebibytes(Math.max(1, mebibytes / 2)));
    } else if (text.startsWith("tmpfs:")) {
      int most = Values.mebibytes("disk", text.substring("tmpfs:".length()));
      builder.diskInMemory(MemorySize.mebibytes(Math.max(1, most)));
    } else {
      builder.disk(MemorySize.mebibytes(Math.max(1, Values.mebibytes("disk", text))));
    }
  }

  /// Takes what a pull has drawn away.
  void endProgress() {
    PullProgress.end(progress);
  }

  EnvironmentOptions environment() {
    return environment;
  }
}
