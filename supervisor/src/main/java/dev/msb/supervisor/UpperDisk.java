package dev.msb.supervisor;

import dev.msb.home.Distribution;
import dev.msb.home.MsbHome;
import dev.msb.home.SandboxConfig;
import dev.msb.home.SandboxDirectory;
import dev.msb.posix.Posix;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/// What a sandbox writes to: a disk that is made at its first start, or memory.
final class UpperDisk {
  private final Path file;
  private final SandboxConfig config;
  private final Distribution distribution;

  UpperDisk(SandboxDirectory directory, SandboxConfig config, Distribution distribution) {
    this.file = directory.upperDisk();
    this.config = config;
    this.distribution = distribution;
  }

  boolean isInMemory() {
    return config.diskIsInMemory();
  }

  /// Whether there is nothing of the sandbox's on it.
  boolean isEmpty() {
    return isInMemory() || !Files.exists(file);
  }

  /// Whether a file is in the same sandbox's directory, so nobody else's.
  boolean isBeside(Path other) {
    return other.startsWith(file.resolveSibling(""));
  }

  /// What an empty one of the same kind is: the same text, the same bytes.
  String identity() throws IOException {
    if (isInMemory()) {
      return "memory";
    }
    return config.disk().isEmpty()
        ? Template.identity(distribution.emptyUpperDisk())
        : config.disk() + " bytes by " + Template.identity(distribution.makeUpper());
  }

  /// Makes it, if there is none yet.
  void make() throws IOException {
    if (isEmpty() && !isInMemory()) {
      Path made = beside();
      makeEmpty(made);
      Files.move(made, file, StandardCopyOption.ATOMIC_MOVE);
    }
  }

  /// Makes it as a copy of an open one.
  void makeFrom(int fd) throws IOException {
    Path made = beside();
    copy(fd, made);
    Files.move(made, file, StandardCopyOption.ATOMIC_MOVE);
  }

  /// Makes an empty one of its kind elsewhere.
  void makeEmpty(Path target) throws IOException {
    if (!config.disk().isEmpty()) {
      format(target);
      return;
    }
    int from = Template.open(distribution.emptyUpperDisk(), Posix.O_RDONLY);
    try {
      copy(from, target);
    } finally {
      Posix.close(from);
    }
  }

  private Path beside() {
    return file.resolveSibling("upper.new");
  }

  private static void copy(int from, Path target) throws IOException {
    int to = Template.open(target, Posix.O_RDWR | Posix.O_CREAT | Posix.O_TRUNC);
    try {
      Posix.check(Posix.copySparse(from, to), "cannot make " + target);
    } finally {
      Posix.close(to);
    }
  }

  private void format(Path target) throws IOException {
    Process maker =
        new ProcessBuilder(distribution.makeUpper().toString(), target.toString(), config.disk())
            .redirectErrorStream(true)
            .start();
    maker.getOutputStream().close();
    String said =
        new String(maker.getInputStream().readNBytes(10_000), StandardCharsets.UTF_8).strip();
    try {
      if (maker.waitFor() != 0) {
        throw new IOException(
            "cannot make a disk of "
                + config.disk()
                + " bytes: "
                + said.substring(said.lastIndexOf('\n') + 1));
      }
      MsbHome.closeToOthers(target, "rw-------");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while making the disk", e);
    }
  }
}
