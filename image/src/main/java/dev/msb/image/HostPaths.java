package dev.msb.image;

import dev.msb.archive.TarPath;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SortedMap;
import java.util.TreeMap;

/// What the JDK does not tell of the host's files: names and link targets that are not text, and
/// extended attributes other than the user's. Symlinks are not followed. For one thread.
final class HostPaths implements AutoCloseable {
  private static final int BUFFER_BYTES = 64 * 1024;
  private static final Linker LINKER = Linker.nativeLinker();
  private static final MemoryLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
  private static final int EOPNOTSUPP = 95;
  private static final int ENODATA = 61;

  private static final MethodHandle READLINK = function("readlink", false);
  private static final MethodHandle LLISTXATTR = function("llistxattr", false);
  private static final MethodHandle LGETXATTR = function("lgetxattr", true);

  private final Arena arena = Arena.ofConfined();
  private final MemorySegment state = arena.allocate(STATE);
  private final MemorySegment path = arena.allocate(BUFFER_BYTES);
  private final MemorySegment name = arena.allocate(BUFFER_BYTES);
  private final MemorySegment buffer = arena.allocate(BUFFER_BYTES);

  /// The bytes of an absolute path, whatever the encoding of the process is.
  static byte[] bytes(Path path) {
    String text = path.toString();
    if ("UTF-8".equals(System.getProperty("sun.jnu.encoding")) && text.indexOf('\ufffd') < 0) {
      return text.getBytes(StandardCharsets.UTF_8);
    }
    // The one place where the JDK shows the bytes: as %XX.
    String quoted = path.toUri().getRawPath();
    byte[] bytes = new byte[quoted.length()];
    int length = 0;
    for (int i = 0; i < quoted.length(); i++) {
      if (quoted.charAt(i) == '%') {
        bytes[length++] = (byte) Integer.parseInt(quoted.substring(i + 1, i + 3), 16);
        i += 2;
      } else {
        bytes[length++] = (byte) quoted.charAt(i);
      }
    }
    // Of a directory it ends in a slash.
    boolean slash = length > 1 && bytes[length - 1] == '/';
    return Arrays.copyOf(bytes, slash ? length - 1 : length);
  }

  byte[] readLink(byte[] link) throws ImageException {
    set(path, link);
    long length = call(READLINK, path, buffer);
    if (length < 0) {
      throw failed("read the link", link);
    }
    return taken(length);
  }

  /// All attributes that this process may see.
  SortedMap<byte[], byte[]> xattrs(byte[] file) throws ImageException {
    SortedMap<byte[], byte[]> xattrs = new TreeMap<>(Arrays::compareUnsigned);
    set(path, file);
    long length = call(LLISTXATTR, path, buffer);
    if (length < 0) {
      if (errno() == EOPNOTSUPP) {
        return xattrs;
      }
      throw failed("read the extended attributes of", file);
    }
    byte[] names = taken(length);
    int start = 0;
    for (int i = 0; i < names.length; i++) {
      if (names[i] == 0) {
        byte[] key = Arrays.copyOfRange(names, start, i);
        start = i + 1;
        set(name, key);
        long size = call(LGETXATTR, path, name, buffer);
        if (size >= 0) {
          xattrs.put(key, taken(size));
        } else if (errno() != ENODATA) {
          throw failed("read the extended attribute " + TarPath.show(key) + " of", file);
        }
      }
    }
    return xattrs;
  }

  @Override
  public void close() {
    arena.close();
  }

  private long call(MethodHandle function, MemorySegment first, MemorySegment second) {
    try {
      return (long) function.invokeExact(state, first, second, (long) BUFFER_BYTES);
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  private long call(
      MethodHandle function, MemorySegment first, MemorySegment second, MemorySegment third) {
    try {
      return (long) function.invokeExact(state, first, second, third, (long) BUFFER_BYTES);
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  private int errno() {
    return (int) ERRNO.get(state, 0L);
  }

  private ImageException failed(String what, byte[] file) {
    return new ImageException("cannot " + what + " " + TarPath.show(file) + ": errno " + errno());
  }

  private byte[] taken(long length) {
    return buffer.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
  }

  private static void set(MemorySegment segment, byte[] text) throws ImageException {
    if (text.length >= BUFFER_BYTES) {
      throw new ImageException("the path " + TarPath.show(text) + " is too long");
    }
    MemorySegment.copy(text, 0, segment, ValueLayout.JAVA_BYTE, 0, text.length);
    segment.set(ValueLayout.JAVA_BYTE, text.length, (byte) 0);
  }

  /// A function of addresses, the last of which is a buffer, and its size.
  @SuppressWarnings("restricted")
  private static MethodHandle function(String name, boolean threeAddresses) {
    FunctionDescriptor type =
        threeAddresses
            ? FunctionDescriptor.of(
                ValueLayout.JAVA_LONG,
                ValueLayout.ADDRESS,
                ValueLayout.ADDRESS,
                ValueLayout.ADDRESS,
                ValueLayout.JAVA_LONG)
            : FunctionDescriptor.of(
                ValueLayout.JAVA_LONG,
                ValueLayout.ADDRESS,
                ValueLayout.ADDRESS,
                ValueLayout.JAVA_LONG);
    return LINKER.downcallHandle(
        LINKER.defaultLookup().findOrThrow(name), type, Linker.Option.captureCallState("errno"));
  }
}
