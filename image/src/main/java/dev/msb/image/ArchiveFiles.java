package dev.msb.image;

import dev.msb.archive.ArchiveException;
import dev.msb.archive.TarEntry;
import dev.msb.archive.TarPath;
import dev.msb.archive.TarReader;
import dev.msb.protocol.OneLine;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The files of an archive of images, by their names in it. The archive is a directory, which is
/// only read, or a tar, whose files are put into a directory of ours first: in a tar the contents
/// may come before what tells of them.
interface ArchiveFiles {
  /// The regular file of this name, or null. No link leads out of the archive.
  @Nullable Path find(String name) throws IOException;

  /// All bytes of a small file.
  ///
  /// @throws ImageException if it is not there, or has more than `most` bytes
  default byte[] read(String name, int most) throws IOException {
    Path file = find(name);
    if (file == null) {
      throw new ImageException("the archive lacks " + OneLine.of(name, 120));
    }
    if (Files.size(file) > most) {
      throw new ImageException(
          OneLine.of(name, 120) + " of the archive has more than " + most + " bytes");
    }
    return Files.readAllBytes(file);
  }

  /// Opens either kind.
  static ArchiveFiles open(Path archive, Path work, ImageLimits limits) throws IOException {
    if (Files.isDirectory(archive)) {
      return new Directory(archive);
    }
    try {
      return Unpacked.of(archive, work, limits);
    } catch (ArchiveException e) {
      throw new ImageException(e);
    }
  }

  /// Names in both kinds of archives are plain; what is not is not looked up.
  private static boolean isPlain(String name) {
    return !name.startsWith("/") && !("/" + name + "/").contains("/../") && name.indexOf('\0') < 0;
  }

  /// A directory.
  record Directory(Path root) implements ArchiveFiles {
    @Override
    public @Nullable Path find(String name) throws IOException {
      if (!isPlain(name)) {
        return null;
      }
      Path file = root.resolve(name);
      return Files.isRegularFile(file) && file.toRealPath().startsWith(root.toRealPath())
          ? file
          : null;
    }
  }

  /// The files of a tar. Docker's older archives have links for layers that are there twice.
  final class Unpacked implements ArchiveFiles {
    private static final int MOST_LINKS = 8;

    private final Map<String, Path> files = new HashMap<>();
    private final Map<String, String> links = new HashMap<>();

    private Unpacked() {}

    static Unpacked of(Path tar, Path work, ImageLimits limits) throws IOException {
      Unpacked unpacked = new Unpacked();
      Budget budget = new Budget(limits);
      DiskRoom room = new DiskRoom(work);
      try (LayerStream in = LayerStream.open(tar, budget, count -> {})) {
        TarReader reader = new TarReader(in);
        byte[] buffer = new byte[128 * 1024];
        for (TarEntry entry = reader.next(); entry != null; entry = reader.next()) {
          budget.entry();
          budget.path(entry.path().length);
          String name = name(entry.path());
          switch (entry.type()) {
            case FILE -> {
              if (entry.isSparse()) {
                throw new ImageException("a sparse file, " + TarPath.show(entry.path()));
              }
              Path file = work.resolve("file" + unpacked.files.size());
              try (OutputStream out = Files.newOutputStream(file)) {
                for (int n = read(reader, buffer); n >= 0; n = read(reader, buffer)) {
                  room.written(n);
                  out.write(buffer, 0, n);
                }
              }
              unpacked.files.put(name, file);
            }
            case SYMLINK ->
                unpacked.links.put(
                    name, name((parent(name) + "/" + text(entry.link())).getBytes(UTF_8)));
            case HARD_LINK -> unpacked.links.put(name, name(entry.link()));
            default -> {} // directories, and what no archive has
          }
        }
      }
      return unpacked;
    }

    private static final java.nio.charset.Charset UTF_8 = StandardCharsets.UTF_8;

    private static int read(TarReader reader, byte[] buffer) throws IOException {
      return reader.read(buffer, 0, buffer.length);
    }

    private static String text(byte[] bytes) {
      return new String(bytes, UTF_8);
    }

    private static String parent(String name) {
      int slash = name.lastIndexOf('/');
      return slash < 0 ? "" : name.substring(0, slash);
    }

    private static String name(byte[] path) {
      Deque<String> names = new ArrayDeque<>();
      TarPath.clean(path).forEach(bytes -> names.add(text(bytes)));
      return String.join("/", names);
    }

    @Override
    public @Nullable Path find(String name) {
      String at = name(name.getBytes(UTF_8));
      for (int i = 0; i < MOST_LINKS; i++) {
        Path file = files.get(at);
        if (file != null) {
          return file;
        }
        String link = links.get(at);
        if (link == null) {
          return null;
        }
        at = link;
      }
      return null;
    }
  }
}
