package dev.msb.archive;

import dev.msb.archive.Inode.Directory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Writes a tree as a squashfs 4.0 compressed with LZ4, in one pass from front to back:
///
/// ```
///   super block, options of the compressor
///   blocks of files and fragments
///   inode table       children before their directories, as these refer to them
///   directory table   made aside meanwhile
///   fragment table, export table, id table, extended attributes
/// ```
///
/// The bytes depend on the tree only: no time, no order of anything else gets into them.
public final class SquashfsWriter {
  private static final int MAGIC = 0x73717368;
  private static final int LZ4 = 5;
  private static final int IS_EXPORTABLE = 0x80;
  private static final int HAS_OPTIONS = 0x400;
  private static final int SUPER_BYTES = 96;
  private static final int MAX_IDS = 65535;
  private static final long NONE = -1;

  // LZ4 is the one compressor that must have options: the version of its format, and no flags.
  private static final byte[] LZ4_OPTIONS = {8, (byte) 0x80, 1, 0, 0, 0, 0, 0, 0, 0};

  // Loop devices and virtual disks are whole multiples of this.
  private static final int FILE_ALIGNMENT = 4096;

  /// The contents of a file, as far as its size says.
  public interface Contents {
    /// Reads the next bytes.
    void read(byte[] into, int offset, int length) throws IOException;
  }

  /// Opens the contents of files.
  public interface Source {
    /// Those of this file.
    Contents open(Inode.File file) throws IOException;

    /// The last opened file has been read.
    default void closeContents() throws IOException {}
  }

  /// Hears how it goes on, at most once a mebibyte and when all contents are written.
  @FunctionalInterface
  public interface Progress {
    /// So many bytes of the contents of files are written.
    void written(long done, long total);
  }

  private final Spool out;
  private final Source source;
  private final Progress progress;
  private final Map<Integer, Integer> ids = new LinkedHashMap<>();
  private final Map<Xattrs, Integer> xattrs = new LinkedHashMap<>();
  private int inodes;
  private long totalBytes;
  private long doneBytes;
  private long toldBytes;

  /// A writer to a file that is empty. Another one is beside it for a while.
  public SquashfsWriter(Spool out, Source source, Progress progress) {
    this.out = out;
    this.source = source;
    this.progress = progress;
  }

  /// Writes all of it. The tree is of no use afterwards.
  public void write(Directory root) throws IOException, InterruptedException {
    root.names = 1;
    root.number = ++inodes;
    number(root);
    byte[] none = new byte[SUPER_BYTES];
    out.write(none, 0, none.length);
    out.write(LZ4_OPTIONS, 0, LZ4_OPTIONS.length);
    List<BlockWriter.Fragment> fragments;
    try (BlockWriter blocks = new BlockWriter(out)) {
      writeContents(root, blocks);
      fragments = blocks.finish();
    }
    progress.written(doneBytes, totalBytes);
    MetadataWriter inodeTable = new MetadataWriter(out);
    long directoryStart;
    try (Spool aside = out.aside("directories-")) {
      MetadataWriter directoryTable = new MetadataWriter(aside);
      InodeWriter writer = new InodeWriter(inodeTable, directoryTable, this::id, this::xattr);
      writer.write(root, inodes + 1);
      inodeTable.finish();
      directoryTable.finish();
      directoryStart = out.position();
      aside.copyTo(out);
    }
    long fragmentStart = writeFragments(fragments);
    long exportStart = writeExports(root);
    long idStart = writeIds();
    long xattrStart = xattrs.isEmpty() ? NONE : new XattrTable(out).write(xattrs.keySet());
    long end = out.position();
    byte[] padding = new byte[(int) (-end & FILE_ALIGNMENT - 1)];
    out.write(padding, 0, padding.length);
    out.flush();
    ByteBuffer head = ByteBuffer.allocate(SUPER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    head.putInt(MAGIC).putInt(inodes).putInt(0).putInt(BlockWriter.BLOCK_BYTES);
    head.putInt(fragments.size()).putShort((short) LZ4);
    head.putShort((short) Integer.numberOfTrailingZeros(BlockWriter.BLOCK_BYTES));
    head.putShort((short) (HAS_OPTIONS | IS_EXPORTABLE)).putShort((short) ids.size());
    head.putShort((short) 4).putShort((short) 0);
    head.putLong(root.reference).putLong(end).putLong(idStart).putLong(xattrStart);
    head.putLong(inodeTable.start()).putLong(directoryStart).putLong(fragmentStart);
    head.putLong(exportStart);
    out.writeFirst(head.array());
  }

  /// Numbers inodes so that those of one directory follow each other, which keeps listings short.
  private void number(Directory directory) {
    directory.names++;
    for (Name name : directory.children.values()) {
      Inode inode = name.inode();
      inode.names++;
      if (inode.number == 0) {
        inode.number = ++inodes;
        if (inode instanceof Inode.File file) {
          totalBytes += file.size;
        }
      }
      if (inode instanceof Directory) {
        directory.names++;
      }
    }
    for (Name name : directory.children.values()) {
      if (name instanceof Directory child) {
        number(child);
      }
    }
  }

  private void writeContents(Directory directory, BlockWriter blocks)
      throws IOException, InterruptedException {
    for (Name name : directory.children.values()) {
      // A file with many names is written once.
      if (name.inode() instanceof Inode.File file && !file.isWritten) {
        file.isWritten = true;
        try {
          blocks.write(file, counted(source.open(file)));
        } finally {
          source.closeContents();
        }
      }
    }
    for (Name name : directory.children.values()) {
      if (name instanceof Directory child) {
        writeContents(child, blocks);
      }
    }
  }

  private Contents counted(Contents contents) {
    return (into, offset, length) -> {
      contents.read(into, offset, length);
      doneBytes += length;
      if (doneBytes - toldBytes >= 1 << 20) {
        toldBytes = doneBytes;
        progress.written(doneBytes, totalBytes);
      }
    };
  }

  private int id(int owner) throws ArchiveException {
    Integer known = ids.putIfAbsent(owner, ids.size());
    if (ids.size() > MAX_IDS) {
      throw new ArchiveException(
          "the image has files of more than " + MAX_IDS + " different users and groups");
    }
    return known != null ? known : ids.size() - 1;
  }

  private int xattr(Xattrs set) {
    if (set.isEmpty()) {
      return -1;
    }
    Integer known = xattrs.putIfAbsent(set, xattrs.size());
    return known != null ? known : xattrs.size() - 1;
  }

  private long writeFragments(List<BlockWriter.Fragment> fragments) throws IOException {
    MetadataWriter table = new MetadataWriter(out);
    for (BlockWriter.Fragment fragment : fragments) {
      table.u64(fragment.start());
      table.u32(fragment.size());
      table.u32(0);
    }
    table.finish();
    return table.writeIndex();
  }

  /// Says where each inode is, by its number. The overlay needs it to know a file again that it has
  /// copied: to keep its number, and its hard links together.
  private long writeExports(Directory root) throws IOException {
    long[] references = new long[inodes];
    collect(root, references);
    MetadataWriter table = new MetadataWriter(out);
    for (long reference : references) {
      table.u64(reference);
    }
    table.finish();
    return table.writeIndex();
  }

  private static void collect(Inode inode, long[] references) {
    references[inode.number - 1] = inode.reference;
    if (inode instanceof Directory directory) {
      for (Name name : directory.children.values()) {
        collect(name.inode(), references);
      }
    }
  }

  private long writeIds() throws IOException {
    MetadataWriter table = new MetadataWriter(out);
    for (int id : ids.keySet()) {
      table.u32(id);
    }
    table.finish();
    return table.writeIndex();
  }
}
