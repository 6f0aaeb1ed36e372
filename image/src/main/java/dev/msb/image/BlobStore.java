package dev.msb.image;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Stream;

/// Bytes by their digest, in one directory: `blobs/sha256/HEX`, as in an OCI layout. What is there
/// was verified before it got its name.
final class BlobStore {
  private final Path blobs;
  private final Path partial;

  /// What does the work of a download.
  @FunctionalInterface
  interface Fetcher {
    /// Fills a file, going on from what is there. It has the blob's bytes when this returns.
    void fetch(Path partialFile) throws IOException, InterruptedException;
  }

  BlobStore(Path directory) {
    blobs = directory.resolve("blobs").resolve("sha256");
    partial = directory.resolve("partial");
  }

  void make() throws IOException {
    Files.createDirectories(blobs);
    Files.createDirectories(partial);
  }

  Path path(Digest digest) {
    return blobs.resolve(digest.hex());
  }

  /// The bytes of a blob that are still to be fetched.
  long missing(Descriptor blob) throws IOException {
    if (has(blob.digest())) {
      return 0;
    }
    Path part = partial.resolve(blob.digest().hex());
    return Math.max(0, blob.size() - (Files.exists(part) ? Files.size(part) : 0));
  }

  /// Removes what is there of a blob that is not wanted, whole or not. Nobody else may use the
  /// store meanwhile.
  void remove(Digest digest) throws IOException {
    Files.deleteIfExists(path(digest));
    Files.deleteIfExists(partial.resolve(digest.hex()));
  }

  boolean has(Digest digest) {
    return Files.exists(path(digest));
  }

  /// All bytes of a small blob, verified again.
  byte[] read(Descriptor blob) throws IOException {
    byte[] bytes = Files.readAllBytes(path(blob.digest()));
    if (!Digest.of(bytes).equals(blob.digest())) {
      throw new ImageException(
          "the stored blob " + blob.digest() + " is damaged: remove the image and pull it again");
    }
    return bytes;
  }

  /// Keeps bytes under the name they have.
  Digest put(byte[] bytes) throws IOException {
    Digest digest = Digest.of(bytes);
    if (!has(digest)) {
      Path file = Files.createTempFile(partial, "put-", "");
      Files.write(file, bytes);
      publish(file, digest);
    }
    return digest;
  }

  /// Moves a file in that is known to have these bytes.
  void publish(Path file, Digest digest) throws IOException {
    Files.move(file, path(digest), StandardCopyOption.ATOMIC_MOVE);
  }

  /// Copies a file in, verified.
  ///
  /// @throws ImageException if its bytes are others
  void copyIn(Path file, Digest digest, String what) throws IOException {
    if (has(digest)) {
      return;
    }
    Path copy = Files.createTempFile(partial, "put-", "");
    try {
      Digest found = copy(file, copy);
      if (!found.equals(digest)) {
        throw new ImageException(what + " is damaged: " + digest + " has the digest " + found);
      }
      publish(copy, digest);
    } finally {
      Files.deleteIfExists(copy);
    }
  }

  private static Digest copy(Path from, Path to) throws IOException {
    try (OutputStream out = Files.newOutputStream(to)) {
      return copy(from, out);
    }
  }

  /// Writes a file's bytes somewhere, and says what they come to.
  private static Digest copy(Path from, OutputStream to) throws IOException {
    MessageDigest algorithm = Digest.algorithm();
    try (InputStream in = Files.newInputStream(from)) {
      byte[] buffer = new byte[128 * 1024];
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        algorithm.update(buffer, 0, n);
        to.write(buffer, 0, n);
      }
    }
    return Digest.of(algorithm);
  }

  /// Gets a blob that is not there. Of several that want the same one, in this process or another,
  /// one fetches, and the others wait for it.
  void fetch(Digest digest, Fetcher fetcher) throws IOException, InterruptedException {
    if (has(digest)) {
      return;
    }
    Path file = partial.resolve(digest.hex());
    FileLocks.Held held = FileLocks.exclusive(partial.resolve(digest.hex() + ".lock"));
    try (held) {
      if (!has(digest)) {
        fetcher.fetch(file);
        publish(file, digest);
      }
    }
  }

  /// Removes what is not wanted any more, and what broken downloads left. Nobody else may use the
  /// store meanwhile.
  ///
  /// @return how many bytes that were
  long retain(Set<Digest> wanted) throws IOException {
    Set<String> names = new HashSet<>();
    wanted.forEach(digest -> names.add(digest.hex()));
    return removeFiles(blobs, names) + removeFiles(partial, Set.of());
  }

  static long removeFiles(Path directory, Set<String> kept) throws IOException {
    long bytes = 0;
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        if (!kept.contains(file.getFileName().toString())) {
          bytes += Files.size(file);
          Files.delete(file);
        }
      }
    }
    return bytes;
  }

  /// The digest of a file's bytes.
  static Digest digest(Path file) throws IOException {
    return copy(file, OutputStream.nullOutputStream());
  }
}
