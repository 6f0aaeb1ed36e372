package dev.msb.files;

import java.io.IOError;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.ClosedFileSystemException;
import java.nio.file.FileSystem;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.ProviderMismatchException;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.ArrayList;
import java.util.List;

/// A path in a guest. Names are bytes there: those that are not UTF-8 are kept as
/// [dev.msb.protocol.Bytes] has it.
final class GuestPath implements Path {
  private final FileSystem system;
  private final FileClient client;
  private final String path; // single slashes, none at the end but for the root's

  private GuestPath(FileSystem system, FileClient client, String path) {
    this.system = system;
    this.client = client;
    this.path = path;
  }

  static GuestPath of(FileSystem system, FileClient client, String text) {
    StringBuilder path = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c != '/' || path.isEmpty() || path.charAt(path.length() - 1) != '/') {
        path.append(c);
      }
    }
    if (path.length() > 1 && path.charAt(path.length() - 1) == '/') {
      path.setLength(path.length() - 1);
    }
    return new GuestPath(system, client, path.toString());
  }

  private GuestPath same(String text) {
    return of(system, client, text);
  }

  static GuestPath checked(Path path) {
    if (path instanceof GuestPath guest) {
      return guest;
    }
    throw new ProviderMismatchException("no path of a sandbox: " + path);
  }

  /// The path, if its file system is open.
  static GuestPath checkOpen(Path path) {
    GuestPath guest = checked(path);
    if (!guest.system.isOpen()) {
      throw new ClosedFileSystemException();
    }
    return guest;
  }

  FileClient client() {
    return client;
  }

  GuestFileAttributes attributes(boolean follow) throws IOException {
    String absolute = checkOpen(this).absolute();
    return new GuestFileAttributes(
        client.with(connection -> FileCalls.stat(connection, absolute, follow)));
  }

  /// As the guest is told it.
  String absolute() throws IOException {
    if (isAbsolute()) {
      return path;
    }
    String directory = client.workingDirectory();
    return path.isEmpty() ? directory : GuestLevel.child(directory, path);
  }

  private List<String> names() {
    List<String> names = new ArrayList<>();
    if (path.equals("/")) {
      return names;
    }
    int at = isAbsolute() ? 1 : 0;
    for (int end = path.indexOf('/', at); end >= 0; end = path.indexOf('/', at)) {
      names.add(path.substring(at, end));
      at = end + 1;
    }
    names.add(path.substring(at));
    return names;
  }

  @Override
  public FileSystem getFileSystem() {
    return system;
  }

  @Override
  public boolean isAbsolute() {
    return path.startsWith("/");
  }

  @Override
  public Path getRoot() {
    return isAbsolute() ? same("/") : none();
  }

  @Override
  public Path getFileName() {
    return path.equals("/") ? none() : same(path.substring(path.lastIndexOf('/') + 1));
  }

  @Override
  public Path getParent() {
    int slash = path.lastIndexOf('/');
    if (slash < 0 || path.equals("/")) {
      return none();
    }
    return same(slash == 0 ? "/" : path.substring(0, slash));
  }

  /// The answer of [Path] where there is no such path.
  @SuppressWarnings("NullAway")
  private static Path none() {
    return null;
  }

  @Override
  public int getNameCount() {
    return names().size();
  }

  @Override
  public Path getName(int index) {
    List<String> names = names();
    if (index < 0 || index >= names.size()) {
      throw new IllegalArgumentException("name " + index + " of " + names.size());
    }
    return same(names.get(index));
  }

  @Override
  public Path subpath(int begin, int end) {
    List<String> names = names();
    if (begin < 0 || begin >= end || end > names.size()) {
      throw new IllegalArgumentException("names " + begin + " to " + end + " of " + names.size());
    }
    return same(String.join("/", names.subList(begin, end)));
  }

  @Override
  public boolean startsWith(Path other) {
    if (!(other instanceof GuestPath guest)
        || !guest.system.equals(system)
        || guest.isAbsolute() != isAbsolute()
        || guest.path.isEmpty() != path.isEmpty()) {
      return false;
    }
    List<String> names = names();
    List<String> others = guest.names();
    return others.size() <= names.size() && names.subList(0, others.size()).equals(others);
  }

  @Override
  public boolean endsWith(Path other) {
    if (!(other instanceof GuestPath guest)
        || !guest.system.equals(system)
        || guest.path.isEmpty() != path.isEmpty()) {
      return false;
    }
    if (guest.isAbsolute()) {
      return equals(guest);
    }
    List<String> names = names();
    List<String> others = guest.names();
    int from = names.size() - others.size();
    return from >= 0 && names.subList(from, names.size()).equals(others);
  }

  @Override
  public Path normalize() {
    List<String> kept = new ArrayList<>();
    for (String name : names()) {
      boolean up = name.equals("..");
      if (up && !kept.isEmpty() && !kept.getLast().equals("..")) {
        kept.removeLast();
      } else if (!name.equals(".") && !(up && isAbsolute())) {
        kept.add(name);
      }
    }
    return same((isAbsolute() ? "/" : "") + String.join("/", kept));
  }

  @Override
  public Path resolve(Path other) {
    GuestPath guest = checked(other);
    if (guest.isAbsolute() || path.isEmpty()) {
      return guest;
    }
    return guest.path.isEmpty() ? this : same(GuestLevel.child(path, guest.path));
  }

  @Override
  public Path relativize(Path other) {
    GuestPath guest = checked(other);
    if (guest.isAbsolute() != isAbsolute()) {
      throw new IllegalArgumentException("one path is absolute: " + this + ", " + other);
    }
    List<String> from = path.isEmpty() ? List.of() : names();
    List<String> to = guest.path.isEmpty() ? List.of() : guest.names();
    int common = 0;
    while (common < from.size() && common < to.size() && from.get(common).equals(to.get(common))) {
      common++;
    }
    List<String> names = new ArrayList<>();
    for (int i = common; i < from.size(); i++) {
      if (from.get(i).equals("..")) {
        throw new IllegalArgumentException("cannot be told from .. on: " + this);
      }
      if (!from.get(i).equals(".")) {
        names.add("..");
      }
    }
    names.addAll(to.subList(common, to.size()));
    return same(String.join("/", names));
  }

  /// `msb://SANDBOX/PATH`. There is no way back: a path comes from its file system.
  @Override
  public URI toUri() {
    try {
      return new URI("msb", client.name(), toAbsolutePath().toString(), null, null);
    } catch (URISyntaxException e) {
      throw new IOError(e);
    }
  }

  @Override
  public Path toAbsolutePath() {
    try {
      return same(absolute());
    } catch (IOException e) {
      throw new IOError(e);
    }
  }

  @Override
  public Path toRealPath(LinkOption... options) throws IOException {
    checkOpen(this);
    String absolute = absolute();
    if (options.length > 0) { // no links followed: the name stays as it is
      client.with(connection -> FileCalls.stat(connection, absolute, false));
      return same(absolute).normalize();
    }
    return same(client.with(connection -> FileCalls.realPath(connection, absolute)));
  }

  @Override
  public WatchKey register(
      WatchService watcher, WatchEvent.Kind<?>[] events, WatchEvent.Modifier... modifiers) {
    throw new UnsupportedOperationException("files of a sandbox cannot be watched");
  }

  @Override
  public int compareTo(Path other) {
    return path.compareTo(checked(other).path);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof GuestPath guest
        && guest.system.equals(system)
        && guest.path.equals(path);
  }

  @Override
  public int hashCode() {
    return path.hashCode();
  }

  @Override
  public String toString() {
    return path;
  }
}
