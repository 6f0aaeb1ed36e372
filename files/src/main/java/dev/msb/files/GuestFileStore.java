package dev.msb.files;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.attribute.FileOwnerAttributeView;
import java.nio.file.attribute.FileStoreAttributeView;
import java.nio.file.attribute.PosixFileAttributeView;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/// The file system in the guest that a path is on.
final class GuestFileStore extends FileStore {
  private final GuestPath path;
  private final FileReply.SpaceOf first;

  GuestFileStore(GuestPath path, FileReply.SpaceOf first) {
    this.path = path;
    this.first = first;
  }

  private FileReply.SpaceOf now() throws IOException {
    String absolute = GuestPath.checkOpen(path).absolute();
    return path.client().with(connection -> FileCalls.space(connection, absolute));
  }

  /// So many blocks in bytes, at most the largest number.
  private static long bytes(FileReply.SpaceOf space, long blocks) {
    return Math.multiplyHigh(space.blockSize(), blocks) != 0 || space.blockSize() * blocks < 0
        ? Long.MAX_VALUE
        : space.blockSize() * blocks;
  }

  @Override
  public String name() {
    return path.toString();
  }

  /// Linux's number of the kind of file system, in hexadecimal.
  @Override
  public String type() {
    return switch (first.magic()) {
      case 0x794c7630 -> "overlay";
      case 0x01021994 -> "tmpfs";
      case 0xef53 -> "ext4";
      case 0x9fa0 -> "proc";
      case 0x62656572 -> "sysfs";
      case 0x1cd1 -> "devpts";
      case 0x63677270 -> "cgroup2";
      case 0x27e0eb -> "cgroup";
      case 0x19800202 -> "mqueue";
      default -> HexFormat.of().toHexDigits(first.magic());
    };
  }

  @Override
  public boolean isReadOnly() {
    return first.readOnly();
  }

  @Override
  public long getTotalSpace() throws IOException {
    FileReply.SpaceOf space = now();
    return bytes(space, space.blocks());
  }

  @Override
  public long getUsableSpace() throws IOException {
    FileReply.SpaceOf space = now();
    return bytes(space, space.available());
  }

  @Override
  public long getUnallocatedSpace() throws IOException {
    FileReply.SpaceOf space = now();
    return bytes(space, space.free());
  }

  @Override
  public boolean supportsFileAttributeView(Class<? extends FileAttributeView> type) {
    return type == BasicFileAttributeView.class
        || type == PosixFileAttributeView.class
        || type == FileOwnerAttributeView.class;
  }

  @Override
  public boolean supportsFileAttributeView(String name) {
    return path.getFileSystem().supportedFileAttributeViews().contains(name);
  }

  @Override
  public <V extends FileStoreAttributeView> @Nullable V getFileStoreAttributeView(Class<V> type) {
    return null;
  }

  @Override
  public Object getAttribute(String attribute) throws IOException {
    return switch (attribute) {
      case "totalSpace" -> getTotalSpace();
      case "usableSpace" -> getUsableSpace();
      case "unallocatedSpace" -> getUnallocatedSpace();
      default -> throw new UnsupportedOperationException("attribute " + attribute);
    };
  }
}
