package dev.msb.files;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.WatchService;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.spi.FileSystemProvider;
import java.util.List;
import java.util.Set;

/// The files of a guest as `java.nio.file` sees them.
final class GuestFileSystem extends FileSystem {
  private final FileClient client;
  private volatile boolean closed;

  GuestFileSystem(FileClient client) {
    this.client = client;
  }

  @Override
  public FileSystemProvider provider() {
    return GuestFileSystemProvider.ONLY;
  }

  @Override
  public void close() {
    closed = true;
  }

  @Override
  public boolean isOpen() {
    return !closed && !client.isClosed();
  }

  @Override
  public boolean isReadOnly() {
    return false;
  }

  @Override
  public String getSeparator() {
    return "/";
  }

  @Override
  public Iterable<Path> getRootDirectories() {
    return List.of(getPath("/"));
  }

  /// The one of the root.
  @Override
  public Iterable<FileStore> getFileStores() {
    try {
      return List.of(provider().getFileStore(getPath("/")));
    } catch (IOException e) {
      return List.of();
    }
  }

  @Override
  public Set<String> supportedFileAttributeViews() {
    return Set.of("basic", "owner", "posix", "unix");
  }

  @Override
  public GuestPath getPath(String first, String... more) {
    StringBuilder path = new StringBuilder(first);
    for (String part : more) {
      if (!part.isEmpty()) {
        path.append(path.isEmpty() ? "" : "/").append(part);
      }
    }
    if (path.indexOf("\0") >= 0) {
      throw new InvalidPathException(path.toString(), "a NUL character");
    }
    return GuestPath.of(this, client, path.toString());
  }

  /// As the machine's own: `glob:` and `regex:`.
  @Override
  public PathMatcher getPathMatcher(String syntaxAndPattern) {
    PathMatcher matcher = FileSystems.getDefault().getPathMatcher(syntaxAndPattern);
    return path -> matcher.matches(FileSystems.getDefault().getPath(path.toString()));
  }

  @Override
  public UserPrincipalLookupService getUserPrincipalLookupService() {
    return new GuestPrincipals(client);
  }

  @Override
  public WatchService newWatchService() {
    throw new UnsupportedOperationException("files of a sandbox cannot be watched");
  }

  @Override
  public String toString() {
    return "files of sandbox " + client.name();
  }
}
