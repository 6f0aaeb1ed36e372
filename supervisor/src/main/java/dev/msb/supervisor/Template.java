package dev.msb.supervisor;

import dev.msb.posix.Posix;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A guest that was saved as its agent waited for its configuration, opened to start a sandbox
/// from.
///
/// Its directory has the file `memory`, which QEMU maps and copies on write, the file `state` with
/// everything else of the machine, `upper` if the guest has mounted its disks, and the `manifest`.
/// There is nothing secret in it, but who can write to it owns every sandbox that is started from
/// it: it lies in the user's home, with mode 0700. QEMU itself, run by that user, could write to
/// it: it opens memory for writing whether it shares it or not.
///
/// **What is checked at each use.** State and manifest by their checksums. Memory is too large for
/// that, and for the disk: size, inode and times of change must be those of the making, so any
/// write or replacement through the file system is found. Nothing is forced to the disk when a
/// template is made, so one is good only until the host boots again, which is what keeps us from
/// memory that a power failure left half written. Not found is what changes the file behind the
/// file system's back.
final class Template implements AutoCloseable {
  static final String MEMORY = "memory";
  static final String STATE = "state";
  static final String UPPER = "upper";
  private static final String MANIFEST = "manifest";

  private final Path directory;
  private final int memoryFd;
  private final int stateFd;
  private final int upperFd;
  private final byte[] greeting;
  private final String qemu;

  private Template(
      Path directory, int memoryFd, int stateFd, int upperFd, byte[] greeting, String qemu) {
    this.directory = directory;
    this.memoryFd = memoryFd;
    this.stateFd = stateFd;
    this.upperFd = upperFd;
    this.greeting = greeting;
    this.qemu = qemu;
  }

  /// Opens and checks a template.
  ///
  /// @return null if there is none
  /// @throws IOException if it cannot be used; the message says why
  static @Nullable Template open(Path directory, TemplateKey key) throws IOException {
    Properties manifest = new Properties();
    try (InputStream in = Files.newInputStream(directory.resolve(MANIFEST))) {
      manifest.load(in);
    } catch (NoSuchFileException e) {
      if (Files.exists(directory)) {
        throw new IOException("it has no manifest", e);
      }
      return null;
    } catch (IllegalArgumentException e) {
      throw new IOException("its manifest cannot be read", e);
    }
    if (!check(manifest).equals(manifest.getProperty("check"))) {
      throw new IOException("its manifest was changed");
    }
    if (!facts(manifest).equals(key.facts())) {
      throw new IOException("it is of another kind of machine");
    }
    if (!hostBoot().equals(manifest.getProperty("boot"))) {
      throw new IOException("the host has booted since it was made");
    }
    int memory = open(directory.resolve(MEMORY), Posix.O_RDWR);
    int state = -1;
    int upper = -1;
    boolean good = false;
    try {
      state = open(directory.resolve(STATE), Posix.O_RDONLY);
      if (!identity(memory).equals(manifest.getProperty("memory"))) {
        throw new IOException("its memory was changed");
      }
      if (!checksum(state).equals(manifest.getProperty("state"))) {
        throw new IOException("its state was changed");
      }
      String identity = manifest.getProperty(UPPER);
      if (identity != null) {
        upper = open(directory.resolve(UPPER), Posix.O_RDONLY);
        if (!identity(upper).equals(identity)) {
          throw new IOException("its disk was changed");
        }
      }
      byte[] greeting = HexFormat.of().parseHex(manifest.getProperty("greeting"));
      Template template =
          new Template(directory, memory, state, upper, greeting, manifest.getProperty("qemu"));
      good = true;
      return template;
    } finally {
      if (!good) {
        Posix.close(memory);
        closeIfOpen(state);
        closeIfOpen(upper);
      }
    }
  }

  /// Completes a template whose memory and state are there, and written by nobody any more.
  ///
  /// @param greeting the agent's READY
  /// @param qemu with what QEMU introduced itself
  static void seal(Path directory, TemplateKey key, byte[] greeting, String qemu)
      throws IOException {
    Properties manifest = new Properties();
    for (String file : List.of(MEMORY, UPPER)) {
      if (Files.exists(directory.resolve(file))) {
        int fd = open(directory.resolve(file), Posix.O_RDONLY);
        try {
          manifest.setProperty(file, identity(fd));
        } finally {
          Posix.close(fd);
        }
      }
    }
    int state = open(directory.resolve(STATE), Posix.O_RDONLY);
    try {
      manifest.setProperty("state", checksum(state));
    } finally {
      Posix.close(state);
    }
    manifest.setProperty("boot", hostBoot());
    manifest.setProperty("greeting", HexFormat.of().formatHex(greeting));
    manifest.setProperty("qemu", qemu);
    for (int i = 0; i < key.facts().size(); i++) {
      manifest.setProperty("key." + i, key.facts().get(i));
    }
    manifest.setProperty("check", check(manifest));
    try (OutputStream out = Files.newOutputStream(directory.resolve(MANIFEST))) {
      manifest.store(out, null);
    }
  }

  /// Descriptors for QEMU, from [QemuCommandLine#MEMORY_FD] on.
  int[] fds() {
    return new int[] {memoryFd, stateFd};
  }

  /// The writable disk as its guest left it, to be copied for each sandbox; -1 if it has none.
  int upperFd() {
    return upperFd;
  }

  /// The READY that its agent has said: it will not say it again.
  ByteBuffer greeting() {
    return ByteBuffer.wrap(greeting).asReadOnlyBuffer();
  }

  /// With what the QEMU that made it introduced itself. Another may not understand it.
  String qemu() {
    return qemu;
  }

  /// Remembers that it was used just now.
  void touch() {
    try {
      FileTime now = FileTime.from(Instant.now());
      Files.setLastModifiedTime(directory.resolve(MANIFEST), now);
    } catch (IOException e) {
      // Removed meanwhile; it lives on for those who have it open.
    }
  }

  /// When a template was used last. The epoch for what is no template.
  static Instant lastUsed(Path directory) {
    try {
      return Files.getLastModifiedTime(directory.resolve(MANIFEST)).toInstant();
    } catch (IOException e) {
      return Instant.EPOCH;
    }
  }

  /// Lets go of the files. A QEMU that was started with them keeps them.
  @Override
  public void close() {
    Posix.close(memoryFd);
    Posix.close(stateFd);
    closeIfOpen(upperFd);
  }

  /// The identity of this boot of the host.
  private static String hostBoot() throws IOException {
    return Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
  }

  static int open(Path file, int flags) throws IOException {
    byte[] path = file.toString().getBytes(StandardCharsets.UTF_8);
    return Posix.check(Posix.open(path, flags, 0600), "cannot open " + file);
  }

  private static List<String> facts(Properties manifest) {
    List<String> facts = new ArrayList<>();
    for (int i = 0; manifest.containsKey("key." + i); i++) {
      facts.add(manifest.getProperty("key." + i));
    }
    return facts;
  }

  private static String identity(int fd) throws IOException {
    return identity(opened(fd));
  }

  /// Tells a file from any other, and from itself after any change.
  static String identity(Path file) throws IOException {
    Map<String, Object> facts = Files.readAttributes(file, "unix:size,ino,lastModifiedTime,ctime");
    return facts.get("size")
        + " bytes, inode "
        + facts.get("ino")
        + ", written "
        + nanos(facts.get("lastModifiedTime"))
        + ", changed "
        + nanos(facts.get("ctime"));
  }

  /// The digest of all else that a manifest says.
  private static String check(Properties manifest) {
    StringBuilder text = new StringBuilder();
    for (String name : new TreeSet<>(manifest.stringPropertyNames())) {
      if (!name.equals("check")) {
        text.append(name).append('=').append(manifest.getProperty(name)).append('\n');
      }
    }
    return Checksum.of(text.toString());
  }

  private static long nanos(@Nullable Object time) {
    return time instanceof FileTime t ? t.to(TimeUnit.NANOSECONDS) : 0;
  }

  private static String checksum(int fd) throws IOException {
    return Checksum.of(Files.readAllBytes(opened(fd)));
  }

  /// A name for the very file that is open, whatever its own name leads to now.
  private static Path opened(int fd) {
    return Path.of("/proc/self/fd/" + fd);
  }

  private static void closeIfOpen(int fd) {
    if (fd >= 0) {
      Posix.close(fd);
    }
  }
}
