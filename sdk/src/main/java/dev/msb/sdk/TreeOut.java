package dev.msb.sdk;

import dev.msb.protocol.FileReply;
import dev.msb.protocol.FileRequest;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Copies a file or a tree from a guest to the host.
///
/// The guest may answer anything. Its names are single parts of a path ([FileHandle#entries]), a
/// host directory is entered only if this copy made it or if it is a directory and no link
/// ([HostTarget]), and what is written is made anew: so nothing is written or followed outside the
/// target, whatever the guest says.
final class TreeOut {
  private static final int BEGUN = 16;
  private static final int MOST_DEPTH = 2000;
  private static final long MOST_LATER_CHARS = 16 << 20;

  private record Step(GuestLevel level, Path host, boolean fresh, int names) {}

  private final FileConnection connection;
  private final CopyOptions options;
  private final CopyTally tally;
  private final HostTarget target;
  private final ArrayDeque<Step> steps = new ArrayDeque<>();
  private long laterChars;

  private TreeOut(FileConnection connection, CopyOptions options) {
    this.connection = connection;
    this.options = options;
    tally = new CopyTally(options);
    target = new HostTarget(options, tally);
  }

  /// Copies what has this guest path; it becomes what has this host path.
  static CopySummary copy(FileConnection connection, String guest, Path host, CopyOptions options)
      throws IOException {
    TreeOut copy = new TreeOut(connection, options);
    try {
      copy.run(guest, host);
    } finally {
      copy.steps.forEach(step -> step.level.close());
    }
    return copy.tally.summary();
  }

  private void run(String guest, Path host) throws IOException {
    FileRequest.Name name = FileRequest.Name.of(guest);
    FileReply.Attributes attributes =
        FileCalls.stat(connection, name, guest, options.followLinks());
    FileInfo.Type type = FileInfo.type(attributes.kind());
    if (type == FileInfo.Type.SPECIAL) {
      throw new FileSystemException(guest, null, "a device, a FIFO or a socket is not copied");
    }
    tally.begin(guest, type);
    switch (type) {
      case REGULAR -> {
        if (!finish(begin(name, guest), guest, host, false)) {
          throw new FileSystemException(guest, null, "no regular file any more");
        }
      }
      case SYMBOLIC_LINK ->
          target.link(host, FileCalls.readSymbolicLink(connection, name, guest), attributes, false);
      case DIRECTORY -> {
        Path real = target.enterTop(host);
        enter(name, guest, real == null ? host : real, real == null);
        while (!steps.isEmpty()) {
          go();
        }
      }
      case SPECIAL -> throw new IllegalStateException("refused above");
    }
  }

  private void enter(FileRequest.Name name, String path, Path host, boolean fresh)
      throws IOException {
    if (steps.size() >= MOST_DEPTH) {
      throw new FileSystemException(path, null, "more than " + MOST_DEPTH + " directories deep");
    }
    GuestLevel level = GuestLevel.open(connection, name, path, options.followLinks());
    for (Step step : steps) {
      if (options.followLinks()
          && step.level.attributes().inode() == level.attributes().inode()
          && step.level.attributes().device() == level.attributes().device()) {
        level.close();
        throw new FileSystemLoopException(path + ": it is in itself, by symbolic links");
      }
    }
    steps.push(new Step(level, host, fresh, 0));
  }

  /// One step: into the next subdirectory, through the next batch, or back.
  private void go() throws IOException {
    Step step = steps.element();
    String name = step.level.nextSubdirectory();
    if (name != null) {
      laterChars -= name.length();
      String path = step.level.pathOf(name);
      tally.begin(path, FileInfo.Type.DIRECTORY);
      Path host = step.host.resolve(HostNames.path(step.host, name));
      boolean fresh = target.enter(host, step.fresh);
      enter(step.level.handle().name(name), path, host, fresh);
      return;
    }
    List<FileReply.Entry> entries = step.level.next();
    if (!entries.isEmpty()) {
      copyEntries(step, entries);
      return;
    }
    if (step.fresh) {
      target.finish(step.host, step.level.attributes());
    }
    step.level.close();
    steps.pop();
  }

  /// Copies the files and links of a batch, the first chunks of some files ahead.
  private void copyEntries(Step step, List<FileReply.Entry> entries) throws IOException {
    ArrayDeque<GuestInputStream> begun = new ArrayDeque<>();
    try {
      int ahead = 0;
      for (FileReply.Entry entry : entries) {
        while (ahead < entries.size() && begun.size() < BEGUN) {
          FileReply.Entry next = entries.get(ahead++);
          if (next.attributes().kind() == FileReply.Kind.REGULAR) {
            begun.add(begin(step.level.handle().name(next.name()), step.level.pathOf(next.name())));
          }
        }
        copyEntry(step, entry, begun);
      }
    } finally {
      begun.forEach(GuestInputStream::close);
    }
  }

  private void copyEntry(Step step, FileReply.Entry entry, ArrayDeque<GuestInputStream> begun)
      throws IOException {
    FileRequest.Name name = step.level.handle().name(entry.name());
    String path = step.level.pathOf(entry.name());
    Path host = step.host.resolve(HostNames.path(step.host, entry.name()));
    FileReply.Attributes attributes = entry.attributes();
    FileInfo.Type type = FileInfo.type(attributes.kind());
    @Nullable GuestInputStream in = type == FileInfo.Type.REGULAR ? begun.remove() : null;
    if (type == FileInfo.Type.SYMBOLIC_LINK && options.followLinks()) {
      attributes = FileCalls.stat(connection, name, path, true);
      type = FileInfo.type(attributes.kind());
      in = type == FileInfo.Type.REGULAR ? begin(name, path) : null;
    }
    switch (type) {
      case REGULAR -> {
        tally.begin(path, type);
        if (in != null && !finish(in, path, host, step.fresh)) {
          tally.skip(path);
        }
      }
      case DIRECTORY -> {
        laterChars += entry.name().length();
        if (laterChars > MOST_LATER_CHARS) {
          throw new FileSystemException(path, null, "too many directories in directories");
        }
        step.level.later(entry.name());
      }
      case SYMBOLIC_LINK -> {
        tally.begin(path, type);
        String to = FileCalls.readSymbolicLink(connection, name, path);
        target.link(host, to, attributes, step.fresh);
      }
      case SPECIAL -> tally.skip(path);
    }
  }

  private GuestInputStream begin(FileRequest.Name name, String path) throws IOException {
    int flags = FileRequest.READ | (options.followLinks() ? 0 : FileRequest.NOFOLLOW);
    return GuestInputStream.begin(FileHandle.open(connection, name, path, flags, 0));
  }

  /// @return false if it is no regular file any more
  private boolean finish(GuestInputStream in, String path, Path host, boolean fresh)
      throws IOException {
    try (in) {
      FileReply.Attributes attributes = in.opened();
      if (attributes.kind() != FileReply.Kind.REGULAR) {
        return false;
      }
      target.file(host, path, in, attributes, fresh);
      return true;
    }
  }
}
