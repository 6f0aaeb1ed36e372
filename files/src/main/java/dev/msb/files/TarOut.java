package dev.msb.files;

import dev.msb.archive.TarWriter;
import dev.msb.protocol.Bytes;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.FileSystemException;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/// Packs a file or a tree of a guest into a tar. Its names begin with the name of what is packed;
/// the guest may lie about all else.
final class TarOut implements GuestWalk.Taker {
  private static final int MOST_NAME_CHARS = 32 * 1024;
  private static final int HEADER_BYTES = 512; // of an entry

  private final CopyTally tally;
  private final TarWriter tar;
  private final String top;
  private final StringBuilder name; // of the directory under way
  private final ArrayDeque<Integer> lengths = new ArrayDeque<>(); // of the names above it
  private final LinkedFiles<String> linked = new LinkedFiles<>();

  private String path = ""; // in the guest, of the file under way
  private String fileName = "";
  private FileReply.@Nullable Attributes announced; // it is not in the tar yet
  private @Nullable TarContent content; // null: its content is not wanted
  private TarParts parts = new TarParts();

  private TarOut(OutputStream out, String top, CopyOptions options) {
    this.top = top;
    name = new StringBuilder(top);
    tally = new CopyTally(options);
    tar = new TarWriter(out);
  }

  /// Packs the file or tree with this guest path, under this name; empty for the entries of a
  /// directory alone.
  static CopySummary copy(
      FileConnection connection, String guest, String name, OutputStream out, CopyOptions options)
      throws IOException {
    TarOut copy = new TarOut(out, name, options);
    boolean follow = options.followLinks() || name.isEmpty();
    FileRequest.Name named = FileRequest.Name.of(guest);
    FileReply.Attributes attributes = FileCalls.stat(connection, named, guest, follow);
    switch (FileInfo.type(attributes.kind())) {
      case SPECIAL -> copy.special(guest);
      case SYMBOLIC_LINK -> {
        String target = FileCalls.readSymbolicLink(connection, named, guest);
        copy.symbolicLink("", guest, target, attributes);
      }
      case REGULAR, DIRECTORY -> {
        int flags = options.followLinks() ? FileRequest.WALK_FOLLOW : 0;
        flags |= options.sparseTar() ? FileRequest.WALK_MAP : 0;
        boolean directory = attributes.kind() == FileReply.Kind.DIRECTORY;
        GuestWalk.through(connection, guest, directory, follow, flags, copy);
      }
    }
    copy.tar.end();
    return copy.tally.summary();
  }

  /// The name in the tar of an entry of the directory under way; empty for the top.
  private String nameOf(String entry, String guest) throws IOException {
    if (entry.isEmpty()) {
      return top;
    }
    if (name.length() + entry.length() >= MOST_NAME_CHARS) {
      throw new FileSystemException(guest, null, "too long a path");
    }
    return name.isEmpty() ? entry : name + "/" + entry;
  }

  @Override
  public void directory(String entry, String guest, FileReply.Attributes attributes)
      throws IOException {
    tally.begin(guest, FileInfo.Type.DIRECTORY);
    String full = nameOf(entry, guest);
    tally.overhead(guest, HEADER_BYTES + full.length());
    lengths.push(name.length());
    name.setLength(0);
    name.append(full);
    tar.directory(Bytes.of(full.isEmpty() ? "." : full), attributes(attributes));
  }

  @Override
  public void leave() {
    int length = lengths.pop();
    name.setLength(lengths.isEmpty() ? 0 : length);
  }

  @Override
  public void kernels(String guest) {
    tally.notEntered(guest);
  }

  @Override
  public void file(String entry, String guest, FileReply.Attributes attributes) throws IOException {
    path = guest;
    content = null;
    announced = null;
    parts = new TarParts();
    if (same(entry, guest, attributes)) {
      return;
    }
    tally.begin(guest, FileInfo.Type.REGULAR);
    fileName = nameOf(entry, guest);
    tally.overhead(guest, HEADER_BYTES + fileName.length());
    announced = attributes;
    linked.put(attributes, fileName);
  }

  @Override
  public void part(long offset, long length) throws IOException {
    parts.add(path, offset, length); // also of one that is not wanted: there may not be too many
  }

  /// With its first content, as all parts are known then.
  private void announce() throws IOException {
    FileReply.Attributes attributes = announced;
    if (attributes == null) {
      return;
    }
    announced = null;
    long size = attributes.size();
    long[] map = parts.of(size);
    long stored = 0;
    for (int i = 1; i < map.length; i += 2) {
      stored += map[i];
    }
    tally.room(path, stored);
    if (parts.isEmpty()) {
      tar.file(Bytes.of(fileName), size, attributes(attributes));
    } else {
      tally.overhead(path, map.length * 12L);
      tar.sparseFile(Bytes.of(fileName), size, map, attributes(attributes));
    }
    content = new TarContent(tar, map);
  }

  @Override
  public void content(long offset, ByteBuffer bytes) throws IOException {
    announce();
    if (content != null) {
      tally.content(path, content.write(offset, bytes));
    }
  }

  /// A file that grows meanwhile is cut, one that shrinks is filled with zeros: its size stands
  /// before it in the tar.
  @Override
  public void fileEnd(long size) throws IOException {
    announce();
    if (content != null) {
      tally.content(path, content.end());
    }
    content = null;
  }

  @Override
  public boolean same(String entry, String guest, FileReply.Attributes attributes)
      throws IOException {
    String copy = linked.get(attributes);
    if (copy == null) {
      return false;
    }
    tally.begin(guest, FileInfo.Type.REGULAR);
    String full = nameOf(entry, guest);
    tally.overhead(guest, HEADER_BYTES + full.length() + copy.length());
    tar.hardLink(Bytes.of(full), Bytes.of(copy), attributes(attributes));
    return true;
  }

  @Override
  public void symbolicLink(
      String entry, String guest, String target, FileReply.Attributes attributes)
      throws IOException {
    tally.begin(guest, FileInfo.Type.SYMBOLIC_LINK);
    String full = nameOf(entry, guest);
    tally.overhead(guest, HEADER_BYTES + full.length() + target.length());
    tar.symbolicLink(Bytes.of(full), Bytes.of(target), attributes(attributes));
  }

  @Override
  public void special(String guest) throws IOException {
    tally.skip(guest);
  }

  private static TarWriter.Attributes attributes(FileReply.Attributes attributes) {
    return new TarWriter.Attributes(
        attributes.mode(),
        Integer.toUnsignedLong(attributes.uid()),
        Integer.toUnsignedLong(attributes.gid()),
        attributes.modified().seconds());
  }
}
