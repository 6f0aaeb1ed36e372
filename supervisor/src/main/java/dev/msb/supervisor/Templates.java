package dev.msb.supervisor;

import dev.msb.home.DiskSpace;
import dev.msb.home.MsbHome;
import dev.msb.home.SandboxDirectory;
import java.io.IOException;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The templates of a home: the directory `templates`, see `docs/sandbox-directory.md`.
///
/// One process at a time makes or removes templates; [#tryLock] tells who. Others use what is
/// there: what they have open stays theirs, also when it is removed.
public final class Templates {
  /// How many are kept: the most recently used.
  public static final int KEPT = 8;

  private static final int KEPT_MARKS = 64;
  private static final String MARK = ".started";
  private static final String BEING_MADE = ".new";
  private static final String BEING_REMOVED = ".old";

  /// One template, for people.
  ///
  /// @param key 16 hexadecimal digits
  /// @param memoryBytes the memory of its guest; the file is sparse and takes much less of the disk
  public record Info(String key, Instant lastUsed, long memoryBytes) {}

  private final Path path;
  private final DiskSpace space;

  /// The templates of a home, which need not have any.
  public Templates(MsbHome home) {
    this.path = home.templates();
    this.space = new DiskSpace(home.path());
  }

  /// Whether there is room for one of a machine with so much memory.
  boolean hasRoomFor(int memoryMebibytes) {
    return space.hasRoomFor(memoryMebibytes);
  }

  /// All templates, the most recently used first. Whether they are still good is not looked at.
  ///
  /// @throws IOException if they cannot be read
  public List<Info> list() throws IOException {
    List<Info> all = new ArrayList<>();
    for (Path directory : entries()) {
      String name = directory.getFileName().toString();
      if (name.indexOf('.') < 0 && Files.isDirectory(directory)) {
        Path memory = directory.resolve(Template.MEMORY);
        long bytes = Files.exists(memory) ? Files.size(memory) : 0;
        all.add(new Info(name, Template.lastUsed(directory), bytes));
      }
    }
    all.sort(Comparator.comparing(Info::lastUsed).reversed());
    return all;
  }

  /// Removes all but the most recently used. Sandboxes that were started from a removed template
  /// are not affected; the space is free when the last of them has stopped.
  ///
  /// @param kept how many to keep, 0 or more
  /// @return how many were removed; 0 also if one is being made at the moment
  /// @throws IOException if one cannot be removed
  public int prune(int kept) throws IOException {
    if (!Files.isDirectory(path)) {
      return 0;
    }
    FileLock lock = tryLock();
    if (lock == null) {
      return 0;
    }
    try {
      return pruneLocked(kept);
    } finally {
      lock.acquiredBy().close();
    }
  }

  // For the supervisor, which makes and uses them.

  /// Where the template of this key is, or would be.
  Path directory(TemplateKey key) {
    return path.resolve(key.id());
  }

  /// Where one is made, see [#begin].
  Path beingMade() {
    return path.resolve(BEING_MADE);
  }

  /// Makes the caller the one who makes or removes, until the lock's channel is closed.
  ///
  /// @return null if somebody else is that
  @Nullable FileLock tryLock() throws IOException {
    Files.createDirectories(path, MsbHome.PRIVATE);
    Path file = path.resolve(".lock");
    try {
      Files.createFile(file);
    } catch (FileAlreadyExistsException e) {
      // as nearly always
    }
    return SandboxDirectory.tryLock(file, false);
  }

  /// Makes an empty directory to make a template in, and removes what killed makers left. For the
  /// holder of the lock.
  Path begin() throws IOException {
    removeLeftovers();
    return Files.createDirectory(beingMade(), MsbHome.PRIVATE);
  }

  /// Puts a directory from [#begin] in its place, and removes what is too much. For the holder of
  /// the lock.
  void publish(Path made, TemplateKey key) throws IOException {
    remove(key);
    Files.move(made, directory(key), StandardCopyOption.ATOMIC_MOVE);
    pruneLocked(KEPT);
  }

  /// Removes a template. For the holder of the lock.
  void remove(TemplateKey key) throws IOException {
    Path gone = path.resolve(BEING_REMOVED);
    SandboxDirectory.deleteTree(gone);
    if (Files.exists(directory(key))) {
      Files.move(directory(key), gone, StandardCopyOption.ATOMIC_MOVE);
      SandboxDirectory.deleteTree(gone);
    }
  }

  /// Removes what is being made. For the holder of the lock.
  void removeLeftovers() throws IOException {
    SandboxDirectory.deleteTree(beingMade());
    SandboxDirectory.deleteTree(path.resolve(BEING_REMOVED));
  }

  /// What [#mark] noted for this key last; null if it never did.
  @Nullable String marked(TemplateKey key) throws IOException {
    try {
      return Files.readString(path.resolve(key.id() + MARK));
    } catch (NoSuchFileException e) {
      return null;
    }
  }

  /// Whether something was noted about a key no longer ago than this.
  boolean isMarkedWithin(Duration time, TemplateKey key) throws IOException {
    Instant marked = Files.getLastModifiedTime(path.resolve(key.id() + MARK)).toInstant();
    Duration ago = Duration.between(marked, Instant.now());
    return !ago.isNegative() && ago.compareTo(time) < 0;
  }

  /// Notes something about a key, whether it has a template or not.
  void mark(TemplateKey key, String text) throws IOException {
    Files.createDirectories(path, MsbHome.PRIVATE);
    Files.writeString(path.resolve(key.id() + MARK), text);
  }

  private int pruneLocked(int kept) throws IOException {
    List<Info> all = list();
    int removed = 0;
    for (int i = kept; i < all.size(); i++) {
      remove(new TemplateKey(all.get(i).key(), List.of()));
      removed++;
    }
    List<Path> marks = new ArrayList<>();
    for (Path entry : entries()) {
      if (entry.getFileName().toString().endsWith(MARK)) {
        marks.add(entry);
      }
    }
    if (marks.size() > KEPT_MARKS) {
      marks.sort(Comparator.comparingLong(mark -> mark.toFile().lastModified()));
      for (Path mark : marks.subList(0, marks.size() - KEPT_MARKS)) {
        Files.deleteIfExists(mark);
      }
    }
    return removed;
  }

  private List<Path> entries() throws IOException {
    List<Path> entries = new ArrayList<>();
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(path)) {
      stream.forEach(entries::add);
    } catch (NoSuchFileException e) {
      return List.of();
    }
    return entries;
  }
}
