package dev.msb.archive;

import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// One entry of a tar, as its headers say it. Nothing in it is trusted but its type.
public final class TarEntry {
  /// Types of entries.
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

  private final Type type;
  private final byte[] path;
  private final byte[] link;
  private final int mode;
  private final long uid;
  private final long gid;
  private final long modifiedSeconds;
  private final long deviceMajor;
  private final long deviceMinor;
  private final TreeMap<byte[], byte[]> xattrs;
  private final long size;
  private final long @Nullable [] segments;

  TarEntry(TarHeader header, PaxHeader pax, long size, long @Nullable [] segments) {
    type = header.type();
    path = pax.pathOr(header.name());
    link = pax.linkOr(header.link());
    mode = header.mode();
    uid = pax.uidOr(header.uid());
    gid = pax.gidOr(header.gid());
    modifiedSeconds = pax.mtimeOr(header.mtime());
    deviceMajor = header.deviceMajor();
    deviceMinor = header.deviceMinor();
    xattrs = new TreeMap<>(Arrays::compareUnsigned);
    xattrs.putAll(pax.xattrs());
    this.size = size;
    this.segments = segments;
  }

  /// Its type.
  public Type type() {
    return type;
  }

  /// Its path, as it is.
  public byte[] path() {
    return path;
  }

  /// The names of its path below the root, of any bytes but `/`, and none of them `.` or `..`: so
  /// it does not leave the root.
  public List<byte[]> names() {
    return TarPath.clean(path);
  }

  /// Of a symbolic link its target, of a hard link the path of the file, as they are; else empty.
  public byte[] link() {
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
    return modifiedSeconds;
  }

  /// Of a device.
  public long deviceMajor() {
    return deviceMajor;
  }

  /// Of a device.
  public long deviceMinor() {
    return deviceMinor;
  }

  /// Extended attributes by name, both as they are on the wire.
  public SortedMap<byte[], byte[]> xattrs() {
    return xattrs;
  }

  /// How long the file is, its holes included.
  public long size() {
    return size;
  }

  /// Whether it is a file with holes.
  public boolean isSparse() {
    return segments != null;
  }

  /// Offset and length of each part of the file that is in the tar, in order.
  public long[] parts() {
    return segments == null ? new long[] {0, size} : segments;
  }

  /// How many bytes of the file are in the tar.
  public long storedBytes() {
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
