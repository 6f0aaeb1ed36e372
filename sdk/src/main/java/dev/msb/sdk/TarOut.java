package dev.msb.sdk;

import dev.msb.image.TarWriter;
import dev.msb.protocol.Bytes;
import dev.msb.protocol.FileReply;
import dev.msb.protocol.FileRequest;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.FileSystemException;
import java.util.ArrayDeque;
import java.util.List;

/// Packs a file or a tree of a guest into a tar. Its names begin with the name of what is packed;
/// the guest may lie about all else.
final class TarOut {
  private static final int CHUNK = FileRequest.MAX_DATA_BYTES;
  private static final int MOST_DEPTH = 2000;
  private static final long MOST_LATER_CHARS = 16 << 20;

  private record Step(GuestLevel level, String name) {}

  private final FileConnection connection;
  private final CopyOptions options;
  private final CopyTally tally;
  private final TarWriter tar;
  private final ArrayDeque<Step> steps = new ArrayDeque<>();
  private final byte[] chunk = new byte[CHUNK];
  private long laterChars;

  private TarOut(FileConnection connection, OutputStream out, CopyOptions options) {
    this.connection = connection;
    this.options = options;
    tally = new CopyTally(options);
    tar = new TarWriter(out);
  }

  /// Packs what has this guest path, under this name; empty for the entries of a directory alone.
  static CopySummary copy(
      FileConnection connection, String guest, String name, OutputStream out, CopyOptions options)
      throws IOException {
    TarOut copy = new TarOut(connection, out, options);
    try {
      FileRequest.Name named = FileRequest.Name.of(guest);
      FileReply.Attributes attributes =
          FileCalls.stat(connection, named, guest, options.followLinks() || name.isEmpty());
      if (attributes.kind() == FileReply.Kind.DIRECTORY) {
        copy.enter(named, guest, name);
        while (!copy.steps.isEmpty()) {
          copy.go();
        }
      } else {
        copy.add(named, guest, name, attributes);
      }
      copy.tar.end();
    } finally {
      copy.steps.forEach(step -> step.level.close());
    }
    return copy.tally.summary();
  }

  private void enter(FileRequest.Name guest, String path, String name) throws IOException {
    if (steps.size() >= MOST_DEPTH) {
      throw new FileSystemException(path, null, "more than " + MOST_DEPTH + " directories deep");
    }
    GuestLevel level =
        GuestLevel.open(connection, guest, path, options.followLinks() || name.isEmpty());
    steps.push(new Step(level, name));
    tally.begin(path, FileInfo.Type.DIRECTORY);
    tar.directory(bytes(name.isEmpty() ? "." : name), attributes(level.attributes()));
  }

  private void go() throws IOException {
    Step step = steps.element();
    String next = step.level.nextSubdirectory();
    if (next != null) {
      laterChars -= next.length();
      enter(step.level.handle().name(next), step.level.pathOf(next), child(step.name, next));
      return;
    }
    List<FileReply.Entry> entries = step.level.next();
    if (entries.isEmpty()) {
      step.level.close();
      steps.pop();
      return;
    }
    for (FileReply.Entry entry : entries) {
      FileRequest.Name guest = step.level.handle().name(entry.name());
      String path = step.level.pathOf(entry.name());
      FileReply.Attributes attributes = entry.attributes();
      if (attributes.kind() == FileReply.Kind.SYMBOLIC_LINK && options.followLinks()) {
        attributes = FileCalls.stat(connection, guest, path, true);
      }
      if (attributes.kind() == FileReply.Kind.DIRECTORY) {
        laterChars += entry.name().length();
        if (laterChars > MOST_LATER_CHARS) {
          throw new FileSystemException(path, null, "too many directories in directories");
        }
        step.level.later(entry.name());
      } else {
        add(guest, path, child(step.name, entry.name()), attributes);
      }
    }
  }

  private static String child(String directory, String name) {
    return directory.isEmpty() ? name : directory + "/" + name;
  }

  private void add(
      FileRequest.Name guest, String path, String name, FileReply.Attributes attributes)
      throws IOException {
    FileInfo.Type type = FileInfo.type(attributes.kind());
    switch (type) {
      case REGULAR -> {
        tally.begin(path, type);
        file(guest, path, name);
      }
      case SYMBOLIC_LINK -> {
        tally.begin(path, type);
        String target = FileCalls.readSymbolicLink(connection, guest, path);
        tar.symbolicLink(bytes(name), Bytes.of(target), attributes(attributes));
      }
      case DIRECTORY, SPECIAL -> tally.skip(path);
    }
  }

  /// A file that grows meanwhile is cut, one that shrinks is filled with zeros: its size stands
  /// before it in the tar.
  private void file(FileRequest.Name guest, String path, String name) throws IOException {
    int flags = FileRequest.READ | (options.followLinks() ? 0 : FileRequest.NOFOLLOW);
    GuestInputStream opened =
        GuestInputStream.begin(FileHandle.open(connection, guest, path, flags, 0));
    try (InputStream in = opened) {
      FileReply.Attributes attributes = opened.opened();
      long left = attributes.kind() == FileReply.Kind.REGULAR ? attributes.size() : 0;
      if (left > options.maxBytes()) {
        throw new FileSystemException(path, null, "a file of " + left + " bytes");
      }
      tar.file(bytes(name), left, attributes(attributes));
      while (left > 0) {
        int count = in.read(chunk, 0, (int) Math.min(chunk.length, left));
        if (count < 0) {
          break;
        }
        tally.content(path, count);
        tar.write(chunk, 0, count);
        left -= count;
      }
    }
  }

  private static byte[] bytes(String name) {
    return Bytes.of(name);
  }

  private static TarWriter.Attributes attributes(FileReply.Attributes attributes) {
    return new TarWriter.Attributes(
        attributes.mode(),
        Integer.toUnsignedLong(attributes.uid()),
        Integer.toUnsignedLong(attributes.gid()),
        attributes.modified().seconds());
  }
}
