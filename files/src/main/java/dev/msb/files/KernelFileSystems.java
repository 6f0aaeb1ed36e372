package dev.msb.files;

import java.io.IOException;
import java.nio.file.FileSystemException;
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
          "hugetlbfs",
          "resctrl");

  private KernelFileSystems() {}

  /// Whether a directory, here or in a guest, is on one. In a chroot of ours nobody can tell.
  static boolean has(Path directory) throws IOException {
    if (!(directory instanceof GuestPath)) {
      return TYPES.contains(typeHere(directory));
    }
    if (TYPES.contains(Files.getFileStore(directory).type())) {
      return true;
    }
    // A guest's devtmpfs, of which there is one, calls itself tmpfs.
    return Files.isSameFile(directory, directory.getFileSystem().getPath("/dev"));
  }

  private static String typeHere(Path directory) throws IOException {
    try {
      return Files.getFileStore(directory).type();
    } catch (FileSystemException e) {
      throw e;
    } catch (IOException e) {
      return ""; // where mount points are not known
    }
  }
}
