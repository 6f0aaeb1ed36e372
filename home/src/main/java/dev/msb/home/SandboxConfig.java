package dev.msb.home;

import dev.msb.protocol.Bytes;
import dev.msb.protocol.Mount;
import dev.msb.protocol.OneLine;
import dev.msb.protocol.Protocol;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Properties;
import java.util.SequencedMap;
import java.util.SortedMap;
import java.util.TreeMap;

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
/// @param cold whether it boots afresh at each start, without a template
/// @param tmpfs file systems in memory, parents first
/// @param logOutput whether what execs write is kept in the sandbox's log
/// @param lifetime when it ends by itself
/// @param labels what its users know it by
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
    boolean cold,
    List<Mount> tmpfs,
    boolean logOutput,
    Lifetime lifetime,
    SortedMap<String, String> labels) {

  /// When a sandbox ends by itself.
  ///
  /// @param ephemeral whether it is removed when it stops
  /// @param idleMillis it stops after this time without use; 0 for never
  /// @param mostMillis it stops this time after its VM's start; 0 for never
  public record Lifetime(boolean ephemeral, long idleMillis, long mostMillis) {}

  /// Where programs are looked for, if neither the image nor the user says.
  public static final String DEFAULT_PATH =
      "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  private static final String IN_MEMORY = "tmpfs:";
  private static final String LABEL = "label.";
  private static final int EXECVE_OVERHEAD_BYTES = 1 + 8; // the end, and the address
  private static final int MOST_VOLUMES_BYTES = 16 * 1024;

  /// The same with other variables, for what is changed after the creation.
  public SandboxConfig with(
      List<String> newEnv,
      String newWorkingDirectory,
      String newUser,
      boolean newLogOutput,
      Lifetime newLifetime,
      SortedMap<String, String> newLabels) {
    return new SandboxConfig(
        image,
        cpus,
        memoryMebibytes,
        newEnv,
        newWorkingDirectory,
        newUser,
        accelerator,
        machineId,
        createdMillis,
        disk,
        cold,
        tmpfs,
        newLogOutput,
        newLifetime,
        newLabels);
  }

  /// What every exec's environment begins with: a PATH in any case, and of each variable the last
  /// of its values, as those of the user come after those of the image.
  public List<String> environment() {
    SequencedMap<String, String> variables = new LinkedHashMap<>();
    variables.put("PATH", "PATH=" + DEFAULT_PATH);
    for (String variable : env) {
      variables.put(variable.substring(0, Math.max(0, variable.indexOf('='))), variable);
    }
    return List.copyOf(variables.values());
  }

  /// What is made in the guest where it is missing: the directory of execs that name none, and
  /// those that the image wants to have.
  public List<String> directories() {
    List<String> directories = new ArrayList<>();
    if (!workingDirectory.isEmpty()) {
      directories.add(workingDirectory);
    }
    directories.addAll(image.volumes());
    return directories;
  }

  /// Looks whether Linux and the protocol can take what the guest is to be told.
  ///
  /// @throws IOException if they cannot; the message names what is too long, and how long it may be
  public void check() throws IOException {
    long sum = 0;
    for (String variable : environment()) {
      int bytes = Bytes.of(variable).length;
      sum += bytes + EXECVE_OVERHEAD_BYTES;
      if (bytes > Protocol.MAX_STRING_BYTES) {
        throw tooLong(
            "the variable " + OneLine.of(variable.substring(0, variable.indexOf('=')), 80),
            bytes,
            Protocol.MAX_STRING_BYTES);
      }
    }
    if (sum > Protocol.MAX_ENVIRONMENT_BYTES) {
      throw tooLong("the environment", sum, Protocol.MAX_ENVIRONMENT_BYTES);
    }
    check("the user", user, Protocol.MAX_USER_BYTES);
    check("the working directory", workingDirectory, Protocol.MAX_PATH_BYTES);
    int volumes = 0;
    for (String volume : image.volumes()) {
      check("a volume of the image", volume, Protocol.MAX_PATH_BYTES);
      volumes += Bytes.of(volume).length + 4;
    }
    if (volumes > MOST_VOLUMES_BYTES) {
      throw tooLong("all volumes of the image", volumes, MOST_VOLUMES_BYTES);
    }
  }

  private static void check(String what, String text, int most) throws IOException {
    int bytes = Bytes.excess(text, most);
    if (bytes > 0) {
      throw tooLong(what, bytes, most);
    }
  }

  private static IOException tooLong(String what, long bytes, int most) {
    return new IOException(
        what + " takes " + bytes + " bytes, more than the " + most + " possible");
  }

  public boolean diskIsInMemory() {
    return disk.startsWith(IN_MEMORY);
  }

  /// The limit of a disk in memory; 0 for one that is not.
  public int diskMebibytesInMemory() {
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
              value(properties, "stop-signal"),
              list(properties, "volume")),
          Integer.parseInt(value(properties, "cpus")),
          Integer.parseInt(value(properties, "memory")),
          list(properties, "env"),
          value(properties, "workdir"),
          value(properties, "user"),
          value(properties, "accelerator"),
          value(properties, "machine-id"),
          Long.parseLong(value(properties, "created")),
          value(properties, "disk"),
          Boolean.parseBoolean(value(properties, "cold")),
          tmpfs(properties),
          Boolean.parseBoolean(properties.getProperty("log-output", "false")),
          new Lifetime(
              Boolean.parseBoolean(value(properties, "ephemeral")),
              Long.parseLong(properties.getProperty("idle-timeout", "0")),
              Long.parseLong(properties.getProperty("max-duration", "0"))),
          labels(properties));
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
    put(properties, "volume", image.volumes());
    properties.setProperty("cpus", Integer.toString(cpus));
    properties.setProperty("memory", Integer.toString(memoryMebibytes));
    properties.setProperty("workdir", workingDirectory);
    properties.setProperty("user", user);
    properties.setProperty("accelerator", accelerator);
    properties.setProperty("machine-id", machineId);
    properties.setProperty("created", Long.toString(createdMillis));
    properties.setProperty("disk", disk);
    properties.setProperty("ephemeral", Boolean.toString(lifetime.ephemeral));
    properties.setProperty("idle-timeout", Long.toString(lifetime.idleMillis));
    properties.setProperty("max-duration", Long.toString(lifetime.mostMillis));
    labels.forEach((name, value) -> properties.setProperty(LABEL + name, value));
    properties.setProperty("cold", Boolean.toString(cold));
    put(properties, "env", env);
    put(properties, "tmpfs", tmpfs.stream().map(t -> t.mebibytes() + " " + t.path()).toList());
    properties.setProperty("log-output", Boolean.toString(logOutput));
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

  private static List<Mount> tmpfs(Properties properties) throws IOException {
    List<Mount> tmpfs = new ArrayList<>();
    for (String text : list(properties, "tmpfs")) {
      int space = text.indexOf(' ');
      tmpfs.add(
          Mount.tmpfs(
              text.substring(space + 1), Integer.parseInt(text.substring(0, Math.max(0, space)))));
    }
    return tmpfs;
  }

  private static SortedMap<String, String> labels(Properties properties) {
    SortedMap<String, String> labels = new TreeMap<>();
    for (String key : properties.stringPropertyNames()) {
      if (key.startsWith(LABEL)) {
        labels.put(key.substring(LABEL.length()), properties.getProperty(key));
      }
    }
    return labels;
  }

  private static String value(Properties properties, String key) throws IOException {
    String value = properties.getProperty(key);
    if (value == null) {
      throw new IOException("the sandbox's config lacks " + key);
    }
    return value;
  }
}
