package dev.msb.protocol;

import java.util.Set;

/// A file system that the guest is told to mount.
///
/// @param role what it is to the guest
/// @param device the block device; empty for a tmpfs
/// @param type of the file system on the device; empty for a tmpfs
/// @param path where it is mounted, made if it is not there; empty of the root and the upper layer
/// @param flags how
/// @param mebibytes the most that a tmpfs holds, 0 for half the memory
public record Mount(
    Role role, String device, String type, String path, Set<Flag> flags, int mebibytes) {
  /// What a file system is to the guest.
  public enum Role {
    /// The image. It is not written to.
    ROOT(1),
    /// The writable layer over it.
    UPPER(2),
    /// One more, at a path.
    AT_PATH(3);

    private final int number;

    Role(int number) {
      this.number = number;
    }

    /// The number in a frame.
    public int number() {
      return number;
    }

    static Role of(int number) throws ProtocolException {
      for (Role role : values()) {
        if (role.number == number) {
          return role;
        }
      }
      throw new ProtocolException("a mount in role " + number + ", which does not exist");
    }
  }

  /// How a file system is mounted.
  public enum Flag {
    /// It cannot be written to.
    READ_ONLY(1);

    final int bit;

    Flag(int bit) {
      this.bit = bit;
    }
  }

  public Mount {
    flags = Set.copyOf(flags);
  }

  /// The image.
  public static Mount root(String device, String type) {
    return new Mount(Role.ROOT, device, type, "", Set.of(Flag.READ_ONLY), 0);
  }

  /// The writable layer, on a disk.
  public static Mount upper(String device, String type) {
    return new Mount(Role.UPPER, device, type, "", Set.of(), 0);
  }

  /// The writable layer, in memory.
  ///
  /// @param mebibytes 0 for half the memory
  public static Mount upperInMemory(int mebibytes) {
    return new Mount(Role.UPPER, "", "", "", Set.of(), mebibytes);
  }

  /// A disk of its own.
  public static Mount volume(String device, String type, String path, Set<Flag> flags) {
    return new Mount(Role.AT_PATH, device, type, path, flags, 0);
  }

  /// A file system in memory.
  ///
  /// @param mebibytes 0 for half the memory
  public static Mount tmpfs(String path, int mebibytes) {
    return new Mount(Role.AT_PATH, "", "", path, Set.of(), mebibytes);
  }
}
