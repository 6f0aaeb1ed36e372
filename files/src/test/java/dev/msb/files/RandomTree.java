package dev.msb.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/// Trees of random files, and what there is to compare of a tree.
final class RandomTree {
  private static final int MOST_BYTES = 300_000;

  private RandomTree() {}

  /// Fills a new directory.
  static void make(Path root, Random random, int entries) throws IOException {
    Files.createDirectory(root);
    fill(root, random, new int[] {entries}, 0);
  }

  private static void fill(Path directory, Random random, int[] left, int depth)
      throws IOException {
    int count = 1 + random.nextInt(12);
    for (int i = 0; i < count && left[0] > 0; i++) {
      left[0]--;
      Path path = directory.resolve(name(random, i));
      switch (random.nextInt(depth > 6 ? 3 : 5)) {
        case 0 -> Files.createSymbolicLink(path, Path.of(target(random)));
        case 1, 2 -> {
          Files.write(path, bytes(random));
          attributes(path, random);
        }
        default -> {
          Files.createDirectory(path);
          fill(path, random, left, depth + 1);
          attributes(path, random);
        }
      }
    }
    if (depth == 0 && left[0] > 0) {
      Path more = Files.createDirectory(directory.resolve("more" + left[0]));
      fill(more, random, left, 0);
    }
  }

  private static String name(Random random, int i) {
    String[] parts = {"a", " ", "\n", "-", "\u00fc", "\\", "'", "*", "\ud83d\ude00", ".", "x"};
    StringBuilder name = new StringBuilder("n" + i);
    int length = random.nextInt(10) == 0 ? 60 : random.nextInt(5);
    for (int j = 0; j < length; j++) {
      name.append(parts[random.nextInt(parts.length)]);
    }
    return name.toString();
  }

  private static String target(Random random) {
    return switch (random.nextInt(4)) {
      case 0 -> "../gone";
      case 1 -> "../../../no/such/place";
      case 2 -> ".";
      default -> "n0\n\u00fc";
    };
  }

  private static byte[] bytes(Random random) {
    int size =
        switch (random.nextInt(5)) {
          case 0 -> 0;
          case 1 -> 65_536 * random.nextInt(4);
          case 2 -> random.nextInt(MOST_BYTES);
          default -> random.nextInt(2000);
        };
    byte[] bytes = new byte[size];
    random.nextBytes(bytes);
    return bytes;
  }

  private static void attributes(Path path, Random random) throws IOException {
    Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
    for (PosixFilePermission permission : PosixFilePermission.values()) {
      if (random.nextBoolean()) {
        permissions.add(permission);
      }
    }
    permissions.add(PosixFilePermission.OWNER_READ);
    permissions.add(PosixFilePermission.OWNER_WRITE);
    permissions.add(PosixFilePermission.OWNER_EXECUTE);
    Files.setPosixFilePermissions(path, permissions);
    FileTime time =
        FileTime.from(Instant.ofEpochSecond(random.nextInt(), random.nextInt(1_000_000_000)));
    Files.getFileAttributeView(path, BasicFileAttributeView.class).setTimes(time, null, null);
  }

  /// All that is to survive a copy, by path.
  static Map<String, String> describe(Path root) throws IOException {
    return describe(root, 0);
  }

  /// The same, as it is after a copy under this umask.
  static Map<String, String> describe(Path root, int mask) throws IOException {
    Map<String, String> all = new TreeMap<>();
    try (Stream<Path> paths = Files.walk(root)) {
      for (Path path : (Iterable<Path>) paths::iterator) {
        all.put(root.relativize(path).toString(), describeOne(path, mask));
      }
    }
    return all;
  }

  private static String describeOne(Path path, int mask) throws IOException {
    if (Files.isSymbolicLink(path)) {
      return "link " + Files.readSymbolicLink(path);
    }
    int mode = (int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS) & 0777;
    String common =
        Integer.toOctalString(mode & ~mask)
            + " "
            + Files.getLastModifiedTime(path, LinkOption.NOFOLLOW_LINKS);
    if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
      return "directory " + common;
    }
    byte[] bytes = Files.readAllBytes(path);
    return "file " + common + " " + bytes.length + " " + java.util.Arrays.hashCode(bytes);
  }
}
