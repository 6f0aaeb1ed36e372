package dev.msb.files;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.CopyOption;
import java.nio.file.FileSystemException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Moves and copies within one guest.
final class GuestMove {
  private static final int PIECE = 1 << 20;
  private static final int OURS = 0600;
  private static final int OUR_DIRECTORY = 0700;

  private GuestMove() {}

  static void move(GuestPath source, GuestPath target, Set<CopyOption> options) throws IOException {
    for (CopyOption option : options) {
      if (option == StandardCopyOption.COPY_ATTRIBUTES
          || !(option instanceof StandardCopyOption || option == LinkOption.NOFOLLOW_LINKS)) {
        throw new UnsupportedOperationException(option + " is not supported");
      }
    }
    boolean atomic = options.contains(StandardCopyOption.ATOMIC_MOVE);
    boolean replace = atomic || options.contains(StandardCopyOption.REPLACE_EXISTING);
    FileClient client = source.client();
    String from = source.absolute();
    String to = target.absolute();
    boolean renamed = client.with(connection -> FileCalls.rename(connection, from, to, replace));
    if (renamed) {
      return;
    }
    if (atomic) {
      throw FileCalls.notAtomic(from, to);
    }
    if (replace) {
      client.run(connection -> removeIfThere(connection, to));
    }
    copyTree(source.toAbsolutePath(), target.toAbsolutePath());
    client.run(connection -> TreeRemoval.remove(connection, from, from));
  }

  private static void removeIfThere(FileConnection connection, String path) throws IOException {
    try {
      FileCalls.remove(connection, path);
    } catch (NoSuchFileException e) {
      // all the better
    }
  }

  private static void copyTree(Path from, Path to) throws IOException {
    Files.walkFileTree(
        from,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes)
              throws IOException {
            copy(directory);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            copy(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
              throws IOException {
            if (failure != null) {
              throw failure;
            }
            GuestPath target = (GuestPath) target(directory);
            target
                .client()
                .with(connection -> {
                  FileReply.Attributes attributes =
                      FileCalls.stat(connection, ((GuestPath) directory).absolute(), false);
                  copyAttributes(connection, target.absolute(), attributes);
                  return true;
                });
            return FileVisitResult.CONTINUE;
          }

          private void copy(Path source) throws IOException {
            Files.copy(
                source,
                target(source),
                StandardCopyOption.COPY_ATTRIBUTES,
                LinkOption.NOFOLLOW_LINKS);
          }

          private Path target(Path source) {
            return to.resolve(from.relativize(source));
          }
        });
  }

  /// Copies a file, a link, or a directory without its entries.
  static void copy(GuestPath from, GuestPath to, Set<CopyOption> options) throws IOException {
    List<CopyOption> unknown = new ArrayList<>(options);
    unknown.removeAll(
        List.of(
            StandardCopyOption.COPY_ATTRIBUTES,
            StandardCopyOption.REPLACE_EXISTING,
            LinkOption.NOFOLLOW_LINKS));
    if (!unknown.isEmpty()) {
      throw new UnsupportedOperationException(unknown.getFirst() + " is not supported");
    }
    boolean follow = !options.contains(LinkOption.NOFOLLOW_LINKS);
    from.client()
        .with(connection -> {
          FileReply.Attributes attributes = FileCalls.stat(connection, from.absolute(), follow);
          if (options.contains(StandardCopyOption.REPLACE_EXISTING)) {
            FileReply.Attributes there = statIfThere(connection, to.absolute());
            if (there != null && isSame(there, attributes)) {
              return true;
            }
            if (there != null) {
              removeIfThere(connection, to.absolute());
            }
          }
          copy(connection, from.absolute(), to.absolute(), attributes);
          if (options.contains(StandardCopyOption.COPY_ATTRIBUTES)) {
            copyAttributes(connection, to.absolute(), attributes);
          }
          return true;
        });
  }

  private static FileReply.@Nullable Attributes statIfThere(FileConnection connection, String path)
      throws IOException {
    try {
      return FileCalls.stat(connection, path, false);
    } catch (NoSuchFileException e) {
      return null;
    }
  }

  static boolean isSame(FileReply.Attributes one, FileReply.Attributes other) {
    return one.inode() == other.inode() && one.device() == other.device();
  }

  /// The owner only if this user may set it.
  private static void copyAttributes(
      FileConnection connection, String path, FileReply.Attributes attributes) throws IOException {
    FileRequest.Changes changes = changes(attributes);
    try {
      FileCalls.set(connection, path, false, FileChanges.owner(changes.uid(), changes.gid()));
    } catch (AccessDeniedException e) {
      // as cp has it
    }
    int others = changes.mask() & ~(FileRequest.SET_OWNER | FileRequest.SET_GROUP);
    FileCalls.set(
        connection,
        path,
        false,
        new FileRequest.Changes(
            others, changes.mode(), 0, 0, 0, changes.accessed(), changes.modified()));
  }

  private static void copy(
      FileConnection connection, String from, String to, FileReply.Attributes attributes)
      throws IOException {
    switch (FileInfo.type(attributes.kind())) {
      case DIRECTORY ->
          FileCalls.makeDirectory(connection, to, (attributes.mode() & 0777) | OUR_DIRECTORY);
      case SYMBOLIC_LINK ->
          FileCalls.symbolicLink(
              connection,
              to,
              FileCalls.readSymbolicLink(connection, FileRequest.Name.of(from), from));
      case REGULAR -> content(connection, from, to, (attributes.mode() & 0777) | OURS);
      case SPECIAL ->
          throw new FileSystemException(from, to, "a device, a FIFO or a socket is not copied");
    }
  }

  private static void content(FileConnection connection, String from, String to, int mode)
      throws IOException {
    int make = FileRequest.WRITE | FileRequest.CREATE | FileRequest.EXCLUSIVE;
    FileRequest.Name source = FileRequest.Name.of(from);
    FileRequest.Name target = FileRequest.Name.of(to);
    try (FileHandle in = FileHandle.open(connection, source, from, FileRequest.READ, 0);
        FileHandle out = FileHandle.open(connection, target, to, make, mode)) {
      in.attributes();
      out.attributes();
      long at = 0;
      while (true) {
        FileRequest request = new FileRequest.Copy(in.number(), at, out.number(), at, PIECE);
        long count = FileCalls.done(connection, out.send(request));
        if (count > PIECE) {
          throw connection.violated("copies " + count + " bytes where " + PIECE + " were asked");
        }
        if (count == 0) {
          return;
        }
        at += count;
      }
    }
  }

  private static FileRequest.Changes changes(FileReply.Attributes attributes) {
    int mask =
        FileRequest.SET_OWNER
            | FileRequest.SET_GROUP
            | FileRequest.SET_ACCESSED
            | FileRequest.SET_MODIFIED
            | (attributes.kind() == FileReply.Kind.SYMBOLIC_LINK ? 0 : FileRequest.SET_MODE);
    return new FileRequest.Changes(
        mask,
        attributes.mode(),
        attributes.uid(),
        attributes.gid(),
        0,
        attributes.accessed(),
        attributes.modified());
  }
}
