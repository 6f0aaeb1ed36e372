package dev.msb.home;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Where a user's sandboxes are: named by the system property `msb.home`, else by the environment
/// variable `MSB_HOME`, else `~/.msb`. Only its owner can change or enter what is in it.
public final class MsbHome {
  /// For directories that are made here: 0700.
  public static final FileAttribute<Set<PosixFilePermission>> PRIVATE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

  /// For files that are made here: 0600.
  public static final FileAttribute<Set<PosixFilePermission>> PRIVATE_FILE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  private static final int OTHERS = 077;
  private static final int OTHERS_WRITE = 022;

  /// Longest name of a sandbox.
  public static final int LONGEST_NAME = 63;

  private final Path path;

  /// The home at this path, which need not exist yet.
  public MsbHome(Path path) {
    this.path = path.toAbsolutePath();
  }

  /// The home that the environment names.
  public static MsbHome ofEnvironment() {
    String named = System.getProperty("msb.home");
    if (named == null || named.isEmpty()) {
      named = System.getenv("MSB_HOME");
    }
    return new MsbHome(
        named != null && !named.isEmpty()
            ? Path.of(named)
            : Path.of(System.getProperty("user.home"), ".msb"));
  }

  /// The directory itself.
  public Path path() {
    return path;
  }

  /// What the last sandbox that could not be made left to look at.
  public Path lastFailure() {
    return path.resolve("last-failure");
  }

  /// Where a sandbox of this name is, or would be.
  ///
  /// @throws IllegalArgumentException if that is no name for a sandbox; the message says why
  public SandboxDirectory sandbox(String name) {
    checkName(name);
    return new SandboxDirectory(sandboxes().resolve(name));
  }

  /// All sandboxes, by name.
  ///
  /// @throws IOException if the home cannot be read
  public List<SandboxDirectory> all() throws IOException {
    List<SandboxDirectory> all = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(sandboxes())) {
      for (Path entry : entries) {
        if (isName(entry.getFileName().toString())) {
          all.add(new SandboxDirectory(entry));
        }
      }
    } catch (NoSuchFileException e) {
      return List.of();
    }
    Collections.sort(all, (a, b) -> a.name().compareTo(b.name()));
    return all;
  }

  /// Where the sandboxes are. Names that start with a dot are sandboxes being made or removed.
  Path sandboxes() {
    return path.resolve("sandboxes");
  }

  /// Where images are.
  public Path images() {
    return path.resolve("images");
  }

  /// Where credentials for registries are, if the user gave us some.
  public Path logins() {
    return path.resolve("logins.json");
  }

  /// Where the user says how images are got.
  public Path imageSettings() {
    return path.resolve("images.properties");
  }

  /// The root disks of all sandboxes.
  ///
  /// @throws IOException if a sandbox cannot be read
  public Set<Path> rootDisksInUse() throws IOException {
    Set<Path> disks = new HashSet<>();
    for (SandboxDirectory directory : all()) {
      if (directory.exists()) {
        disks.add(Path.of(directory.config().image().rootDisk()));
      }
    }
    return disks;
  }

  /// Where what happens to the sandboxes is told.
  public EventLog events() {
    return new EventLog(path.resolve("events"));
  }

  /// Where the templates are.
  public Path templates() {
    return path.resolve("templates");
  }

  /// Where the outcome of the KVM probe is remembered.
  public Path acceleratorFile() {
    return path.resolve("accelerator");
  }

  /// Checks that nobody but its owner, who is us, can change what is in the home. Nothing happens
  /// if it is not there.
  ///
  /// @throws IOException if somebody can; the message says what to do
  public void check() throws IOException {
    Map<String, Object> found;
    try {
      found = Files.readAttributes(path, "unix:uid,mode");
    } catch (NoSuchFileException e) {
      return;
    }
    int uid = number(found.get("uid"));
    int mode = number(found.get("mode"));
    if (uid != TrustedUsers.own()) {
      throw new IOException(
          "the home "
              + path
              + " belongs to user "
              + uid
              + ", and this is user "
              + TrustedUsers.own()
              + ": name a directory of your own by MSB_HOME");
    }
    if ((mode & OTHERS_WRITE) != 0) {
      throw new IOException(
          "others may write to the home " + path + ": take that away (chmod go-w " + path + ")");
    }
  }

  /// Makes the home if it is not there, and removes what killed programs left in it. If it is
  /// there, and others may look into it, what we made in it is closed to them.
  ///
  /// @throws IOException if it cannot be made, or is not ours alone ([#check])
  public void make() throws IOException {
    check();
    if (!Files.isDirectory(sandboxes())) { // else a millisecond for the exception in there
      Files.createDirectories(sandboxes(), PRIVATE);
    }
    Leftovers.remove(sandboxes());
    for (Path ours : List.of(sandboxes(), images(), templates(), lastFailure())) {
      closeToOthers(ours, "rwx------");
    }
    for (String file : List.of("events", "events.old", "accelerator")) {
      closeToOthers(path.resolve(file), "rw-------");
    }
  }

  private static int number(@Nullable Object attribute) {
    return (Integer) Objects.requireNonNull(attribute);
  }

  /// Gives a file or directory of ours this mode, if others may do anything with it.
  public static void closeToOthers(Path path, String mode) throws IOException {
    try {
      if ((number(Files.getAttribute(path, "unix:mode")) & OTHERS) != 0) {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
      }
    } catch (NoSuchFileException e) {
      // it is not there, or not any more
    }
  }

  /// Writes a new file, or over an old one; only its owner can read a new one.
  public static void write(Path file, byte[] bytes) throws IOException {
    Set<OpenOption> options =
        Set.of(
            StandardOpenOption.WRITE,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING);
    try (FileChannel channel = FileChannel.open(file, options, PRIVATE_FILE)) {
      ByteBuffer left = ByteBuffer.wrap(bytes);
      while (left.hasRemaining()) {
        channel.write(left);
      }
    }
  }

  private static boolean isName(String name) {
    if (name.isEmpty() || name.length() > LONGEST_NAME) {
      return false;
    }
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      boolean alphanumeric =
          (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
      if (!alphanumeric && (i == 0 || (c != '-' && c != '_' && c != '.'))) {
        return false;
      }
    }
    return true;
  }

  private static void checkName(String name) {
    if (!isName(name)) {
      String shown = name.length() > 80 ? name.substring(0, 80) + "..." : name;
      throw new IllegalArgumentException(
          "\""
              + shown
              + "\" is no name for a sandbox: use 1 to "
              + LONGEST_NAME
              + " letters, digits, '-', '_' and '.', the first a letter or digit");
    }
  }
}
