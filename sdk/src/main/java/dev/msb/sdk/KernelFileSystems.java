package dev.msb.sdk;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;

/// File systems that the kernel makes up: nobody's data, some of it without an end. The agent has
/// the same list by Linux's numbers (`files_walk.c`).
final class KernelFileSystems {
  private static final Set<String> TYPES =
      Set.of(
          "proc",
          "sysfs",
          "devtmpfs",
          "devpts",
          "cgroup",
          "cgroup2",
          "mqueue",
          "debugfs",
          "tracefs",
          "securityfs",
          "configfs",
          "bpf",
          "pstore",
          "efivarfs",
          "selinuxfs",
          "binfmt_misc",
          "fusectl",
          "fuse.lxcfs",
          "nsfs",
          "autofs",
          "rpc_pipefs",
          "hugetlbfs");

  private KernelFileSystems() {}

  /// Whether a directory, here or in a guest, is on one.
  static boolean has(Path directory) throws IOException {
    if (TYPES.contains(Files.getFileStore(directory).type())) {
      return true;
    }
    // A guest's devtmpfs, of which there is one, calls itself tmpfs.
    Path devices = directory.getFileSystem().getPath("/dev");
    return directory instanceof GuestPath && Files.isSameFile(directory, devices);
  }
}
