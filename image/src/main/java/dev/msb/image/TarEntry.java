package dev.msb.image;

import java.util.Arrays;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// One entry of a tar, as its headers say it. Nothing in it is trusted but its type.
final class TarEntry {
  /// What an entry is.
  enum Type {
    FILE,
    HARD_LINK,
    SYMLINK,
    CHARACTER_DEVICE,
    BLOCK_DEVICE,
    DIRECTORY,
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
