package dev.msb.image;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/// Describes all files below a directory, a line each, by path; bytes of paths are characters.
final class FileTree implements AutoCloseable {
  private final SortedMap<String, String> lines = new TreeMap<>();
  private final Map<String, String> firstNames = new HashMap<>();
  private final HostPaths host = new HostPaths();

  private FileTree() {}

  static SortedMap<String, String> of(Path top) throws IOException {
    try (FileTree tree = new FileTree()) {
      tree.walk(top, "");
      return tree.lines;
    }
  }

  /// Fails with the lines that differ, if any do.
  static void assertSame(String what, Map<String, String> actual, Map<String, String> expected) {
    StringBuilder differences = new StringBuilder();
    SortedSet<String> paths = new TreeSet<>(actual.keySet());
    paths.addAll(expected.keySet());
    for (String path : paths) {
      if (!Objects.equals(actual.get(path), expected.get(path))) {
        differences.append("\n").append(path).append("\n  is     ").append(actual.get(path));
        differences.append("\n  not    ").append(expected.get(path));
      }
    }
    if (!differences.isEmpty()) {
      throw new AssertionError(what + differences);
    }
  }

  private void walk(Path path, String name) throws IOException {
    Map<String, Object> attributes =
        Files.readAttributes(path, "unix:*", LinkOption.NOFOLLOW_LINKS);
    int mode = (int) value(attributes, "mode");
    StringBuilder line = new StringBuilder();
    line.append(String.format("%07o", mode));
    line.append(" owner=").append(value(attributes, "uid"));
    line.append(':').append(value(attributes, "gid"));
    FileTime time = (FileTime) value(attributes, "lastModifiedTime");
    line.append(" mtime=").append(Math.floorDiv(time.toMillis(), 1000));
    byte[] bytes = HostPaths.bytes(path);
    switch (mode & 0170000) {
      case 0100000 -> line.append(" sha=").append(Digest.of(Files.readAllBytes(path)).hex());
      case 0120000 -> line.append(" to=").append(new String(host.readLink(bytes), ISO_8859_1));
      case 0020000, 0060000 -> line.append(" device=").append(value(attributes, "rdev"));
      default -> {}
    }
    host.xattrs(bytes)
        .forEach((key, value) ->
            line.append(' ')
                .append(new String(key, ISO_8859_1))
                .append('=')
                .append(HexFormat.of().formatHex(value)));
    if ((mode & 0170000) == 0040000) {
      lines.put(name, line.toString());
      TreeMap<String, Path> children = new TreeMap<>();
      try (DirectoryStream<Path> entries = Files.newDirectoryStream(path)) {
        for (Path entry : entries) {
          String whole = new String(HostPaths.bytes(entry), ISO_8859_1);
          children.put(whole.substring(whole.lastIndexOf('/') + 1), entry);
        }
      }
      for (Map.Entry<String, Path> child : children.entrySet()) {
        walk(child.getValue(), name + "/" + child.getKey());
      }
      return;
    }
    String identity = value(attributes, "dev") + ":" + value(attributes, "ino");
    String first = firstNames.putIfAbsent(identity, name);
    lines.put(name, line + " as=" + (first == null ? name : first));
  }

  private static Object value(Map<String, Object> attributes, String key) {
    return Objects.requireNonNull(attributes.get(key));
  }

  @Override
  public void close() {
    host.close();
  }
}
