package dev.msb.home;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Where the built parts of msb are: the directory that `./build dist` makes.
///
/// Named by the system property `msb.dist`, else by the environment variable `MSB_DIST`, else by
/// the link `dist` in msb's home, which `./build install` makes.
public final class Distribution {
  private final Path path;

  private Distribution(Path path) {
    this.path = path;
  }

  /// The distribution that this process belongs to or was pointed to.
  ///
  /// @throws IOException if none is named, or it is not complete
  public static Distribution find() throws IOException {
    String named = System.getProperty("msb.dist");
    if (named == null || named.isEmpty()) {
      named = System.getenv("MSB_DIST");
    }
    if (named == null || named.isEmpty()) {
      Path installed = MsbHome.ofEnvironment().path().resolve("dist");
      if (!Files.exists(installed)) {
        throw new IOException(
            "msb's runtime was not found, which is what runs the virtual machines: call"
                + " ./build install in a checkout of msb, or set MSB_DIST (or the system property"
                + " msb.dist) to the directory dist of one; looked for "
                + installed);
      }
      named = installed.toString();
    }
    Distribution distribution = new Distribution(Path.of(named).toAbsolutePath().normalize());
    if (!Files.exists(distribution.initramfs())) {
      throw new IOException(
          "msb's runtime in " + named + " is not complete: run ./build setup in the msb checkout");
    }
    return distribution;
  }

  /// The directory itself.
  public Path path() {
    return path;
  }

  /// The java launcher of the run-time image.
  Path java() {
    return path.resolve("runtime/bin/java");
  }

  /// The cache of the classes that a supervisor loads, see JEP 483. The command line has its own.
  Path aotCache() {
    return path.resolve("supervisor.aot");
  }

  /// The guest's kernel: `MSB_KERNEL`, else the one from the distribution's package.
  public Path kernel() {
    String named = System.getenv("MSB_KERNEL");
    return named != null && !named.isEmpty() ? Path.of(named) : path.resolve("guest/vmlinux");
  }

  /// What people know the kernel by: its Debian package and version, or the file if it was named.
  public String kernelName() throws IOException {
    String named = System.getenv("MSB_KERNEL");
    if (named != null && !named.isEmpty()) {
      return named;
    }
    for (String line : manifest()) {
      if (line.startsWith("kernel ")) {
        return line.substring(line.indexOf(' ') + 1, line.lastIndexOf(' '));
      }
    }
    throw new IOException("the manifest of the guest in " + path + " lacks its kernel");
  }

  /// The agent and the modules it loads.
  public Path initramfs() {
    return path.resolve("guest/initramfs");
  }

  /// The root of the built-in image.
  public Path busyboxImage() {
    return path.resolve("guest/busybox.squashfs");
  }

  /// A script that makes an empty writable layer of any size: `make-upper FILE BYTES`.
  public Path makeUpper() {
    return path.resolve("guest/make-upper");
  }

  /// An empty writable layer, to be copied for each sandbox.
  public Path emptyUpperDisk() {
    return path.resolve("guest/upper.ext4");
  }

  /// What the kernel is: its digest, or, if it was named, what tells it from another.
  public String kernelDigest() throws IOException {
    String named = System.getenv("MSB_KERNEL");
    return named != null && !named.isEmpty() ? fingerprint(Path.of(named)) : digest("vmlinux");
  }

  /// What the initramfs is: its digest.
  public String initramfsDigest() throws IOException {
    return digest("initramfs");
  }

  private List<String> manifest() throws IOException {
    return Files.readAllLines(path.resolve("guest/manifest"));
  }

  private String digest(String file) throws IOException {
    for (String line : manifest()) {
      if (line.endsWith("  " + file)) {
        return line.substring(0, line.indexOf(' '));
      }
    }
    throw new IOException("the manifest of the guest in " + path + " lacks " + file);
  }

  /// Tells one version of a file from another, without reading it.
  ///
  /// @throws IOException if it is not there
  public static String fingerprint(Path file) throws IOException {
    return file + ":" + Files.size(file) + ":" + Files.getLastModifiedTime(file).toMillis();
  }
}
