package dev.msb.it;

import java.io.IOException;
import java.nio.file.Path;

/// A root with Debian's Python, Node.js and git, and servers from npm.
final class PeerImage {
  static final Path MADE = Path.of("target", "peers").toAbsolutePath();

  private PeerImage() {}

  /// Makes it, if it is not there or is not up to date.
  static Path make() throws IOException, InterruptedException {
    String maker = Path.of("make-peer-image").toAbsolutePath().toString();
    Msb.finish(new ProcessBuilder(maker, MADE.toString()).start()).ok();
    return MADE.resolve("peers.squashfs");
  }
}
