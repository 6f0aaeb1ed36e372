package dev.msb.archive;

import dev.msb.archive.Inode.Directory;
import dev.msb.archive.Inode.Symlink;
import dev.msb.archive.Name.HardLink;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The root that grows as layers are laid over each other.
///
/// A path is looked up as a process with this root would do it, but for its last name, which is
/// never followed: a symlink to `/etc` in the place of a directory leads to the root's own `etc`,
/// and `..` ends at the root. Nothing here touches the host's files.
public final class Tree {
  private static final int NAME_BYTES = 255;

  // As many as programs that unpack images allow; the kernel allows 40.
  private static final int MAX_LINKS = 255;

  // Links to long paths of links could otherwise make one look-up take minutes.
  private static final int MAX_STEPS = 16 * 1024;

  private final Directory root = Directory.implied();
  private final TreeLimits limits;
  private int layer = 1;

  /// An empty root.
  public Tree(TreeLimits limits) {
    this.limits = limits;
  }

  /// The root with all that is in it.
  public Directory root() {
    return root;
  }

  /// Entries from now on lie over those that are there.
  public void nextLayer() {
    layer++;
  }

  /// Puts an inode at a path. A directory over a directory keeps what it holds and takes the new
  /// metadata; else what was there is gone. Parents that are missing are made.
  ///
  /// @param path names from the root, without `.` and `..`
  public void put(List<byte[]> path, Inode inode) throws IOException {
    if (path.isEmpty()) {
      if (!(inode instanceof Directory)) {
        throw new ArchiveException("the root must be a directory");
      }
      root.takeMetadata(inode);
      return;
    }
    Directory parent = parent(path);
    if (inode instanceof Directory
        && parent.children.get(path.getLast()) instanceof Directory there) {
      there.takeMetadata(inode);
      there.layer = layer;
    } else {
      put(parent, path.getLast(), inode);
    }
  }

  /// Gives the inode at `target` one more name.
  public void link(List<byte[]> path, List<byte[]> target) throws IOException {
    if (path.isEmpty()) {
      throw new ArchiveException("the root must be a directory");
    }
    Directory parent = parent(path);
    // First, as those do who remove and link: a link to itself, or into what it replaces, is
    // broken.
    parent.children.remove(path.getLast());
    Name name = null;
    if (!target.isEmpty()) {
      List<Place> places = resolve(target.subList(0, target.size() - 1));
      Inode directory = places.isEmpty() ? root : places.getLast().inode;
      name = directory instanceof Directory d ? d.children.get(target.getLast()) : null;
    }
    if (name == null && !target.isEmpty()) {
      throw new ArchiveException("it is a hard link to " + show(target) + ", which does not exist");
    }
    if (name == null || name instanceof Directory) {
      throw new ArchiveException("it is a hard link to " + show(target) + ", which is a directory");
    }
    put(parent, path.getLast(), new HardLink(name.inode()));
  }

  /// Hides what lower layers have at a path, if they have something.
  public void whiteOut(List<byte[]> path) throws ArchiveException {
    if (find(path.subList(0, path.size() - 1)) instanceof Directory parent) {
      Name name = parent.children.get(path.getLast());
      if (name != null && isHidden(name)) {
        parent.children.remove(path.getLast());
      }
    }
  }

  /// Hides what lower layers have in a directory.
  public void whiteOutContents(List<byte[]> path) throws ArchiveException {
    if (find(path) instanceof Directory directory) {
      hideLower(directory);
    }
  }

  /// Whether a name goes as a whole; if this layer has put something below it, only the rest goes.
  private boolean isHidden(Name name) {
    if (name.layer != layer) {
      return true;
    }
    if (name instanceof Directory directory) {
      hideLower(directory);
    }
    return false;
  }

  private void hideLower(Directory directory) {
    if (directory.hiddenIn == layer) {
      return;
    }
    directory.hiddenIn = layer;
    for (Iterator<Name> names = directory.children.values().iterator(); names.hasNext(); ) {
      if (isHidden(names.next())) {
        names.remove();
      }
    }
  }

  private void put(Directory parent, byte[] name, Name what) throws IOException {
    if (name.length > NAME_BYTES) {
      throw new ArchiveException(
          "it has a name of " + name.length + " bytes, more than the " + NAME_BYTES + " possible");
    }
    for (byte b : name) {
      if (b == 0) {
        throw new ArchiveException("it has a zero byte in its name");
      }
    }
    limits.metadata(name.length);
    what.layer = layer;
    parent.children.put(name, what);
  }

  /// The directory that holds the last name of a path, made if it is missing.
  private Directory parent(List<byte[]> path) throws IOException {
    List<Place> places = resolve(path.subList(0, path.size() - 1));
    limits.depth(places.size());
    Directory directory = root;
    for (int i = 0; i < places.size(); i++) {
      Inode inode = places.get(i).inode;
      if (inode == null) {
        limits.entry();
        inode = Directory.implied();
        put(directory, places.get(i).name, inode);
      }
      if (!(inode instanceof Directory next)) {
        List<byte[]> names = places.subList(0, i + 1).stream().map(place -> place.name).toList();
        throw new ArchiveException("it lies below " + show(names) + ", which is not a directory");
      }
      directory = next;
      directory.layer = layer;
    }
    return directory;
  }

  private @Nullable Inode find(List<byte[]> path) throws ArchiveException {
    List<Place> places = resolve(path);
    return places.isEmpty() ? root : places.getLast().inode;
  }

  /// A name on a path that has no symlinks any more, and what is there.
  private static final class Place {
    final byte[] name;
    final @Nullable Inode inode;

    Place(byte[] name, @Nullable Inode inode) {
      this.name = name;
      this.inode = inode;
    }
  }

  /// Follows all symlinks on a path. Names that do not exist are kept: they can be made.
  private List<Place> resolve(List<byte[]> path) throws ArchiveException {
    ArrayDeque<byte[]> ahead = new ArrayDeque<>(path);
    List<Place> places = new ArrayList<>(path.size());
    int links = 0;
    int steps = 0;
    while (!ahead.isEmpty()) {
      byte[] name = ahead.pop();
      if (++steps > MAX_STEPS) {
        throw new ArchiveException("it lies below symlinks that lead too far");
      }
      if (TarPath.isParent(name)) {
        if (!places.isEmpty()) {
          places.removeLast();
        }
        continue;
      }
      Inode above = places.isEmpty() ? root : places.getLast().inode;
      Name found = above instanceof Directory directory ? directory.children.get(name) : null;
      if (found == null || !(found.inode() instanceof Symlink link)) {
        places.add(new Place(name, found == null ? null : found.inode()));
        continue;
      }
      if (++links > MAX_LINKS) {
        throw new ArchiveException("it lies below more than " + MAX_LINKS + " symlinks, or a loop");
      }
      if (link.target[0] == '/') {
        places.clear();
      }
      TarPath.split(link.target).reversed().forEach(ahead::push);
    }
    return places;
  }

  private static String show(List<byte[]> path) {
    StringBuilder text = new StringBuilder();
    for (byte[] name : path) {
      text.append(text.isEmpty() ? "" : "/").append(new String(name, StandardCharsets.ISO_8859_1));
    }
    return TarPath.show(text.toString().getBytes(StandardCharsets.ISO_8859_1));
  }
}
