package dev.msb.image;

import dev.msb.archive.ArchiveException;
import dev.msb.archive.Inode;
import dev.msb.archive.Spool;
import dev.msb.archive.TarEntry;
import dev.msb.archive.TarPath;
import dev.msb.archive.TarReader;
import dev.msb.archive.Tree;
import dev.msb.archive.Xattrs;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Lays what a tar says over a tree, and puts the contents of its files into a spool.
final class LayerReader {
  private static final byte[] WHITEOUT = bytes(".wh.");
  private static final byte[] WHITEOUT_META = bytes(".wh..wh.");
  private static final byte[] OPAQUE = bytes(".wh..wh..opq");

  // Of a symlink; the kernel has one page for it and for the zero at its end.
  private static final int TARGET_BYTES = 4095;

  private final Tree tree;
  private final Spool spool;
  private final Budget budget;
  private final boolean whiteouts;
  private final byte[] buffer = new byte[64 * 1024];

  /// @param whiteouts whether names that begin with `.wh.` hide something, as in an image's layer
  LayerReader(Tree tree, Spool spool, Budget budget, boolean whiteouts) {
    this.tree = tree;
    this.spool = spool;
    this.budget = budget;
    this.whiteouts = whiteouts;
  }

  /// Takes all entries.
  ///
  /// @throws ImageException if one is not possible, or there are too many
  void read(TarReader tar) throws IOException {
    TarEntry entry = tar.next();
    while (entry != null) {
      try {
        take(entry, tar);
      } catch (ImageException | ArchiveException e) {
        throw new ImageException("entry " + TarPath.show(entry.path()) + ": " + e.getMessage(), e);
      }
      entry = tar.next();
    }
  }

  private void take(TarEntry entry, TarReader tar) throws IOException {
    budget.entry();
    budget.path(entry.path().length);
    List<byte[]> path = TarPath.clean(entry.path());
    if (whiteouts && isWhiteout(path)) {
      return;
    }
    if (entry.type() == TarEntry.Type.HARD_LINK) {
      // A hard link has no metadata of its own, whatever its header says.
      budget.path(entry.link().length);
      tree.link(path, TarPath.clean(entry.link()));
      return;
    }
    Inode inode =
        switch (entry.type()) {
          case DIRECTORY -> new Inode.Directory(entry.mode());
          case SYMLINK -> new Inode.Symlink(target(entry.link()));
          case CHARACTER_DEVICE, BLOCK_DEVICE ->
              new Inode.Special(
                  entry.type(),
                  entry.mode(),
                  (int) within(entry.deviceMajor(), 0xfff, "major device number"),
                  (int) within(entry.deviceMinor(), 0xfffff, "minor device number"));
          case FIFO -> new Inode.Special(entry.type(), entry.mode(), 0, 0);
          case FILE, HARD_LINK -> contents(entry, tar);
        };
    // The last number means nobody.
    inode.setOwner(
        (int) within(entry.uid(), 0xfffffffeL, "uid"),
        (int) within(entry.gid(), 0xfffffffeL, "gid"));
    inode.setModified(entry.modifiedSeconds());
    inode.setXattrs(Xattrs.of(entry.xattrs(), budget));
    tree.put(path, inode);
  }

  /// Does what a whiteout says. The spec gives no type to these entries: only the name counts.
  private boolean isWhiteout(List<byte[]> path) throws IOException {
    for (int i = 0; i < path.size(); i++) {
      byte[] name = path.get(i);
      if (!startsWith(name, WHITEOUT)) {
        continue;
      }
      boolean last = i == path.size() - 1;
      if (last && Arrays.equals(name, OPAQUE)) {
        tree.whiteOutContents(path.subList(0, i));
        return true;
      }
      // What AUFS kept for itself, which the first images had in their layers.
      if (startsWith(name, WHITEOUT_META)) {
        return true;
      }
      byte[] hidden = Arrays.copyOfRange(name, WHITEOUT.length, name.length);
      if (!last) {
        throw new ImageException("a whiteout is no directory");
      }
      if (TarPath.split(hidden).isEmpty() || TarPath.isParent(hidden)) {
        throw new ImageException("a whiteout of no name");
      }
      List<byte[]> target = new ArrayList<>(path.subList(0, i));
      target.add(hidden);
      tree.whiteOut(target);
      return true;
    }
    return false;
  }

  private byte[] target(byte[] target) throws ImageException {
    if (target.length == 0) {
      throw new ImageException("it is a symlink to nothing");
    }
    if (target.length > TARGET_BYTES) {
      throw new ImageException(
          "it is a symlink to a path of "
              + target.length
              + " bytes, more than the "
              + TARGET_BYTES
              + " possible");
    }
    for (byte b : target) {
      if (b == 0) {
        throw new ImageException("it is a symlink to a path with a zero byte");
      }
    }
    budget.metadata(target.length);
    return target;
  }

  private Inode.File contents(TarEntry entry, TarReader tar) throws IOException {
    long start = spool.position();
    long end = 0;
    budget.bytes(entry.size() - entry.storedBytes());
    long[] parts = entry.parts();
    for (int i = 0; i < parts.length; i += 2) {
      spool.skip(parts[i] - end);
      copy(tar, parts[i + 1]);
      end = parts[i] + parts[i + 1];
    }
    if (end < entry.size()) {
      spool.skip(entry.size() - end);
    }
    return new Inode.File(entry.mode(), entry.size(), start);
  }

  private void copy(TarReader tar, long length) throws IOException {
    long left = length;
    while (left > 0) {
      int count = tar.read(buffer, 0, (int) Math.min(left, buffer.length));
      if (count < 0) {
        throw new ImageException("the tar is truncated");
      }
      spool.write(buffer, 0, count);
      left -= count;
    }
  }

  private static long within(long number, long most, String what) throws ImageException {
    if (number < 0 || number > most) {
      throw new ImageException(
          "it has the " + what + " " + number + ", which is not within 0 to " + most);
    }
    return number;
  }

  private static boolean startsWith(byte[] name, byte[] start) {
    return name.length >= start.length
        && Arrays.equals(name, 0, start.length, start, 0, start.length);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
