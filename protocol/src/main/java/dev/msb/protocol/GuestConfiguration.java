package dev.msb.protocol;

import java.nio.ByteBuffer;
import java.util.List;

/// What CONFIGURE tells the agent.
///
/// @param version of the protocol, from the range in READY
/// @param realtimeNanos the time, nanoseconds since 1970
/// @param entropy 64 random bytes
/// @param hostname of the guest
/// @param machineId 32 hexadecimal digits
/// @param env of every exec, `NAME=value`
/// @param workingDirectory of execs that name none
/// @param user of execs that name none
/// @param mounts one root, one upper layer, and others, parents first
/// @param directories made where they are missing
public record GuestConfiguration(
    int version,
    long realtimeNanos,
    ByteBuffer entropy,
    String hostname,
    String machineId,
    List<String> env,
    String workingDirectory,
    String user,
    List<Mount> mounts,
    List<String> directories) {

  /// One to be filled in, of this version of the protocol: without entropy, names and mounts.
  public static Builder builder() {
    return new Builder();
  }

  /// The same, to be changed.
  public Builder toBuilder() {
    return new Builder()
        .version(version)
        .realtimeNanos(realtimeNanos)
        .entropy(entropy)
        .hostname(hostname)
        .machineId(machineId)
        .env(env)
        .workingDirectory(workingDirectory)
        .user(user)
        .mounts(mounts)
        .directories(directories);
  }

  /// Fills one in, field by field.
  public static final class Builder {
    private int version = Protocol.VERSION;
    private long realtimeNanos;
    private ByteBuffer entropy = ByteBuffer.allocate(0);
    private String hostname = "";
    private String machineId = "";
    private List<String> env = List.of();
    private String workingDirectory = "";
    private String user = "";
    private List<Mount> mounts = List.of();
    private List<String> directories = List.of();

    private Builder() {}

    public Builder version(int value) {
      version = value;
      return this;
    }

    public Builder realtimeNanos(long value) {
      realtimeNanos = value;
      return this;
    }

    public Builder entropy(ByteBuffer value) {
      entropy = value;
      return this;
    }

    public Builder hostname(String value) {
      hostname = value;
      return this;
    }

    public Builder machineId(String value) {
      machineId = value;
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

    public Builder mounts(List<Mount> value) {
      mounts = value;
      return this;
    }

    public Builder directories(List<String> value) {
      directories = value;
      return this;
    }

    public GuestConfiguration build() {
      return new GuestConfiguration(
          version,
          realtimeNanos,
          entropy,
          hostname,
          machineId,
          env,
          workingDirectory,
          user,
          mounts,
          directories);
    }
  }
}
