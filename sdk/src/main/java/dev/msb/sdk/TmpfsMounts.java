package dev.msb.sdk;

import dev.msb.protocol.Mount;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/// The places in a guest where a tmpfs is wanted.
final class TmpfsMounts {
  private static final int MOST = 32;
  private static final int LONGEST_PATH = 1024;

  /// The kernel's own.
  private static final List<String> TAKEN = List.of("/proc", "/sys", "/dev");

  private final SortedMap<String, Integer> mounts = new TreeMap<>();

  /// @param mebibytes 0 for half of the memory
  void add(String path, int mebibytes) {
    check(path);
    if (mounts.put(path, mebibytes) != null) {
      throw new IllegalArgumentException("two tmpfs at " + path);
    }
    if (mounts.size() > MOST) {
      throw new IllegalArgumentException("more than " + MOST + " tmpfs");
    }
  }

  private static void check(String path) {
    boolean plain = path.startsWith("/") && path.length() > 1 && path.length() <= LONGEST_PATH;
    for (String part : path.substring(Math.min(1, path.length())).split("/", -1)) {
      plain &= !part.isEmpty() && !part.equals(".") && !part.equals("..");
    }
    if (!plain || path.chars().anyMatch(Character::isISOControl)) {
      throw new IllegalArgumentException(
          "tmpfs at \"" + path + "\": use an absolute path without empty parts, . and ..");
    }
    for (String taken : TAKEN) {
      if ((path + "/").startsWith(taken + "/") && !path.equals("/dev/shm")) {
        throw new IllegalArgumentException("tmpfs at " + path + ": " + taken + " is the kernel's");
      }
    }
  }

  static List<String> shown(List<Mount> mounts) {
    return mounts.stream()
        .map(t -> t.path() + (t.mebibytes() == 0 ? "" : ":" + t.mebibytes() + "M"))
        .toList();
  }

  /// Parents first.
  List<Mount> inOrder() {
    List<Mount> inOrder = new ArrayList<>();
    mounts.forEach((path, mebibytes) -> inOrder.add(Mount.tmpfs(path, mebibytes)));
    return List.copyOf(inOrder);
  }
}
