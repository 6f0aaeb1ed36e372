package dev.msb.archive;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;

/// The extended attributes of an inode that a squashfs can hold, sorted by name. Equal ones are the
/// same thing to the writer, so it stores each set once.
public final class Xattrs {
  /// No attributes.
  static final Xattrs NONE = new Xattrs(List.of());

  /// The name spaces, in the order of their numbers in a squashfs.
  private static final List<byte[]> SPACES =
      List.of(bytes("user."), bytes("trusted."), bytes("security."));

  /// Attributes that the guest's overlay would take for its own orders.
  private static final byte[] OVERLAY = bytes("trusted.overlay.");

  private static final int ATTRIBUTE_BYTES = 72;

  /// The label of a file on the machine that made the image; it means nothing on another.
  private static final byte[] SELINUX = bytes("security.selinux");

  /// One attribute.
  static final class Attribute {
    /// The number of the name space.
    final int space;

    /// The name without its name space.
    final byte[] name;

    final byte[] value;

    Attribute(int space, byte[] name, byte[] value) {
      this.space = space;
      this.name = name;
      this.value = value;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Attribute that
          && space == that.space
          && Arrays.equals(name, that.name)
          && Arrays.equals(value, that.value);
    }

    @Override
    public int hashCode() {
      return 31 * (31 * space + Arrays.hashCode(name)) + Arrays.hashCode(value);
    }
  }

  private final List<Attribute> attributes;

  private Xattrs(List<Attribute> attributes) {
    this.attributes = attributes;
  }

  /// Takes those that can be kept. `system.*`, among it POSIX ACLs, cannot: squashfs has no place
  /// for it.
  ///
  /// @param all by name
  /// @throws ArchiveException if one has a name or a value that a squashfs cannot hold
  public static Xattrs of(SortedMap<byte[], byte[]> all, TreeLimits limits) throws IOException {
    if (all.isEmpty()) {
      return NONE;
    }
    long bytes = 0;
    for (Map.Entry<byte[], byte[]> entry : all.entrySet()) {
      bytes += entry.getKey().length + entry.getValue().length;
    }
    limits.xattrs(bytes);
    List<Attribute> kept =
        all.entrySet().stream()
            .filter(entry -> isKept(entry.getKey()))
            .map(entry -> attribute(entry.getKey(), entry.getValue()))
            .toList();
    if (kept.isEmpty()) {
      return NONE;
    }
    for (Attribute attribute : kept) {
      if (attribute.name.length == 0 || attribute.name.length > 240) {
        throw new ArchiveException(
            "the extended attribute " + TarPath.show(attribute.name) + " has a name of no use");
      }
      if (attribute.value.length > 65535) {
        throw new ArchiveException(
            "the extended attribute "
                + TarPath.show(attribute.name)
                + " has more than 65535 bytes");
      }
    }
    // Small ones take most of their memory for being objects.
    limits.metadata(bytes + (long) ATTRIBUTE_BYTES * kept.size());
    return new Xattrs(kept);
  }

  List<Attribute> attributes() {
    return attributes;
  }

  boolean isEmpty() {
    return attributes.isEmpty();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Xattrs that && attributes.equals(that.attributes);
  }

  @Override
  public int hashCode() {
    return attributes.hashCode();
  }

  private static boolean isKept(byte[] name) {
    return space(name) >= 0 && !startsWith(name, OVERLAY) && !Arrays.equals(name, SELINUX);
  }

  private static Attribute attribute(byte[] name, byte[] value) {
    int space = space(name);
    return new Attribute(
        space, Arrays.copyOfRange(name, SPACES.get(space).length, name.length), value);
  }

  private static int space(byte[] name) {
    for (int i = 0; i < SPACES.size(); i++) {
      if (startsWith(name, SPACES.get(i))) {
        return i;
      }
    }
    return -1;
  }

  private static boolean startsWith(byte[] name, byte[] start) {
    return name.length >= start.length
        && Arrays.equals(name, 0, start.length, start, 0, start.length);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
