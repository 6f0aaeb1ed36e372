package dev.msb.files;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/// The entries of a directory of a guest, a batch at a time.
final class GuestDirectoryStream implements DirectoryStream<Path> {
  private final GuestLevel level;
  private final GuestPath directory;
  private final DirectoryStream.Filter<? super Path> filter;
  private boolean iterated; // guarded by this
  private volatile boolean closed;

  GuestDirectoryStream(
      GuestLevel level, GuestPath directory, DirectoryStream.Filter<? super Path> filter) {
    this.level = level;
    this.directory = directory;
    this.filter = filter;
  }

  @Override
  public synchronized Iterator<Path> iterator() {
    if (iterated || closed) {
      throw new IllegalStateException("the one iterator was given, or the stream is closed");
    }
    iterated = true;
    return new Entries();
  }

  /// From another thread, too; then there are no more entries.
  @Override
  public void close() {
    closed = true;
    level.close();
  }

  private final class Entries implements Iterator<Path> {
    private Iterator<FileReply.Entry> batch = List.<FileReply.Entry>of().iterator();
    private @Nullable Path next;

    @Override
    public boolean hasNext() {
      try {
        while (next == null && !closed && (batch.hasNext() || fill())) {
          Path path = directory.resolve(directory.getFileSystem().getPath(batch.next().name()));
          if (filter.accept(path)) {
            next = path;
          }
        }
      } catch (IOException e) {
        throw new DirectoryIteratorException(e);
      }
      return next != null;
    }

    private boolean fill() throws IOException {
      try {
        batch = level.next().iterator();
      } catch (ClosedChannelException e) {
        return false;
      }
      return batch.hasNext();
    }

    @Override
    public Path next() {
      if (!hasNext() || next == null) {
        throw new NoSuchElementException();
      }
      Path path = next;
      next = null;
      return path;
    }
  }
}
