package dev.msb.image;

import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// One entry of a tar, as its headers say it. Nothing in it is trusted but its type.
public final class TarEntry {
  /// What an entry is.
  public enum Type {
    /// A regular file.
    FILE,
    /// Another name of a file that is in the tar before.
    HARD_LINK,
    /// A symbolic link.
    SYMLINK,
    /// A character device.
    CHARACTER_DEVICE,
    /// A block device.
    BLOCK_DEVICE,
    /// A directory.
    DIRECTORY,
    /// A named pipe.
    FIFO
  }

  final Type type;
  final byte[] path;

  /// Of a symlink or a hard link, else empty.
  final byte[] link;

  /// The twelve bits.
  final int mode;

  final long uid;
  final long gid;

  /// Whole seconds since 1970.
  final long mtime;

  final long deviceMajor;
  final long deviceMinor;

  /// By name, both as they are on the wire.
  final TreeMap<byte[], byte[]> xattrs;

  /// How long the file is, its holes included.
  final long size;

  /// Offset and length of each part of a sparse file that is in the tar, in order; null if all is.
  final long @Nullable [] segments;

  TarEntry(TarHeader header, PaxHeader pax, long size, long @Nullable [] segments) {
    type = header.type();
    path = pax.pathOr(header.name());
    link = pax.linkOr(header.link());
    mode = header.mode();
    uid = pax.uidOr(header.uid());
    gid = pax.gidOr(header.gid());
    mtime = pax.mtimeOr(header.mtime());
    deviceMajor = header.deviceMajor();
    deviceMinor = header.deviceMinor();
    xattrs = new TreeMap<>(Arrays::compareUnsigned);
    xattrs.putAll(pax.xattrs());
    this.size = size;
    this.segments = segments;
  }

  /// What it is.
  public Type type() {
    return type;
  }

  /// The names of its path below the root, of any bytes but `/`, and none of them `.` or `..`: so
  /// it does not leave the root.
  public List<byte[]> names() {
    return TarPath.clean(path);
  }

  /// Of a symbolic link its target, as it is; else empty.
  public byte[] target() {
    return link;
  }

  /// Of a hard link the path of the file, as [#names].
  public List<byte[]> linkedNames() {
    return TarPath.clean(link);
  }

  /// The twelve bits.
  public int mode() {
    return mode;
  }

  /// Its user.
  public long uid() {
    return uid;
  }

  /// Its group.
  public long gid() {
    return gid;
  }

  /// Seconds since 1970.
  public long modifiedSeconds() {
    return mtime;
  }

  /// How long the file is, its holes included.
  public long size() {
    return size;
  }

  /// Offset and length of each part of the file that is in the tar, in order.
  public long[] parts() {
    return segments == null ? new long[] {0, size} : segments;
  }

  /// How many bytes of the file are in the tar.
  long storedBytes() {
    if (segments == null) {
      return size;
    }
    long sum = 0;
    for (int i = 1; i < segments.length; i += 2) {
      sum += segments[i];
    }
    return sum;
  }
}
