package dev.msb.supervisor;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;

/// What a sandbox was created with: the file `config` of its directory.
///
/// @param image what it was made from
/// @param cpus virtual processors
/// @param memoryMebibytes memory of the VM
/// @param env `NAME=value` for every exec
/// @param workingDirectory of execs that name none, empty for /
/// @param user of execs that name none, empty for root
/// @param accelerator `auto`, `kvm` or `tcg`
/// @param machineId 32 hexadecimal digits, this sandbox's alone
/// @param createdMillis milliseconds since 1970
/// @param disk the writable disk: bytes, or `tmpfs:MEBIBYTES` for one in the VM's memory; empty for
///   the usual one
/// @param ephemeral whether it is removed when it stops
/// @param cold whether it boots afresh at each start, without a template
public record SandboxConfig(
    SandboxImage image,
    int cpus,
    int memoryMebibytes,
    List<String> env,
    String workingDirectory,
    String user,
    String accelerator,
    String machineId,
    long createdMillis,
    String disk,
    boolean ephemeral,
    boolean cold) {

  private static final String IN_MEMORY = "tmpfs:";

  boolean diskIsInMemory() {
    return disk.startsWith(IN_MEMORY);
  }

  /// The limit of a disk in memory; 0 for one that is not.
  int diskMebibytesInMemory() {
    return diskIsInMemory() ? Integer.parseInt(disk.substring(IN_MEMORY.length())) : 0;
  }

  /// Reads a file that [#write] made.
  ///
  /// @throws IOException if it cannot be read or is not complete
  static SandboxConfig read(Path file) throws IOException {
    Properties properties = new Properties();
    try (InputStream in = Files.newInputStream(file)) {
      properties.load(in);
    }
    try {
      return new SandboxConfig(
          new SandboxImage(
              value(properties, "image"),
              value(properties, "root"),
              list(properties, "entrypoint"),
              list(properties, "command"),
              value(properties, "stop-signal")),
          Integer.parseInt(value(properties, "cpus")),
          Integer.parseInt(value(properties, "memory")),
          list(properties, "env"),
          value(properties, "workdir"),
          value(properties, "user"),
          value(properties, "accelerator"),
          value(properties, "machine-id"),
          Long.parseLong(value(properties, "created")),
          value(properties, "disk"),
          Boolean.parseBoolean(value(properties, "ephemeral")),
          Boolean.parseBoolean(value(properties, "cold")));
    } catch (NumberFormatException e) {
      throw new IOException(file + " is damaged: " + e.getMessage(), e);
    }
  }

  void write(Path file) throws IOException {
    Properties properties = new Properties();
    properties.setProperty("image", image.name());
    properties.setProperty("root", image.rootDisk());
    put(properties, "entrypoint", image.entrypoint());
    put(properties, "command", image.command());
    properties.setProperty("stop-signal", image.stopSignal());
    properties.setProperty("cpus", Integer.toString(cpus));
    properties.setProperty("memory", Integer.toString(memoryMebibytes));
    properties.setProperty("workdir", workingDirectory);
    properties.setProperty("user", user);
    properties.setProperty("accelerator", accelerator);
    properties.setProperty("machine-id", machineId);
    properties.setProperty("created", Long.toString(createdMillis));
    properties.setProperty("disk", disk);
    properties.setProperty("ephemeral", Boolean.toString(ephemeral));
    properties.setProperty("cold", Boolean.toString(cold));
    put(properties, "env", env);
    PropertiesFile.write(file, properties);
  }

  private static void put(Properties properties, String key, List<String> values) {
    for (int i = 0; i < values.size(); i++) {
      properties.setProperty(key + "." + i, values.get(i));
    }
  }

  private static List<String> list(Properties properties, String key) throws IOException {
    List<String> values = new ArrayList<>();
    for (int i = 0; properties.containsKey(key + "." + i); i++) {
      values.add(value(properties, key + "." + i));
    }
    return values;
  }

  private static String value(Properties properties, String key) throws IOException {
    String value = properties.getProperty(key);
    if (value == null) {
      throw new IOException("the sandbox's config lacks " + key);
    }
    return value;
  }
}
