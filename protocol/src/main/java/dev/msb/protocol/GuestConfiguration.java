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
/// @param rootDevice block device of the read-only root
/// @param rootType its file system
/// @param upperDevice block device of the writable layer, empty for a tmpfs
/// @param upperType its file system
/// @param upperMebibytes size of that tmpfs, 0 for half the memory
/// @param tmpfs more of them, parents first
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
    String rootDevice,
    String rootType,
    String upperDevice,
    String upperType,
    int upperMebibytes,
    List<Tmpfs> tmpfs,
    List<String> directories) {

  /// A file system in the guest's memory.
  ///
  /// @param path where; made if it is not there
  /// @param mebibytes the most it holds, 0 for half the memory
  public record Tmpfs(String path, int mebibytes) {}
}
