package dev.msb.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/// Copies a file or a tree from a guest to the host.
///
/// The guest may answer anything. Its names are single parts of a path ([GuestWalk]), a host
/// directory is entered only if this copy made it or if it is a directory and no link
/// ([HostTarget]), and what is written is made anew: so nothing is written or followed outside the
/// target, whatever the guest says.
final class TreeOut implements GuestWalk.Taker {
  private record Step(Path host, boolean fresh, FileReply.Attributes attributes) {}

  private final CopyTally tally;
  private final HostTarget target;
  private final Path top;
  private final ArrayDeque<Step> steps = new ArrayDeque<>();
  private final LinkedFiles<Path> linked = new LinkedFiles<>();
  private @Nullable HostContent open; // the file under way, null: its content is there already
  private String path = ""; // of that in the guest

  private TreeOut(CopyOptions options, Path top) {
    this.top = top;
    tally = new CopyTally(options);
    target = new HostTarget(options);
  }

  /// Copies the file or tree with this guest path to this host path.
  static CopySummary copy(FileConnection connection, String guest, Path host, CopyOptions options)
      throws IOException {
    TreeOut copy = new TreeOut(options, host);
    try {
      copy.run(connection, guest, options);
    } finally {
      if (copy.open != null) {
        copy.open.close();
      }
    }
    return copy.tally.summary();
  }

  private void run(FileConnection connection, String guest, CopyOptions options)
      throws IOException {
    FileRequest.Name name = FileRequest.Name.of(guest);
    FileReply.Attributes attributes =
        FileCalls.stat(connection, name, guest, options.followLinks());
    switch (FileInfo.type(attributes.kind())) {
      case SPECIAL ->
          throw new FileSystemException(guest, null, "a device, a FIFO or a socket is not copied");
      case SYMBOLIC_LINK -> {
        tally.begin(guest, FileInfo.Type.SYMBOLIC_LINK);
        String to = FileCalls.readSymbolicLink(connection, name, guest);
        target.link(top, to, attributes, false);
      }
      case REGULAR, DIRECTORY -> {
        int flags = options.followLinks() ? FileRequest.WALK_FOLLOW : 0;
        boolean directory = attributes.kind() == FileReply.Kind.DIRECTORY;
        GuestWalk.through(connection, guest, directory, options.followLinks(), flags, this);
      }
    }
  }

  private Path host(String name) {
    Step step = steps.peek();
    return step == null ? top : step.host.resolve(HostNames.path(step.host, name));
  }

  private boolean fresh() {
    Step step = steps.peek();
    return step != null && step.fresh;
  }

  @Override
  public void directory(String name, String guest, FileReply.Attributes attributes)
      throws IOException {
    tally.begin(guest, FileInfo.Type.DIRECTORY);
    if (steps.isEmpty()) {
      Path real = target.enterTop(top);
      steps.push(new Step(real == null ? top : real, real == null, attributes));
      return;
    }
    Path host = host(name);
    steps.push(new Step(host, target.enter(host, fresh()), attributes));
  }

  @Override
  public void leave() throws IOException {
    Step step = steps.pop();
    if (step.fresh) {
      target.finish(step.host, step.attributes);
    }
  }

  @Override
  public void kernels(String guest) {
    tally.notEntered(guest);
  }

  @Override
  public void file(String name, String guest, FileReply.Attributes attributes) throws IOException {
    path = guest;
    if (same(name, guest, attributes)) {
      return;
    }
    tally.begin(guest, FileInfo.Type.REGULAR);
    Path host = host(name);
    open = target.file(host, attributes, fresh());
    linked.put(attributes, host);
  }

  @Override
  public void part(long offset, long length) {
    throw new IllegalStateException("not asked for");
  }

  @Override
  public void content(long offset, ByteBuffer bytes) throws IOException {
    if (open != null) {
      tally.content(path, open.growth(offset, bytes.remaining()));
      open.write(offset, bytes);
    }
  }

  @Override
  public void fileEnd(long size) throws IOException {
    HostContent file = open;
    if (file != null) {
      tally.content(path, file.growth(size, 0));
      file.end(size);
      open = null;
      target.finish(file.path(), file.attributes());
    }
  }

  @Override
  public boolean same(String name, String guest, FileReply.Attributes attributes)
      throws IOException {
    Path copy = linked.get(attributes);
    if (copy == null) {
      return false;
    }
    tally.begin(guest, FileInfo.Type.REGULAR);
    Path host = host(name);
    if (!target.hardLink(host, copy, fresh())) {
      long size = Files.size(copy);
      tally.content(guest, size);
      target.duplicate(host, copy, size);
    }
    return true;
  }

  @Override
  public void symbolicLink(String name, String guest, String to, FileReply.Attributes attributes)
      throws IOException {
    tally.begin(guest, FileInfo.Type.SYMBOLIC_LINK);
    target.link(host(name), to, attributes, fresh());
  }

  @Override
  public void special(String guest) throws IOException {
    tally.skip(guest);
  }
}
