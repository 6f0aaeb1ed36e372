package dev.msb.files;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Where the files of several names were copied to, so that their further names become links. Of
/// very many the later ones become files of their own.
///
/// The guest's agent tells of files that it sent before for 4,096 of them; all of those have room
/// here, as no name is longer than [TarOut]'s.
final class LinkedFiles<T> {
  private static final int MOST = 100_000;
  private static final long MOST_CHARS = 4096 * 32 * 1024;

  private record Key(long device, long inode) {}

  private final Map<Object, T> copies = new HashMap<>();
  private long chars;

  private static Object key(FileReply.Attributes attributes) {
    return new Key(attributes.device(), attributes.inode());
  }

  /// The copy of the file that has these attributes; null if there is none.
  @Nullable T get(FileReply.Attributes attributes) {
    return attributes.links() > 1 ? copies.get(key(attributes)) : null;
  }

  void put(FileReply.Attributes attributes, T copy) {
    if (attributes.links() > 1) {
      put(key(attributes), copy);
    }
  }

  @Nullable T get(Object key) {
    return copies.get(key);
  }

  void put(Object key, T copy) {
    int length = copy.toString().length();
    if (copies.size() < MOST
        && chars + length <= MOST_CHARS
        && copies.putIfAbsent(key, copy) == null) {
      chars += length;
    }
  }
}
