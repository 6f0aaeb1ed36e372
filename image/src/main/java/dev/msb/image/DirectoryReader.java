package dev.msb.image;

import dev.msb.archive.ArchiveException;
import dev.msb.archive.Inode;
import dev.msb.archive.SquashfsWriter;
import dev.msb.archive.TarEntry;
import dev.msb.archive.Xattrs;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Reads a directory of the host, and all below it, into a tree; the contents of its files are read
/// when they are written.
final class DirectoryReader implements SquashfsWriter.Source, AutoCloseable {
  private static final int TYPE = 0170000;

  /// A file of the host.
  private static final class HostFile extends Inode.File {
    final Path path;

    HostFile(int mode, long size, Path path) {
      super(mode, size, 0);
      this.path = path;
    }
  }

  private record Identity(long device, long number) {}

  private final Path top;
  private final Budget budget;
  private final HostPaths host = new HostPaths();
  private final Map<Identity, Inode> linked = new HashMap<>();
  private boolean allRoots;
  private @Nullable InputStream open;

  DirectoryReader(Path top, Budget budget) {
    this.top = top.toAbsolutePath();
    this.budget = budget;
  }

  Inode.Directory read() throws IOException, InterruptedException {
    // The directory itself may be named by a symlink.
    Path real = failing(top, top::toRealPath);
    Map<String, Object> attributes = attributes(real);
    long self = number(attributes(Path.of("/proc/self").toRealPath()), "uid");
    allRoots = self != 0 || number(attributes, "uid") != 0;
    if (!(inode(real, attributes) instanceof Inode.Directory root)) {
      throw new ImageException(top + " is not a directory");
    }
    readBelow(real, root, 1);
    return root;
  }

  private void readBelow(Path directory, Inode.Directory into, int depth)
      throws IOException, InterruptedException {
    budget.depth(depth);
    if (Thread.interrupted()) {
      throw new InterruptedException("the making of a root disk");
    }
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      for (Path entry : entries) {
        readEntry(entry, into, depth);
      }
    } catch (ImageException | ArchiveException | ClosedByInterruptException e) {
      throw e;
    } catch (DirectoryIteratorException e) {
      throw new ImageException("cannot read " + directory + ": " + e.getMessage(), e);
    } catch (IOException e) {
      throw new ImageException("cannot read " + directory + ": " + reason(e), e);
    }
  }

  private void readEntry(Path path, Inode.Directory into, int depth)
      throws IOException, InterruptedException {
    Map<String, Object> attributes;
    try {
      attributes = attributes(path);
    } catch (ImageException e) {
      if (e.getCause() instanceof NoSuchFileException) {
        // It was removed since the directory was listed.
        return;
      }
      throw e;
    }
    Identity identity = new Identity(number(attributes, "dev"), number(attributes, "ino"));
    Inode known = linked.get(identity);
    Inode inode = known != null ? known : inode(path, attributes);
    if (inode == null) {
      return;
    }
    budget.entry();
    byte[] whole = HostPaths.bytes(path);
    int slash = whole.length;
    while (whole[slash - 1] != '/') {
      slash--;
    }
    byte[] name = Arrays.copyOfRange(whole, slash, whole.length);
    budget.metadata(name.length);
    if (known != null) {
      into.link(name, known);
    } else {
      into.add(name, inode);
    }
    if (inode instanceof Inode.Directory child) {
      readBelow(path, child, depth + 1);
    } else if (known == null && number(attributes, "nlink") > 1) {
      linked.put(identity, inode);
    }
  }

  /// Null for a socket, which is of no use without who listens on it.
  private @Nullable Inode inode(Path path, Map<String, Object> attributes) throws IOException {
    int mode = (int) number(attributes, "mode");
    int bits = mode & 07777;
    byte[] bytes = HostPaths.bytes(path);
    Inode inode =
        switch (mode & TYPE) {
          case 0040000 -> new Inode.Directory(bits);
          case 0100000 -> {
            long size = number(attributes, "size");
            budget.bytes(size);
            budget.metadata(bytes.length);
            yield new HostFile(bits, size, path);
          }
          case 0120000 -> {
            byte[] target = host.readLink(bytes);
            budget.metadata(target.length);
            yield new Inode.Symlink(target);
          }
          case 0020000 -> device(TarEntry.Type.CHARACTER_DEVICE, bits, attributes);
          case 0060000 -> device(TarEntry.Type.BLOCK_DEVICE, bits, attributes);
          case 0010000 -> new Inode.Special(TarEntry.Type.FIFO, bits, 0, 0);
          default -> null;
        };
    if (inode == null) {
      return null;
    }
    if (!allRoots) {
      inode.setOwner((int) number(attributes, "uid"), (int) number(attributes, "gid"));
    }
    FileTime time = (FileTime) value(attributes, "lastModifiedTime");
    inode.setModified(Math.floorDiv(time.to(TimeUnit.MILLISECONDS), 1000));
    inode.setXattrs(Xattrs.of(host.xattrs(bytes), budget));
    return inode;
  }

  private static Inode device(TarEntry.Type type, int mode, Map<String, Object> attributes) {
    long device = number(attributes, "rdev");
    int major = (int) (device >> 8 & 0xfff);
    int minor = (int) ((device & 0xff) | (device >> 12 & 0xfff00));
    return new Inode.Special(type, mode, major, minor);
  }

  @Override
  public SquashfsWriter.Contents open(Inode.File file) throws IOException {
    Path path = ((HostFile) file).path;
    FileChannel channel =
        failing(
            path, () -> FileChannel.open(path, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS));
    InputStream in = Channels.newInputStream(channel);
    open = in;
    return (into, offset, length) -> {
      int count = failing(path, () -> in.readNBytes(into, offset, length));
      // The file has become shorter since its size was read.
      Arrays.fill(into, offset + count, offset + length, (byte) 0);
    };
  }

  @Override
  public void closeContents() throws IOException {
    if (open != null) {
      open.close();
      open = null;
    }
  }

  @Override
  public void close() {
    host.close();
  }

  private static Map<String, Object> attributes(Path path) throws IOException {
    return failing(path, () -> Files.readAttributes(path, "unix:*", LinkOption.NOFOLLOW_LINKS));
  }

  private static long number(Map<String, Object> attributes, String key) {
    // A number of users is an unsigned int to the system, and a signed one here.
    return value(attributes, key) instanceof Integer i
        ? Integer.toUnsignedLong(i)
        : ((Number) value(attributes, key)).longValue();
  }

  private static Object value(Map<String, Object> attributes, String key) {
    Object value = attributes.get(key);
    if (value == null) {
      throw new IllegalStateException("the JDK does not tell " + key);
    }
    return value;
  }

  private interface Reading<T> {
    T read() throws IOException;
  }

  private static <T> T failing(Path path, Reading<T> reading) throws IOException {
    try {
      return reading.read();
    } catch (ClosedByInterruptException e) {
      throw e;
    } catch (IOException e) {
      throw new ImageException("cannot read " + path + ": " + reason(e), e);
    }
  }

  private static String reason(IOException e) {
    return switch (e) {
      case NoSuchFileException missing -> "no such file or directory";
      case AccessDeniedException denied -> "permission denied";
      case FileSystemException other when other.getReason() != null -> other.getReason();
      default -> String.valueOf(e.getMessage());
    };
  }
}
