package dev.msb.supervisor;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;

/// What a sandbox was created with: the file `config` of its directory.
///
/// @param image `busybox` for the built-in one, else the absolute path of a squashfs file
/// @param cpus virtual processors
/// @param memoryMebibytes memory of the VM
/// @param env `NAME=value` for every exec
/// @param workingDirectory of execs that name none, empty for /
/// @param user of execs that name none, empty for root
/// @param accelerator `auto`, `kvm` or `tcg`
/// @param machineId 32 hexadecimal digits, this sandbox's alone
/// @param createdMillis milliseconds since 1970
/// @param ephemeral whether it is removed when it stops
public record SandboxConfig(
    String image,
    int cpus,
    int memoryMebibytes,
    List<String> env,
    String workingDirectory,
    String user,
    String accelerator,
    String machineId,
    long createdMillis,
    boolean ephemeral) {

  /// Reads a file that [#write] made.
  ///
  /// @throws IOException if it cannot be read or is not complete
  static SandboxConfig read(Path file) throws IOException {
    Properties properties = new Properties();
    try (InputStream in = Files.newInputStream(file)) {
      properties.load(in);
    }
    try {
      List<String> env = new ArrayList<>();
      for (int i = 0; properties.containsKey("env." + i); i++) {
        env.add(value(properties, "env." + i));
      }
      return new SandboxConfig(
          value(properties, "image"),
          Integer.parseInt(value(properties, "cpus")),
          Integer.parseInt(value(properties, "memory")),
          env,
          value(properties, "workdir"),
          value(properties, "user"),
          value(properties, "accelerator"),
          value(properties, "machine-id"),
          Long.parseLong(value(properties, "created")),
          Boolean.parseBoolean(value(properties, "ephemeral")));
    } catch (NumberFormatException e) {
      throw new IOException(file + " is damaged: " + e.getMessage(), e);
    }
  }

  void write(Path file) throws IOException {
    Properties properties = new Properties();
    properties.setProperty("image", image);
    properties.setProperty("cpus", Integer.toString(cpus));
    properties.setProperty("memory", Integer.toString(memoryMebibytes));
    properties.setProperty("workdir", workingDirectory);
    properties.setProperty("user", user);
    properties.setProperty("accelerator", accelerator);
    properties.setProperty("machine-id", machineId);
    properties.setProperty("created", Long.toString(createdMillis));
    properties.setProperty("ephemeral", Boolean.toString(ephemeral));
    for (int i = 0; i < env.size(); i++) {
      properties.setProperty("env." + i, env.get(i));
    }
    try (OutputStream out = Files.newOutputStream(file)) {
      properties.store(out, null);
    }
  }

  private static String value(Properties properties, String key) throws IOException {
    String value = properties.getProperty(key);
    if (value == null) {
      throw new IOException("the sandbox's config lacks " + key);
    }
    return value;
  }
}
