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
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Properties;
import java.util.SequencedMap;
import java.util.Set;
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
/// @param flags how it is run
/// @param tmpfs file systems in memory, parents first
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
    Set<Flag> flags,
    List<Mount> tmpfs,
    Lifetime lifetime,
    SortedMap<String, String> labels) {

  /// When a sandbox ends by itself.
  ///
  /// @param idleMillis it stops after this time without use; 0 for never
  /// @param mostMillis it stops this time after its VM's start; 0 for never
  public record Lifetime(long idleMillis, long mostMillis) {}

  /// What a sandbox can be or not.
  public enum Flag {
    /// It boots afresh at each start, without a template.
    COLD("cold"),
    /// What execs write is kept in its log.
    LOG_OUTPUT("log-output"),
    /// It is removed when it stops.
    EPHEMERAL("ephemeral");

    private final String key;

    Flag(String key) {
      this.key = key;
    }
  }

  /// Where programs are looked for, if neither the image nor the user says.
  public static final String DEFAULT_PATH =
      "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  private static final String IN_MEMORY = "tmpfs:";
  private static final String LABEL = "label.";
  private static final int EXECVE_OVERHEAD_BYTES = 1 + 8; // the end, and the address
  private static final int MOST_VOLUMES_BYTES = 16 * 1024;

  public SandboxConfig {
    flags = Set.copyOf(flags);
  }

  public boolean has(Flag flag) {
    return flags.contains(flag);
  }

  /// One to be filled in.
  public static Builder builder(SandboxImage image) {
    return new Builder(image);
  }

  /// The same, to be changed.
  public Builder toBuilder() {
    Builder builder =
        new Builder(image)
            .cpus(cpus)
            .memoryMebibytes(memoryMebibytes)
            .env(env)
            .workingDirectory(workingDirectory)
            .user(user)
            .accelerator(accelerator)
            .machineId(machineId)
            .createdMillis(createdMillis)
            .disk(disk)
            .tmpfs(tmpfs)
            .lifetime(lifetime)
            .labels(labels);
    builder.flags.addAll(flags);
    return builder;
  }

  /// Fills one in, field by field.
  public static final class Builder {
    private final SandboxImage image;
    private final Set<Flag> flags = new HashSet<>();
    private int cpus = 1;
    private int memoryMebibytes = 512;
    private List<String> env = List.of();
    private String workingDirectory = "";
    private String user = "";
    private String accelerator = "auto";
    private String machineId = "";
    private long createdMillis;
    private String disk = "";
    private List<Mount> tmpfs = List.of();
    private Lifetime lifetime = new Lifetime(0, 0);
    private SortedMap<String, String> labels = new TreeMap<>();

    private Builder(SandboxImage image) {
      this.image = image;
    }

    public Builder cpus(int value) {
      cpus = value;
      return this;
    }

    public Builder memoryMebibytes(int value) {
      memoryMebibytes = value;
      return this;
    }

    public Builder env(List<String> value) {
      env = value;
      return this;
    }

    public Builder workingDirectory(String value) {
      workingDirectory = value;
      return this;
    }

    public Builder user(String value) {
      user = value;
      return this;
    }

    public Builder accelerator(String value) {
      accelerator = value;
      return this;
    }

    public Builder machineId(String value) {
      machineId = value;
      return this;
    }

    public Builder createdMillis(long value) {
      createdMillis = value;
      return this;
    }

    public Builder disk(String value) {
      disk = value;
      return this;
    }

    /// Sets a flag, or takes it away.
    public Builder flag(Flag flag, boolean on) {
      if (on) {
        flags.add(flag);
      } else {
        flags.remove(flag);
      }
      return this;
    }

    public Builder tmpfs(List<Mount> value) {
      tmpfs = value;
      return this;
    }

    public Builder lifetime(Lifetime value) {
      lifetime = value;
      return this;
    }

    public Builder labels(SortedMap<String, String> value) {
      labels = value;
      return this;
    }

    public SandboxConfig build() {
      return new SandboxConfig(
          image,
          cpus,
          memoryMebibytes,
          env,
          workingDirectory,
          user,
          accelerator,
          machineId,
          createdMillis,
          disk,
          flags,
          tmpfs,
          lifetime,
          labels);
    }
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
      Builder builder =
          builder(image(properties))
              .cpus(Integer.parseInt(value(properties, "cpus")))
              .memoryMebibytes(Integer.parseInt(value(properties, "memory")))
              .env(list(properties, "env"))
              .workingDirectory(value(properties, "workdir"))
              .user(value(properties, "user"))
              .accelerator(value(properties, "accelerator"))
              .machineId(value(properties, "machine-id"))
              .createdMillis(Long.parseLong(value(properties, "created")))
              .disk(value(properties, "disk"))
              .tmpfs(tmpfs(properties))
              .lifetime(
                  new Lifetime(
                      Long.parseLong(properties.getProperty("idle-timeout", "0")),
                      Long.parseLong(properties.getProperty("max-duration", "0"))))
              .labels(labels(properties));
      for (Flag flag : Flag.values()) {
        builder.flag(flag, Boolean.parseBoolean(properties.getProperty(flag.key, "false")));
      }
      return builder.build();
    } catch (NumberFormatException e) {
      throw new IOException(file + " is damaged: " + e.getMessage(), e);
    }
  }

  private static SandboxImage image(Properties properties) throws IOException {
    return new SandboxImage(
        value(properties, "image"),
        value(properties, "root"),
        list(properties, "entrypoint"),
        list(properties, "command"),
        value(properties, "stop-signal"),
        list(properties, "volume"));
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
    properties.setProperty("idle-timeout", Long.toString(lifetime.idleMillis));
    properties.setProperty("max-duration", Long.toString(lifetime.mostMillis));
    labels.forEach((name, value) -> properties.setProperty(LABEL + name, value));
    for (Flag flag : Flag.values()) {
      properties.setProperty(flag.key, Boolean.toString(has(flag)));
    }
    put(properties, "env", env);
    put(properties, "tmpfs", tmpfs.stream().map(t -> t.mebibytes() + " " + t.path()).toList());
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
