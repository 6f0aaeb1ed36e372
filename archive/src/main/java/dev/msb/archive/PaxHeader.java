package dev.msb.archive;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The extended headers in front of an entry: PAX records, and GNU's long names. Values stay bytes:
/// names need not be text, and attributes are not.
final class PaxHeader {
  /// More parts of a sparse file than anything makes.
  static final int MAX_SEGMENTS = 1 << 20;

  // Of one entry, however many headers it has; the limit of an image is much lower.
  private static final int MAX_XATTR_BYTES = 1 << 20;

  private static final String SCHILY = "SCHILY.xattr.";
  private static final String LIBARCHIVE = "LIBARCHIVE.xattr.";

  private byte @Nullable [] path;
  private byte @Nullable [] link;
  private byte @Nullable [] longName;
  private byte @Nullable [] longLink;
  private byte @Nullable [] sparseName;
  private @Nullable Long uid;
  private @Nullable Long gid;
  private @Nullable Long mtime;
  private @Nullable Long size;
  private @Nullable Long sparseSize;
  private long sparseMajor;
  private long[] segments = {};
  private int segmentNumbers;
  private boolean sparse;
  private int xattrBytes;
  private final TreeMap<byte[], byte[]> xattrs = new TreeMap<>(Arrays::compareUnsigned);

  /// A copy for the next entry, from what a global header said for all.
  PaxHeader copy() {
    PaxHeader copy = new PaxHeader();
    copy.uid = uid;
    copy.gid = gid;
    copy.mtime = mtime;
    return copy;
  }

  /// Takes the records of a header: `LENGTH KEY=VALUE\n`, where the length counts itself.
  void read(byte[] data, boolean global) throws ArchiveException {
    int at = 0;
    while (at < data.length) {
      int space = at;
      long length = 0;
      while (space < data.length && data[space] >= '0' && data[space] <= '9' && length < 1 << 24) {
        length = length * 10 + data[space++] - '0';
      }
      int end = (int) Math.min(data.length + 1L, at + length);
      if (space == at || end > data.length || space + 2 >= end || data[space] != ' ') {
        throw malformed();
      }
      int equals = space + 1;
      while (equals < end && data[equals] != '=') {
        equals++;
      }
      if (equals == end || data[end - 1] != '\n') {
        throw malformed();
      }
      String key = new String(data, space + 1, equals - space - 1, StandardCharsets.ISO_8859_1);
      record(key, Arrays.copyOfRange(data, equals + 1, end - 1), global);
      at = end;
    }
  }

  void longName(byte[] name) {
    longName = untilZero(name);
  }

  void longLink(byte[] name) {
    longLink = untilZero(name);
  }

  private void record(String key, byte[] value, boolean global) throws ArchiveException {
    // Nobody means that; and attributes of all entries would be copied for each.
    if (global
        && (key.equals("path")
            || key.equals("linkpath")
            || key.equals("size")
            || key.startsWith(SCHILY)
            || key.startsWith(LIBARCHIVE))) {
      throw new ArchiveException(
          "a global PAX header gives all entries the same "
              + TarPath.show(key.getBytes(StandardCharsets.ISO_8859_1)));
    }
    switch (key) {
      case "path" -> path = name(value);
      case "linkpath" -> link = name(value);
      case "uid" -> uid = numberOrNull(key, value);
      case "gid" -> gid = numberOrNull(key, value);
      case "size" -> size = numberOrNull(key, value);
      case "mtime" -> mtime = seconds(value);
      case "GNU.sparse.major" -> sparseMajor = number(key, value);
      case "GNU.sparse.name" -> sparseName = name(value);
      case "GNU.sparse.size", "GNU.sparse.realsize" -> {
        sparseSize = number(key, value);
        sparse = true;
      }
      case "GNU.sparse.offset", "GNU.sparse.numbytes" -> addSegmentNumber(number(key, value));
      case "GNU.sparse.map" -> {
        for (String part : new String(value, StandardCharsets.ISO_8859_1).split(",", -1)) {
          addSegmentNumber(number(key, part.getBytes(StandardCharsets.ISO_8859_1)));
        }
      }
      default -> xattr(key, value);
    }
  }

  private void xattr(String key, byte[] value) throws ArchiveException {
    byte[] name;
    if (!key.startsWith(SCHILY) && !key.startsWith(LIBARCHIVE)) {
      return;
    }
    xattrBytes += key.length() + value.length;
    if (xattrBytes > MAX_XATTR_BYTES) {
      throw new ArchiveException(
          "an entry has more than " + MAX_XATTR_BYTES + " bytes of extended attributes");
    }
    if (key.startsWith(SCHILY)) {
      name = key.substring(SCHILY.length()).getBytes(StandardCharsets.ISO_8859_1);
      xattrs.put(name, value);
    } else {
      name = unquote(key.substring(LIBARCHIVE.length()));
      try {
        // If both kinds are there, the other one needs no decoding.
        xattrs.putIfAbsent(name, Base64.getDecoder().decode(value));
      } catch (IllegalArgumentException e) {
        throw new ArchiveException("a PAX header has an attribute that is not base 64", e);
      }
    }
  }

  private void addSegmentNumber(long number) throws ArchiveException {
    if (segmentNumbers == 2 * MAX_SEGMENTS) {
      throw new ArchiveException("a sparse file has more than " + MAX_SEGMENTS + " parts");
    }
    if (segmentNumbers == segments.length) {
      segments = Arrays.copyOf(segments, Math.max(16, 2 * segments.length));
    }
    segments[segmentNumbers++] = number;
  }

  byte[] pathOr(byte[] name) {
    return longName != null
        ? longName
        : sparse && sparseName != null ? sparseName : path != null ? path : name;
  }

  byte[] linkOr(byte[] name) {
    return longLink != null ? longLink : link != null ? link : name;
  }

  long uidOr(long number) {
    return uid != null ? uid : number;
  }

  long gidOr(long number) {
    return gid != null ? gid : number;
  }

  long mtimeOr(long number) {
    return mtime != null ? mtime : number;
  }

  long sizeOr(long number) {
    return size != null ? size : number;
  }

  Map<byte[], byte[]> xattrs() {
    return xattrs;
  }

  /// Whether this is a sparse file, of the versions 0.0, 0.1 or 1.0.
  boolean isSparse() {
    return sparse;
  }

  /// Whether the map of the sparse file is at the head of its contents.
  boolean mapIsInContents() {
    return sparseMajor == 1;
  }

  long sparseSize() {
    return sparseSize != null ? sparseSize : 0;
  }

  long[] segments() {
    return Arrays.copyOf(segments, segmentNumbers);
  }

  /// An empty value takes back what was said before.
  private static byte @Nullable [] name(byte[] value) throws ArchiveException {
    for (byte b : value) {
      if (b == 0) {
        throw new ArchiveException("a PAX header has a zero byte in a name");
      }
    }
    return value.length == 0 ? null : value;
  }

  private static @Nullable Long numberOrNull(String key, byte[] value) throws ArchiveException {
    return value.length == 0 ? null : number(key, value);
  }

  private static long number(String key, byte[] value) throws ArchiveException {
    try {
      long number = Long.parseLong(new String(value, StandardCharsets.ISO_8859_1));
      if (number >= 0) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw new ArchiveException(
        "a PAX header has the " + key + " " + TarPath.show(value) + ", which is no such number");
  }

  /// Seconds with or without a fraction, which a squashfs has no room for.
  private static @Nullable Long seconds(byte[] value) throws ArchiveException {
    if (value.length == 0) {
      return null;
    }
    String text = new String(value, StandardCharsets.ISO_8859_1);
    if (!text.matches("-?[0-9]{1,18}(\\.[0-9]*)?")) {
      throw new ArchiveException(
          "a PAX header has the mtime " + TarPath.show(value) + ", which is no time");
    }
    int point = text.indexOf('.');
    return Long.parseLong(point < 0 ? text : text.substring(0, point));
  }

  private static byte[] untilZero(byte[] name) {
    int end = 0;
    while (end < name.length && name[end] != 0) {
      end++;
    }
    return Arrays.copyOf(name, end);
  }

  private static byte[] unquote(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    int length = 0;
    for (int i = 0; i < bytes.length; i++) {
      int high = i + 2 < bytes.length ? Character.digit(bytes[i + 1], 16) : -1;
      int low = i + 2 < bytes.length ? Character.digit(bytes[i + 2], 16) : -1;
      if (bytes[i] == '%' && high >= 0 && low >= 0) {
        bytes[length++] = (byte) (high << 4 | low);
        i += 2;
      } else {
        bytes[length++] = bytes[i];
      }
    }
    return Arrays.copyOf(bytes, length);
  }

  private static ArchiveException malformed() {
    return new ArchiveException("a PAX header is malformed");
  }
}
