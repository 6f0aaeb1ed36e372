package dev.msb.protocol;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// The payload of CONFIGURE.
final class ConfigurationCodec {
  private ConfigurationCodec() {}

  static GuestConfiguration read(PayloadReader in) throws ProtocolException {
    return GuestConfiguration.builder()
        .version(in.u16())
        .realtimeNanos(in.u64())
        .entropy(ByteBuffer.wrap(in.bytes()))
        .hostname(in.string())
        .machineId(in.string())
        .env(in.strings())
        .workingDirectory(in.string())
        .user(in.string())
        .mounts(mounts(in))
        .directories(in.strings())
        .build();
  }

  private static List<Mount> mounts(PayloadReader in) throws ProtocolException {
    long count = in.u32();
    if (count > Protocol.MAX_MOUNTS) {
      throw new ProtocolException(count + " mounts, more than " + Protocol.MAX_MOUNTS);
    }
    List<Mount> mounts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Mount mount =
          new Mount(
              Mount.Role.of(in.u8()),
              in.string(),
              in.string(),
              in.string(),
              flags(in.u8()),
              in.smallU32("tmpfs size"));
      check(mount);
      mounts.add(mount);
    }
    for (Mount.Role role : List.of(Mount.Role.ROOT, Mount.Role.UPPER)) {
      long number = mounts.stream().filter(mount -> mount.role() == role).count();
      if (number != 1) {
        throw new ProtocolException(number + " mounts in the role " + role);
      }
    }
    return mounts;
  }

  private static void check(Mount mount) throws ProtocolException {
    boolean inMemory = mount.device().isEmpty();
    boolean right =
        mount.type().isEmpty() == inMemory
            && (inMemory || mount.mebibytes() == 0)
            && mount.path().startsWith("/") == (mount.role() == Mount.Role.AT_PATH)
            && (mount.role() == Mount.Role.AT_PATH || mount.path().isEmpty())
            && (mount.role() != Mount.Role.ROOT || !inMemory)
            && (mount.role() != Mount.Role.UPPER || mount.flags().isEmpty());
    if (!right) {
      throw new ProtocolException("a mount whose fields do not fit each other");
    }
  }

  private static Set<Mount.Flag> flags(int bits) throws ProtocolException {
    Set<Mount.Flag> flags = new HashSet<>();
    int left = bits;
    for (Mount.Flag flag : Mount.Flag.values()) {
      if ((bits & flag.bit) != 0) {
        flags.add(flag);
        left &= ~flag.bit;
      }
    }
    if (left != 0) {
      throw new ProtocolException("mount flags " + bits + ", which do not exist");
    }
    return flags;
  }

  static void write(PayloadWriter out, GuestConfiguration configuration) {
    out.u16(configuration.version()).u64(configuration.realtimeNanos());
    out.blob(configuration.entropy());
    out.string(configuration.hostname()).string(configuration.machineId());
    out.strings(configuration.env());
    out.string(configuration.workingDirectory()).string(configuration.user());
    out.u32(configuration.mounts().size());
    for (Mount mount : configuration.mounts()) {
      int bits = 0;
      for (Mount.Flag flag : mount.flags()) {
        bits |= flag.bit;
      }
      out.u8(mount.role().number()).string(mount.device()).string(mount.type());
      out.string(mount.path()).u8(bits).u32(mount.mebibytes());
    }
    out.strings(configuration.directories());
  }
}
