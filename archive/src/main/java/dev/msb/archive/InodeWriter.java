package dev.msb.archive;

import dev.msb.archive.Inode.Directory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Writes the inode table and the directory table of a squashfs.
final class InodeWriter {
  private static final int DIRECTORY = 1;
  private static final int FILE = 2;
  private static final int SYMLINK = 3;
  private static final int BLOCK_DEVICE = 4;
  private static final int CHARACTER_DEVICE = 5;
  private static final int FIFO = 6;

  /// Added to a type for an inode with room for all that the short form leaves out.
  private static final int EXTENDED = 7;

  private static final int MAX_RUN = 256;
  private static final int RUN_BYTES = 12;
  private static final int ENTRY_BYTES = 8;

  /// A directory with a listing that is longer gets an index of it.
  private static final int UNINDEXED_BYTES = 2 * MetadataWriter.BLOCK_BYTES;

  private static final int MAX_INDEX = 65535;

  /// The number of a user or a group in the id table.
  interface Ids {
    int number(int id) throws ArchiveException;
  }

  /// The number of a set of attributes, -1 for none.
  interface XattrSets {
    int number(Xattrs set);
  }

  /// Where in a listing the names from this one on are.
  private static final class Mark {
    final int offset;
    final int block;
    final byte[] name;

    Mark(int offset, int block, byte[] name) {
      this.offset = offset;
      this.block = block;
      this.name = name;
    }
  }

  private final MetadataWriter inodes;
  private final MetadataWriter directories;
  private final Ids ids;
  private final XattrSets xattrs;

  InodeWriter(MetadataWriter inodes, MetadataWriter directories, Ids ids, XattrSets xattrs) {
    this.inodes = inodes;
    this.directories = directories;
    this.ids = ids;
    this.xattrs = xattrs;
  }

  /// Writes a directory and all below it.
  ///
  /// @param parent the number of the directory above it
  void write(Directory directory, int parent) throws IOException {
    for (Name name : directory.children.values()) {
      if (name instanceof Directory child) {
        write(child, directory.number);
      }
    }
    for (Name name : directory.children.values()) {
      Inode inode = name.inode();
      if (inode.reference < 0) {
        writeFile(inode);
      }
    }
    long listing = directories.reference();
    List<Mark> marks = new ArrayList<>();
    int size = writeListing(directory, marks);
    writeDirectory(directory, parent, listing, size, marks);
  }

  private void writeFile(Inode inode) throws IOException {
    inode.reference = inodes.reference();
    int set = xattrs.number(inode.xattrs);
    switch (inode) {
      case Inode.File file -> writeRegular(file, set);
      case Inode.Symlink link -> {
        head(link, set < 0 ? SYMLINK : SYMLINK + EXTENDED);
        inodes.u32(link.names);
        inodes.u32(link.target.length);
        inodes.bytes(link.target);
        if (set >= 0) {
          inodes.u32(set);
        }
      }
      case Inode.Special special -> {
        int type = type(special);
        head(special, set < 0 ? type : type + EXTENDED);
        inodes.u32(special.names);
        if (type != FIFO) {
          int minor = special.minor;
          inodes.u32(special.major << 8 | (minor & 0xff) | (minor & ~0xff) << 12);
        }
        if (set >= 0) {
          inodes.u32(set);
        }
      }
      case Directory directory -> throw new IllegalStateException("written before its parent");
    }
  }

  private void writeRegular(Inode.File file, int set) throws IOException {
    boolean small =
        set < 0
            && file.names == 1
            && file.holes == 0
            && file.start <= 0xffffffffL
            && file.size <= 0xffffffffL;
    if (small) {
      head(file, FILE);
      inodes.u32((int) file.start);
      inodes.u32(file.fragment);
      inodes.u32(file.fragmentOffset);
      inodes.u32((int) file.size);
    } else {
      head(file, FILE + EXTENDED);
      inodes.u64(file.start);
      inodes.u64(file.size);
      inodes.u64(file.holes);
      inodes.u32(file.names);
      inodes.u32(file.fragment);
      inodes.u32(file.fragmentOffset);
      inodes.u32(set);
    }
    if (file.blocks != null) {
      for (int block : file.blocks) {
        inodes.u32(block);
      }
    }
  }

  private void writeDirectory(
      Directory directory, int parent, long listing, int size, List<Mark> marks)
      throws IOException {
    directory.reference = inodes.reference();
    int set = xattrs.number(directory.xattrs);
    int block = (int) (listing >>> 16);
    int offset = (int) (listing & 0xffff);
    // The kernel counts the two names that are not in the listing as three bytes.
    int told = size + 3;
    if (set < 0 && size <= UNINDEXED_BYTES) {
      head(directory, DIRECTORY);
      inodes.u32(block);
      inodes.u32(directory.names);
      inodes.u16(told);
      inodes.u16(offset);
      inodes.u32(parent);
      return;
    }
    int indexed = size <= UNINDEXED_BYTES ? 0 : Math.min(marks.size(), MAX_INDEX);
    head(directory, DIRECTORY + EXTENDED);
    inodes.u32(directory.names);
    inodes.u32(told);
    inodes.u32(block);
    inodes.u32(parent);
    inodes.u16(indexed);
    inodes.u16(offset);
    inodes.u32(set);
    for (Mark mark : marks.subList(0, indexed)) {
      inodes.u32(mark.offset);
      inodes.u32(mark.block);
      inodes.u32(mark.name.length - 1);
      inodes.bytes(mark.name);
    }
  }

  private void head(Inode inode, int type) throws IOException {
    inodes.u16(type);
    inodes.u16(inode.mode);
    inodes.u16(ids.number(inode.uid));
    inodes.u16(ids.number(inode.gid));
    inodes.u32(inode.mtime);
    inodes.u32(inode.number);
  }

  /// Writes names in runs: one of them shares a block of the inode table, and the numbers of its
  /// inodes are near each other.
  ///
  /// @return its bytes
  private int writeListing(Directory directory, List<Mark> marks) throws IOException {
    List<Map.Entry<byte[], Name>> run = new ArrayList<>();
    long firstBlock = directories.reference() >>> 16;
    long markedBlock = firstBlock;
    int written = 0;
    int runBytes = 0;
    for (Map.Entry<byte[], Name> entry : directory.children.entrySet()) {
      if (!run.isEmpty() && !fits(run, runBytes, entry)) {
        writeRun(run);
        written += runBytes;
        run.clear();
        runBytes = 0;
      }
      if (run.isEmpty()) {
        long block = directories.reference() >>> 16;
        // A look-up can begin at each run that begins in a new block.
        if (block != markedBlock) {
          marks.add(new Mark(written, (int) block, entry.getKey()));
          markedBlock = block;
        }
        runBytes = RUN_BYTES;
      }
      run.add(Map.entry(entry.getKey(), entry.getValue()));
      runBytes += ENTRY_BYTES + entry.getKey().length;
    }
    if (!run.isEmpty()) {
      writeRun(run);
      written += runBytes;
    }
    return written;
  }

  private boolean fits(
      List<Map.Entry<byte[], Name>> run, int runBytes, Map.Entry<byte[], Name> entry) {
    Inode first = run.getFirst().getValue().inode();
    Inode next = entry.getValue().inode();
    int distance = next.number - first.number;
    return run.size() < MAX_RUN
        && first.reference >>> 16 == next.reference >>> 16
        && distance == (short) distance
        && (directories.reference() & 0xffff) + runBytes < MetadataWriter.BLOCK_BYTES;
  }

  private void writeRun(List<Map.Entry<byte[], Name>> run) throws IOException {
    Inode first = run.getFirst().getValue().inode();
    directories.u32(run.size() - 1);
    directories.u32((int) (first.reference >>> 16));
    directories.u32(first.number);
    for (Map.Entry<byte[], Name> entry : run) {
      Inode inode = entry.getValue().inode();
      byte[] name = entry.getKey();
      directories.u16((int) (inode.reference & 0xffff));
      directories.u16(inode.number - first.number);
      directories.u16(type(inode));
      directories.u16(name.length - 1);
      directories.bytes(name);
    }
  }

  private static int type(Inode inode) {
    return switch (inode) {
      case Directory directory -> DIRECTORY;
      case Inode.File file -> FILE;
      case Inode.Symlink link -> SYMLINK;
      case Inode.Special special ->
          switch (special.type) {
            case BLOCK_DEVICE -> BLOCK_DEVICE;
            case CHARACTER_DEVICE -> CHARACTER_DEVICE;
            default -> FIFO;
          };
    };
  }
}
