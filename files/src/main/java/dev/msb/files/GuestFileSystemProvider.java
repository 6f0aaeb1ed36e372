package dev.msb.files;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessMode;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.FileSystemNotFoundException;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.attribute.FileOwnerAttributeView;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.spi.FileSystemProvider;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The provider behind `java.nio.file.Files` for the paths of guests. It is not installed in the
/// JDK: its file systems come from [GuestFiles#fileSystem] alone.
final class GuestFileSystemProvider extends FileSystemProvider {
  static final GuestFileSystemProvider ONLY = new GuestFileSystemProvider();

  private static final int DIRECTORY_MODE = 0755;

  private GuestFileSystemProvider() {}

  private static boolean follows(LinkOption... options) {
    return options.length == 0;
  }

  private interface Action {
    void on(FileConnection connection, String path) throws IOException;
  }

  private static void run(Path path, Action action) throws IOException {
    GuestPath guest = GuestPath.checkOpen(path);
    String absolute = guest.absolute();
    guest
        .client()
        .with(connection -> {
          action.on(connection, absolute);
          return true;
        });
  }

  @Override
  public String getScheme() {
    return "msb";
  }

  @Override
  public FileSystem newFileSystem(URI uri, Map<String, ?> env) {
    throw new UnsupportedOperationException("use Sandbox.files().fileSystem()");
  }

  @Override
  public FileSystem getFileSystem(URI uri) {
    throw new FileSystemNotFoundException("use Sandbox.files().fileSystem()");
  }

  @Override
  public Path getPath(URI uri) {
    throw new FileSystemNotFoundException("use Sandbox.files().fileSystem()");
  }

  // Contents.

  @Override
  public SeekableByteChannel newByteChannel(
      Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
      throws IOException {
    GuestPath guest = GuestPath.checkOpen(path);
    String absolute = guest.absolute();
    FileOpenOptions how = FileOpenOptions.of(options);
    int mode = GuestAttributeNames.mode(attributes, FileOpenOptions.USUAL_MODE);
    return guest
        .client()
        .with(connection -> {
          FileHandle handle = how.open(connection, absolute, mode);
          if (how.deleteOnClose()) {
            FileCalls.remove(connection, absolute); // it lives on without a name
          }
          return new GuestFileChannel(handle, how.flags());
        });
  }

  @Override
  public InputStream newInputStream(Path path, OpenOption... options) throws IOException {
    for (OpenOption option : options) {
      if (option == StandardOpenOption.WRITE || option == StandardOpenOption.APPEND) {
        throw new UnsupportedOperationException(option + " is not for reading");
      }
    }
    GuestPath guest = GuestPath.checkOpen(path);
    return options.length == 0
        ? guest.client().with(connection -> GuestInputStream.open(connection, guest.absolute()))
        : super.newInputStream(path, options);
  }

  @Override
  public OutputStream newOutputStream(Path path, OpenOption... options) throws IOException {
    GuestPath guest = GuestPath.checkOpen(path);
    FileOpenOptions how = FileOpenOptions.forWriting(Set.of(options));
    return guest
        .client()
        .with(connection -> GuestOutputStream.open(connection, guest.absolute(), how));
  }

  @Override
  public DirectoryStream<Path> newDirectoryStream(
      Path directory, DirectoryStream.Filter<? super Path> filter) throws IOException {
    GuestPath guest = GuestPath.checkOpen(directory);
    String absolute = guest.absolute();
    return guest
        .client()
        .with(connection ->
            new GuestDirectoryStream(
                GuestLevel.open(connection, FileRequest.Name.of(absolute), absolute, true),
                guest,
                filter));
  }

  // Names.

  @Override
  public void createDirectory(Path directory, FileAttribute<?>... attributes) throws IOException {
    int mode = GuestAttributeNames.mode(attributes, DIRECTORY_MODE);
    run(directory, (connection, path) -> FileCalls.makeDirectory(connection, path, mode));
  }

  @Override
  public void createSymbolicLink(Path link, Path target, FileAttribute<?>... attributes)
      throws IOException {
    if (attributes.length > 0) {
      throw new UnsupportedOperationException("a link has no attributes of its own at first");
    }
    String text = GuestPath.checked(target).toString();
    run(link, (connection, path) -> FileCalls.symbolicLink(connection, path, text));
  }

  @Override
  public void createLink(Path link, Path existing) throws IOException {
    String absolute = GuestPath.checkOpen(existing).absolute();
    run(link, (connection, path) -> FileCalls.link(connection, absolute, path));
  }

  @Override
  public Path readSymbolicLink(Path link) throws IOException {
    GuestPath guest = GuestPath.checkOpen(link);
    String absolute = guest.absolute();
    String target =
        guest
            .client()
            .with(connection ->
                FileCalls.readSymbolicLink(connection, FileRequest.Name.of(absolute), absolute));
    return guest.getFileSystem().getPath(target);
  }

  @Override
  public void delete(Path path) throws IOException {
    run(path, FileCalls::remove);
  }

  @Override
  public void copy(Path source, Path target, CopyOption... options) throws IOException {
    GuestMove.copy(GuestPath.checkOpen(source), sameGuest(source, target), Set.of(options));
  }

  @Override
  public void move(Path source, Path target, CopyOption... options) throws IOException {
    GuestMove.move(GuestPath.checkOpen(source), sameGuest(source, target), Set.of(options));
  }

  private static GuestPath sameGuest(Path source, Path target) {
    GuestPath to = GuestPath.checkOpen(target);
    if (to.client() != GuestPath.checked(source).client()) {
      throw new UnsupportedOperationException(
          "between two sandboxes: copy by streams, or by way of the host");
    }
    return to;
  }

  @Override
  public boolean isSameFile(Path path, Path other) throws IOException {
    if (path.equals(other)) {
      return true;
    }
    if (!(other instanceof GuestPath guest) || guest.client() != GuestPath.checked(path).client()) {
      return false;
    }
    return GuestMove.isSame(
        GuestPath.checked(path).attributes(true).raw(), guest.attributes(true).raw());
  }

  @Override
  public boolean isHidden(Path path) {
    Path name = path.getFileName();
    return name != null && name.toString().startsWith(".");
  }

  @Override
  public FileStore getFileStore(Path path) throws IOException {
    GuestPath guest = GuestPath.checkOpen(path);
    String absolute = guest.absolute();
    return new GuestFileStore(
        guest, guest.client().with(connection -> FileCalls.space(connection, absolute)));
  }

  @Override
  public void checkAccess(Path path, AccessMode... modes) throws IOException {
    int mode = 0;
    for (AccessMode one : modes) {
      mode |=
          switch (one) {
            case READ -> 4;
            case WRITE -> 2;
            case EXECUTE -> 1;
          };
    }
    int wanted = mode;
    run(path, (connection, absolute) -> FileCalls.access(connection, absolute, wanted));
  }

  // Attributes.

  @Override
  public <V extends FileAttributeView> @Nullable V getFileAttributeView(
      Path path, Class<V> type, LinkOption... options) {
    return type == BasicFileAttributeView.class
            || type == PosixFileAttributeView.class
            || type == FileOwnerAttributeView.class
        ? type.cast(new GuestAttributeView(GuestPath.checked(path), type, follows(options)))
        : null;
  }

  @Override
  public <A extends BasicFileAttributes> A readAttributes(
      Path path, Class<A> type, LinkOption... options) throws IOException {
    if (type != BasicFileAttributes.class && type != PosixFileAttributes.class) {
      throw new UnsupportedOperationException("attributes " + type.getSimpleName());
    }
    return type.cast(GuestPath.checked(path).attributes(follows(options)));
  }

  @Override
  public Map<String, Object> readAttributes(Path path, String names, LinkOption... options)
      throws IOException {
    return GuestAttributeNames.read(GuestPath.checked(path).attributes(follows(options)), names);
  }

  @Override
  public void setAttribute(Path path, String name, Object value, LinkOption... options)
      throws IOException {
    FileRequest.Changes changes = GuestAttributeNames.change(name, value);
    boolean follow = follows(options);
    run(path, (connection, absolute) -> FileCalls.set(connection, absolute, follow, changes));
  }
}
