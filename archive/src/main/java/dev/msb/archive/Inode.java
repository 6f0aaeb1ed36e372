package dev.msb.archive;

import java.util.Arrays;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A file of the root that is being made, of any type: its metadata and where its contents lie.
/// There may be millions of these, so the fields are few and small.
public abstract sealed class Inode extends Name {
  /// A directory.
  public static final class Directory extends Inode {
    /// Sorted as a squashfs must have it.
    final TreeMap<byte[], Name> children = new TreeMap<>(Arrays::compareUnsigned);

    /// The last layer that hid all that lower ones had here; there is nothing left to hide.
    int hiddenIn;

    /// An empty one.
    public Directory(int mode) {
      super(mode);
    }

    /// Puts a file or a directory into it.
    public void add(byte[] name, Inode inode) {
      children.put(name, inode);
    }

    /// Puts one more name of a file into it.
    public void link(byte[] name, Inode inode) {
      children.put(name, new HardLink(inode));
    }

    /// A directory that nobody described.
    static Directory implied() {
      return new Directory(0755);
    }
  }

  /// A regular file.
  public static non-sealed class File extends Inode {
    /// Bytes, holes included.
    long size;

    /// Where in the spool it begins; from when it has been written on, where in the squashfs.
    long start;

    /// Bytes of blocks that are holes in the squashfs.
    long holes;

    /// Whether its contents are in the squashfs.
    boolean isWritten;

    int fragment = -1;
    int fragmentOffset;

    /// The blocks of the squashfs, as it says their sizes.
    int @Nullable [] blocks;

    /// @param size bytes, holes included
    /// @param start where its contents are, for the [SquashfsWriter.Source]
    public File(int mode, long size, long start) {
      super(mode);
      this.size = size;
      this.start = start;
    }

    /// Where its contents are, until they are written.
    public long start() {
      return start;
    }
  }

  /// A symbolic link.
  public static final class Symlink extends Inode {
    final byte[] target;

    /// A link to this path, which is not empty.
    public Symlink(byte[] target) {
      super(0777);
      this.target = target;
    }
  }

  /// A device or a FIFO.
  public static final class Special extends Inode {
    final TarEntry.Type type;
    final int major;
    final int minor;

    /// @param major of a device, as is `minor`
    public Special(TarEntry.Type type, int mode, int major, int minor) {
      super(mode);
      this.type = type;
      this.major = major;
      this.minor = minor;
    }
  }

  /// The twelve bits.
  int mode;

  /// Unsigned, as are the next two.
  int uid;

  int gid;

  /// Seconds since 1970.
  int mtime;

  Xattrs xattrs = Xattrs.NONE;

  /// How many names it has; known when inodes are numbered.
  int names;

  /// Its number in the squashfs, from 1 up; 0 before inodes are numbered.
  int number;

  /// Where in the inode table it is; -1 before it is written.
  long reference = -1;

  private Inode(int mode) {
    this.mode = mode;
  }

  @Override
  Inode inode() {
    return this;
  }

  /// Sets user and group, unsigned.
  public void setOwner(int user, int group) {
    uid = user;
    gid = group;
  }

  /// Sets the time of the last modification; one that a squashfs cannot say, which is from 1970 to
  /// 2106, becomes the nearest that it can.
  ///
  /// @param seconds since 1970
  public void setModified(long seconds) {
    mtime = (int) Math.clamp(seconds, 0L, 0xffffffffL);
  }

  /// Sets the extended attributes.
  public void setXattrs(Xattrs attributes) {
    xattrs = attributes;
  }

  /// Takes all but type and contents of another one.
  void takeMetadata(Inode other) {
    mode = other.mode;
    uid = other.uid;
    gid = other.gid;
    mtime = other.mtime;
    xattrs = other.xattrs;
  }
}
