package dev.msb.image;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What layers come to, computed the plain way: all paths in one map. Slow, and independent of the
/// tree that it judges.
final class LayerModel {
  /// An inode.
  static final class Node {
    final String type;

    /// As [FileTree] describes it, but for its names.
    final String line;

    final String target;

    Node(String type, String line, String target) {
      this.type = type;
      this.line = line;
      this.target = target;
    }
  }

  private static final Node IMPLIED = new Node("directory", "0040755 owner=0:0 mtime=0", "");

  private final TreeMap<String, Node> nodes = new TreeMap<>();
  private final Set<String> touched = new HashSet<>();

  LayerModel() {
    nodes.put("", IMPLIED);
  }

  void nextLayer() {
    touched.clear();
  }

  /// Where a path is: its parents' symlinks followed, itself not. Null if it cannot be there.
  @Nullable String place(String path) {
    int slash = path.lastIndexOf('/');
    String parent = follow(path.substring(0, slash), 0);
    if (parent == null) {
      return null;
    }
    for (String above = parent;
        !above.isEmpty();
        above = above.substring(0, above.lastIndexOf('/'))) {
      Node node = nodes.get(above);
      if (node != null && !node.type.equals("directory")) {
        return null;
      }
    }
    return parent + path.substring(slash);
  }

  private @Nullable String follow(String path, int depth) {
    if (depth > 200) {
      return null;
    }
    String at = "";
    String[] names = path.split("/");
    for (int i = 0; i < names.length; i++) {
      String name = names[i];
      if (name.isEmpty() || name.equals(".")) {
        continue;
      }
      if (name.equals("..")) {
        at = at.isEmpty() ? "" : at.substring(0, at.lastIndexOf('/'));
        continue;
      }
      Node node = nodes.get(at + "/" + name);
      if (node != null && node.type.equals("symlink")) {
        String rest = String.join("/", List.of(names).subList(i + 1, names.length));
        String base = node.target.startsWith("/") ? "" : at;
        return follow(base + "/" + node.target + "/" + rest, depth + 1);
      }
      at += "/" + name;
    }
    return at;
  }

  void put(String place, Node node) {
    Node old = nodes.get(place);
    if (old == null || !old.type.equals("directory") || !node.type.equals("directory")) {
      remove(place);
    }
    nodes.put(place, node);
    for (String at = place; !at.isEmpty(); ) {
      touched.add(at);
      at = at.substring(0, at.lastIndexOf('/'));
      nodes.putIfAbsent(at, IMPLIED);
    }
  }

  void link(String place, String target) {
    Node node = nodes.get(target);
    if (node == null) {
      throw new IllegalArgumentException(target);
    }
    put(place, node);
  }

  void whiteOut(String place, boolean itself) {
    for (String path : below(place)) {
      if (!touched.contains(path) && (itself || !path.equals(place))) {
        remove(path);
      }
    }
  }

  /// All that can be linked to.
  List<String> files() {
    return nodes.entrySet().stream()
        .filter(entry -> !entry.getValue().type.equals("directory"))
        .map(Map.Entry::getKey)
        .toList();
  }

  Map<String, String> lines() {
    IdentityHashMap<Node, String> firstNames = new IdentityHashMap<>();
    Map<String, String> lines = new TreeMap<>();
    walk("", firstNames, lines);
    return lines;
  }

  /// In the order of [FileTree], by names and not by whole paths.
  private void walk(
      String path, IdentityHashMap<Node, String> firstNames, Map<String, String> lines) {
    Node node = Objects.requireNonNull(nodes.get(path));
    if (!node.type.equals("directory")) {
      String first = firstNames.putIfAbsent(node, path);
      lines.put(path, node.line + " as=" + (first == null ? path : first));
      return;
    }
    lines.put(path, node.line);
    for (String child : below(path)) {
      if (child.length() > path.length() && child.indexOf('/', path.length() + 1) < 0) {
        walk(child, firstNames, lines);
      }
    }
  }

  private void remove(String place) {
    below(place).forEach(nodes::remove);
  }

  private List<String> below(String place) {
    List<String> paths = new ArrayList<>();
    for (String path : nodes.tailMap(place, true).keySet()) {
      if (path.equals(place) || path.startsWith(place + "/")) {
        paths.add(path);
      } else if (!path.startsWith(place)) {
        break;
      }
    }
    return paths;
  }
}
