package dev.msb.supervisor;

import dev.msb.protocol.Mount;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The disks of a VM, each with its role, in the order in which QEMU is given them. Only here it is
/// known under which names the guest finds them.
///
/// @param all the root first, then the upper one if it is a disk, then volumes
/// @param upperMebibytes of the tmpfs that the guest writes to where there is no upper disk; 0 for
///   half the memory
record Disks(List<Disk> all, int upperMebibytes) {
  /// What a disk is to the guest.
  enum Role {
    /// The image, read-only.
    ROOT,
    /// The writable layer over it.
    UPPER,
    /// A file system at a path.
    VOLUME
  }

  /// A raw image file as a virtio block device.
  ///
  /// @param file null for a placeholder, which stands in its place while a template is made
  /// @param type of the file system on it
  /// @param path where the guest has it, of a volume; else empty
  record Disk(Role role, @Nullable Path file, Set<Mount.Flag> flags, String type, String path) {
    Disk {
      flags = Set.copyOf(flags);
    }

    static Disk root(Path file) {
      return new Disk(Role.ROOT, file, Set.of(Mount.Flag.READ_ONLY), "squashfs", "");
    }

    static Disk upper(Path file) {
      return new Disk(Role.UPPER, file, Set.of(), "ext4", "");
    }

    static Disk volume(Path file, String type, String path, Mount.Flag... flags) {
      return new Disk(Role.VOLUME, file, Set.of(flags), type, path);
    }

    boolean isReadOnly() {
      return flags.contains(Mount.Flag.READ_ONLY);
    }

    private Disk with(@Nullable Path other) {
      return new Disk(role, other, flags, type, path);
    }
  }

  /// As many as the machine has places for, beside the agent's port.
  private static final int MOST = 7;

  Disks {
    all = List.copyOf(all);
    if (all.size() > MOST) {
      throw new IllegalArgumentException(all.size() + " disks, more than " + MOST);
    }
    for (int i = 1; i < all.size(); i++) {
      if (all.get(i - 1).role().compareTo(all.get(i).role()) > 0) {
        throw new IllegalArgumentException("disks not in the order of their roles");
      }
    }
    if (number(all, Role.UPPER) > 1 || number(all, Role.ROOT) != Math.min(1, all.size())) {
      throw new IllegalArgumentException("disks without a root, or two in one role");
    }
  }

  /// Of a machine whose guest looks at no disk.
  static Disks none() {
    return new Disks(List.of(), 0);
  }

  private static long number(List<Disk> disks, Role role) {
    long number = 0;
    for (Disk disk : disks) {
      number += disk.role() == role ? 1 : 0;
    }
    return number;
  }

  /// The image.
  Disk root() {
    return all.getFirst();
  }

  private boolean hasUpper() {
    return all.size() > 1 && all.get(1).role() == Role.UPPER;
  }

  /// The name under which the guest finds one: virtio's disks are lettered in the order of QEMU's
  /// words.
  private static String device(int place) {
    return "/dev/vd" + (char) ('a' + place);
  }

  /// The same with nothing on any of them: others stand in their places.
  Disks placeholders() {
    List<Disk> others = new ArrayList<>();
    for (Disk disk : all) {
      others.add(disk.with(null));
    }
    return new Disks(others, upperMebibytes);
  }

  /// Those with which a guest mounts its root to be saved: the same image, another disk to write
  /// to, and no volume, which is one sandbox's alone.
  Disks toMountAhead(Path upper) {
    List<Disk> others = new ArrayList<>();
    for (Disk disk : all) {
      others.add(
          switch (disk.role()) {
            case ROOT -> disk;
            case UPPER -> disk.with(upper);
            case VOLUME -> disk.with(null);
          });
    }
    return new Disks(others, upperMebibytes);
  }

  /// What the kernel's command line says of the root that the agent mounts before it greets.
  String ahead() {
    String root = device(0) + "," + root().type();
    return hasUpper()
        ? root + "," + device(1) + "," + all.get(1).type() + ",0"
        : root + ",,," + upperMebibytes;
  }

  /// What the guest is told to mount: the root, what it writes to, then the volumes and these,
  /// parents first.
  List<Mount> mounts(List<Mount> tmpfs) {
    List<Mount> mounts = new ArrayList<>(tmpfs);
    for (int i = hasUpper() ? 2 : 1; i < all.size(); i++) {
      Disk disk = all.get(i);
      mounts.add(Mount.volume(device(i), disk.type(), disk.path(), disk.flags()));
    }
    mounts.sort(Comparator.comparing(Mount::path));
    mounts.add(0, Mount.root(device(0), root().type()));
    mounts.add(
        1,
        hasUpper()
            ? Mount.upper(device(1), all.get(1).type())
            : Mount.upperInMemory(upperMebibytes));
    return mounts;
  }
}
