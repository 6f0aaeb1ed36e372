package dev.msb.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.ClosedFileSystemException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.NotLinkException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The client of the file service with the agent's real file server; the guest is a directory of
/// this machine.
@Timeout(120)
class GuestFilesTest {
  private final Path guest;
  private final Path host;
  private final LocalFileServer server;
  private final GuestFiles files;

  GuestFilesTest(@TempDir Path directory) throws IOException {
    guest = Files.createDirectory(directory.resolve("guest"));
    host = Files.createDirectory(directory.resolve("host"));
    server = new LocalFileServer(guest);
    files = server.files(Duration.ofMinutes(10));
  }

  @AfterEach
  void end() throws Exception {
    files.close();
    server.close();
  }

  private String at(String name) {
    return guest.resolve(name).toString();
  }

  @Test
  void aFileIsWrittenAndRead() throws Exception {
    files.writeString("note", "hello");
    assertThat(files.readString(at("note"))).isEqualTo("hello");
    assertThat(Files.readString(guest.resolve("note"))).isEqualTo("hello");
    assertThat(files.stat("note").mode()).isEqualTo(0644);
    files.writeString("note", "more");
    assertThat(files.readString("note")).isEqualTo("more");
    try (OutputStream out = files.write("note", StandardOpenOption.APPEND)) {
      out.write('!');
    }
    assertThat(files.readString("note")).isEqualTo("more!");
    assertThat(server.started()).hasSize(1);
  }

  @Test
  void aLargeFileStreamsBothWays() throws Exception {
    byte[] bytes = new byte[5_000_011];
    new Random(7).nextBytes(bytes);
    try (OutputStream out = files.write("large")) {
      out.write(bytes, 0, 1);
      out.write(bytes, 1, 3_000_000);
      out.write(bytes, 3_000_001, bytes.length - 3_000_001);
    }
    assertThat(Files.readAllBytes(guest.resolve("large"))).isEqualTo(bytes);
    try (InputStream in = files.read("large")) {
      assertThat(in.readAllBytes()).isEqualTo(bytes);
      assertThat(in.read()).isEqualTo(-1);
    }
  }

  @Test
  void aFileThatGrowsIsReadOn() throws Exception {
    files.writeString("log", "one");
    try (InputStream in = files.read("log")) {
      assertThat(in.readAllBytes()).asString().isEqualTo("one");
      Files.writeString(guest.resolve("log"), "two", StandardOpenOption.APPEND);
      assertThat(in.readAllBytes()).asString().isEqualTo("two");
    }
  }

  @Test
  void failuresAreTypedAndNameThePath() throws Exception {
    files.makeDirectories("d/e");
    files.writeString("f", "");
    files.makeSymbolicLink("loop", "loop");
    expect(NoSuchFileException.class, "gone", () -> files.readString("gone"));
    expect(NoSuchFileException.class, "gone", () -> files.stat("gone"));
    expect(NoSuchFileException.class, "gone", () -> files.list("gone"));
    expect(NoSuchFileException.class, "gone/x", () -> files.writeString("gone/x", ""));
    expect(FileAlreadyExistsException.class, "d", () -> files.makeDirectory("d"));
    expect(FileAlreadyExistsException.class, "f", () -> files.makeDirectories("f"));
    expect(FileAlreadyExistsException.class, "f", () -> files.makeDirectories("f/x"));
    expect(FileAlreadyExistsException.class, "f", () -> files.makeSymbolicLink("f", "x"));
    expect(DirectoryNotEmptyException.class, "d", () -> files.remove("d"));
    expect(NotDirectoryException.class, "f/x", () -> files.stat("f/x"));
    expect(NotDirectoryException.class, "f", () -> files.list("f"));
    expect(FileSystemLoopException.class, "loop", () -> files.stat("loop"));
    expect(FileSystemException.class, "is a directory", () -> files.readString("d"));
    expect(NotLinkException.class, "f", () -> files.readSymbolicLink("f"));
    expect(FileSystemException.class, "too long", () -> files.stat("x".repeat(300)));
    expect(FileSystemException.class, "too long", () -> files.stat("x/".repeat(40_000)));
    expect(FileSystemException.class, "ENOSPC", () -> files.writeString("/dev/full", "x"));
    expect(FileAlreadyExistsException.class, "f", () -> files.move("d", "f"));
    expect(FileSystemException.class, "the root", () -> files.removeTree("/"));
    expect(FileSystemException.class, "the root", () -> files.removeTree("d/.."));
    expect(FileSystemException.class, "the root", () -> files.removeTree("d/./"));
    assertThat(files.exists("loop")).isTrue();
    assertThat(files.exists("gone")).isFalse();
    assertThatThrownBy(() -> files.stat("a\0b")).isInstanceOf(IllegalArgumentException.class);
  }

  private interface Failing {
    void run() throws IOException;
  }

  private static void expect(Class<? extends Exception> type, String part, Failing action) {
    assertThatThrownBy(action::run).isInstanceOf(type).hasMessageContaining(part);
  }

  @Test
  void attributesAreSetAndTold() throws Exception {
    files.writeString("f", "12345");
    files.setMode("f", 04751);
    FileTime time = FileTime.from(Instant.ofEpochSecond(-5, 123_456_789));
    files.setModified("f", time);
    FileInfo info = files.stat("f");
    assertThat(info.mode()).isEqualTo(04751);
    assertThat(info.modified()).isEqualTo(time);
    assertThat(info.size()).isEqualTo(5);
    assertThat(info.name()).isEqualTo("f");
    assertThat(info.inode()).isEqualTo(Files.getAttribute(guest.resolve("f"), "unix:ino"));
    files.setPermissions("f", PosixFilePermissions.fromString("r--r-----"));
    assertThat(files.stat("f").permissions())
        .isEqualTo(Files.getPosixFilePermissions(guest.resolve("f")));
    files.makeSymbolicLink("l", "f");
    assertThat(files.stat("l").isRegularFile()).isTrue();
    assertThat(files.stat("l", LinkOption.NOFOLLOW_LINKS).isSymbolicLink()).isTrue();
    assertThat(files.readSymbolicLink("l")).isEqualTo("f");
  }

  @Test
  void aListingHasEveryEntryOnce() throws Exception {
    files.makeDirectory("d");
    List<String> names = new ArrayList<>();
    for (int i = 0; i < 1500; i++) {
      names.add("entry" + i);
      Files.createFile(guest.resolve("d/entry" + i));
    }
    List<FileInfo> infos = files.list("d");
    assertThat(infos).extracting(FileInfo::name).containsExactlyInAnyOrderElementsOf(names);
    assertThat(infos).allMatch(info -> info.isRegularFile() && info.path().startsWith("d/"));
  }

  @Test
  void namesAreBytes() throws Exception {
    String odd = "a\n\udcff\udc80 \u00fc";
    String longest = "x".repeat(255);
    files.writeString(odd, "odd");
    files.writeString(longest, "long");
    assertThat(files.list(".")).extracting(FileInfo::name).contains(odd, longest);
    assertThat(files.readString(odd)).isEqualTo("odd");
    CopySummary out = files.copyOut(".", host.resolve("copy"));
    assertThat(out.files()).isEqualTo(2);
    files.copyIn(host.resolve("copy"), "again");
    assertThat(files.list("again")).extracting(FileInfo::name).contains(odd, longest);
    files.remove(odd);
    files.removeTree("again");
    assertThat(files.list(".")).extracting(FileInfo::name).containsExactly(longest);
  }

  @Test
  void aRandomTreeIsTheSameAfterTheWayThereAndBack() throws Exception {
    long seed = Long.getLong("msb.seed", System.nanoTime());
    System.out.println("seed " + seed);
    Path tree = host.resolve("tree");
    RandomTree.make(tree, new Random(seed), 400);
    CopySummary in = files.copyIn(tree, "copy");
    assertThat(RandomTree.describe(guest.resolve("copy"))).isEqualTo(RandomTree.describe(tree));
    CopySummary out = files.copyOut("copy", host.resolve("back"));
    assertThat(RandomTree.describe(host.resolve("back")))
        .isEqualTo(RandomTree.describe(tree, HostMask.current()));
    files.copyOut("copy", host.resolve("exact"), CopyOptions.defaults().keepingOwners());
    assertThat(RandomTree.describe(host.resolve("exact"))).isEqualTo(RandomTree.describe(tree));
    assertThat(in).isEqualTo(out);
    assertThat(out.complete()).isTrue();
    files.copyIn(tree, "copy"); // over what is there
    files.copyOut("copy", host.resolve("back"));
    assertThat(RandomTree.describe(host.resolve("back")).keySet())
        .isEqualTo(RandomTree.describe(tree).keySet());
    files.removeTree("copy");
    assertThat(files.exists("copy")).isFalse();
    assertThat(Files.exists(Path.of("/etc/passwd"))).isTrue();
  }

  @Test
  void specialFilesAreLeftOutAndNamed() throws Exception {
    files.makeDirectory("d");
    files.writeString("d/f", "x");
    assertThat(new ProcessBuilder("mkfifo", at("d/fifo")).start().waitFor()).isZero();
    CopySummary summary = files.copyOut("d", host.resolve("d"));
    assertThat(summary.skipped()).containsExactly(at("d/fifo"));
    assertThat(host.resolve("d/f")).hasContent("x");
    expect(FileSystemException.class, "FIFO", () -> files.copyOut("d/fifo", host.resolve("x")));
    expect(FileSystemException.class, "FIFO", () -> files.read("d/fifo"));
    assertThat(files.copyIn(guest.resolve("d"), "e").skippedCount()).isEqualTo(1);
  }

  @Test
  void whatIsInTheWayIsReplacedOrRefused() throws Exception {
    Path outside = Files.writeString(host.resolve("outside"), "safe");
    files.makeDirectories("tree/d");
    files.writeString("tree/f", "new");
    Path target = Files.createDirectory(host.resolve("target"));
    Files.createSymbolicLink(target.resolve("f"), outside);
    files.copyOut("tree", target);
    assertThat(outside).hasContent("safe");
    assertThat(Files.isSymbolicLink(target.resolve("f"))).isFalse();
    Files.delete(target.resolve("d"));
    Files.createSymbolicLink(target.resolve("d"), host);
    expect(FileAlreadyExistsException.class, "d", () -> files.copyOut("tree", target));
    Files.delete(target.resolve("d"));
    Files.delete(target.resolve("f"));
    Files.createDirectory(target.resolve("f"));
    expect(FileAlreadyExistsException.class, "f", () -> files.copyOut("tree", target));
    // And into the guest
    Path tree = Files.createDirectory(host.resolve("tree"));
    Files.writeString(tree.resolve("f"), "in");
    files.remove("tree/f");
    files.makeSymbolicLink("tree/f", outside.toString());
    files.copyIn(tree, "tree");
    assertThat(outside).hasContent("safe");
    files.remove("tree/f");
    files.makeDirectory("tree/f");
    expect(FileAlreadyExistsException.class, "f", () -> files.copyIn(tree, "tree"));
  }

  @Test
  void linksAreFollowedIfAskedFor() throws Exception {
    files.makeDirectories("d/sub");
    files.writeString("d/sub/f", "content");
    files.makeSymbolicLink("d/link", "sub");
    files.makeSymbolicLink("d/file", "sub/f");
    CopyOptions follow = CopyOptions.defaults().followingLinks();
    files.copyOut("d", host.resolve("out"), follow);
    assertThat(host.resolve("out/link/f")).hasContent("content").isRegularFile();
    assertThat(Files.isSymbolicLink(host.resolve("out/file"))).isFalse();
    files.copyIn(guest.resolve("d"), "in", follow);
    assertThat(guest.resolve("in/link/f")).hasContent("content");
    files.makeSymbolicLink("d/sub/up", "..");
    expect(
        FileSystemLoopException.class,
        "in itself",
        () -> files.copyOut("d", host.resolve("loop"), follow));
    expect(
        FileSystemLoopException.class,
        "in itself",
        () -> files.copyIn(guest.resolve("d"), "loop", follow));
  }

  @Test
  void aCopyHasLimitsAndAListener() throws Exception {
    files.makeDirectory("d");
    files.writeString("d/a", "12345");
    files.writeString("d/b", "12345");
    CopyOptions few = CopyOptions.defaults().limitedTo(7, 100);
    expect(FileSystemException.class, "7 bytes", () -> files.copyOut("d", host.resolve("x"), few));
    CopyOptions two = CopyOptions.defaults().limitedTo(100, 2);
    expect(FileSystemException.class, "2 files", () -> files.copyOut("d", host.resolve("y"), two));
    List<String> heard = new ArrayList<>();
    CopyListener listener =
        new CopyListener() {
          @Override
          public void begins(String path) {
            heard.add(path);
          }
        };
    files.copyOut("d", host.resolve("z"), CopyOptions.defaults().tellingTo(listener));
    assertThat(heard).containsExactlyInAnyOrder(at("d"), at("d/a"), at("d/b"));
    CopyListener thrower =
        new CopyListener() {
          @Override
          public void copied(long bytes) {
            throw new IllegalStateException("enough");
          }
        };
    assertThatThrownBy(
            () -> files.copyOut("d", host.resolve("t"), CopyOptions.defaults().tellingTo(thrower)))
        .hasMessage("enough");
    assertThat(files.readString("d/a")).isEqualTo("12345"); // all is well after that
  }

  @Test
  void aTreeDeeperThanAPathMayBeIsRemoved() throws Exception {
    String path = "deep";
    files.makeDirectory(path);
    for (int i = 0; i < 1200; i++) { // 6000 bytes of path
      path += "/name";
      files.makeDirectory(path);
    }
    files.writeString(path + "/file", "x");
    assertThat(files.readString(path + "/file")).isEqualTo("x");
    files.removeTree("deep");
    assertThat(files.exists("deep")).isFalse();
  }

  @Test
  void manyThreadsShareOneServer() throws Exception {
    byte[] bytes = new byte[400_000];
    new Random(1).nextBytes(bytes);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Boolean>> all = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        String name = "f" + i;
        all.add(
            threads.submit(() -> {
              files.writeBytes(name, bytes);
              boolean same = java.util.Arrays.equals(files.readAllBytes(name), bytes);
              files.remove(name);
              return same && !files.exists(name);
            }));
      }
      for (Future<Boolean> one : all) {
        assertThat(one.get()).isTrue();
      }
    }
    assertThat(server.started()).hasSize(1);
  }

  @Test
  void aServerThatEndsIsToldAndReplaced() throws Exception {
    files.writeString("f", "x");
    InputStream in = files.read("f");
    OutputStream out = files.write("g");
    server.started().getFirst().destroyForcibly().waitFor();
    assertThatThrownBy(
            () -> {
              out.write(new byte[1 << 20]);
              out.close();
            })
        .isInstanceOf(PlainTransport.Lost.class)
        .hasMessageContaining("file server ended");
    assertThat(files.readString("f")).isEqualTo("x");
    assertThat(server.started()).hasSize(2);
    in.close(); // of the old one: no harm
    assertThat(files.readString("f")).isEqualTo("x");
  }

  @Test
  void whatWaitsIsLetGoByCloseAndByInterrupt() throws Exception {
    files.writeString("f", "x");
    Process process = server.started().getFirst();
    signal("STOP", process); // it answers nothing now
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<?> interrupted = threads.submit(() -> files.readString("f"));
      awaitRequest(request -> opens(request, "f"));
      interrupted.cancel(true);
      Future<?> closed =
          threads.submit(() -> {
            files.writeBytes("g", new byte[10 << 20]);
            return null;
          });
      awaitRequest(request -> opens(request, "g"));
      files.close();
      assertThatThrownBy(closed::get).hasRootCauseInstanceOf(PlainTransport.Failed.class);
    }
    assertThatThrownBy(() -> files.stat("f")).isInstanceOf(ClosedFileSystemException.class);
    assertThat(process.waitFor()).isNotZero();
  }

  /// Until the server has been asked this.
  private void awaitRequest(Predicate<FileRequest> asked) throws Exception {
    FileConnection connection = files.client().connect();
    try {
      while (connection.underWay().stream().noneMatch(asked)) {
        Thread.onSpinWait();
      }
    } finally {
      connection.release();
    }
  }

  private static boolean opens(FileRequest request, String file) {
    return request instanceof FileRequest.Open open && open.name().path().endsWith("/" + file);
  }

  @Test
  void aStreamIsClosedWhileAnotherThreadReads() throws Exception {
    files.writeBytes("f", new byte[1 << 20]);
    InputStream in = files.read("f");
    signal("STOP", server.started().getFirst());
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<?> reading = threads.submit(() -> in.readAllBytes());
      awaitRequest(FileRequest.Read.class::isInstance);
      in.close();
      assertThatThrownBy(reading::get).hasCauseInstanceOf(IOException.class);
    }
    signal("CONT", server.started().getFirst());
    assertThat(files.readAllBytes("f")).hasSize(1 << 20);
    expect(IOException.class, "closed", in::read);
  }

  private static void signal(String name, Process process) throws Exception {
    assertThat(new ProcessBuilder("kill", "-" + name, "" + process.pid()).start().waitFor())
        .isZero();
  }

  @Test
  void anIdleConnectionEndsAndTheNextCallConnects() throws Exception {
    try (GuestFiles short_ = server.files(Duration.ofMillis(1))) {
      short_.writeString("f", "x");
      server.started().getLast().waitFor(); // nobody ended it but the idle time
      assertThat(short_.readString("f")).isEqualTo("x");
      try (InputStream in = short_.read("f")) { // as long as a file is open it is in use
        assertThat(in.read()).isEqualTo('x');
      }
    }
  }

  @Test
  void theFileSystemViewDoesWhatFilesDoes() throws Exception {
    FileSystem system = files.fileSystem();
    Path root = system.getPath(guest.toString());
    Path d = Files.createDirectories(root.resolve("a/b/c"));
    Path f = Files.writeString(d.resolve("f"), "text");
    assertThat(Files.readString(f)).isEqualTo("text");
    assertThat(Files.size(f)).isEqualTo(4);
    assertThat(Files.exists(root.resolve("gone"))).isFalse();
    assertThat(Files.isDirectory(d)).isTrue();
    Path link = Files.createSymbolicLink(root.resolve("link"), system.getPath("a/b"));
    assertThat(Files.readSymbolicLink(link)).isEqualTo(system.getPath("a/b"));
    assertThat(link.resolve("c/f").toRealPath()).isEqualTo(f);
    Files.createLink(root.resolve("hard"), f);
    assertThat(Files.getAttribute(f, "unix:nlink")).isEqualTo(2);
    assertThat(Files.isSameFile(f, root.resolve("hard"))).isTrue();
    try (Stream<Path> walk = Files.walk(root)) {
      assertThat(walk.map(root::relativize).map(Path::toString))
          .containsExactlyInAnyOrder("", "a", "a/b", "a/b/c", "a/b/c/f", "link", "hard");
    }
    Files.setPosixFilePermissions(f, PosixFilePermissions.fromString("rwx------"));
    assertThat(Files.getPosixFilePermissions(f))
        .hasToString("[OWNER_READ, OWNER_WRITE, OWNER_EXECUTE]");
    Files.setLastModifiedTime(f, FileTime.fromMillis(1_000_001));
    assertThat(Files.getLastModifiedTime(f).toMillis()).isEqualTo(1_000_001);
    assertThat(Files.getOwner(f).getName()).matches("[0-9]+");
    assertThat(Files.readAttributes(f, "unix:*"))
        .containsKeys("ino", "dev", "uid", "mode", "ctime");
    Files.copy(f, root.resolve("copy"), StandardCopyOption.COPY_ATTRIBUTES);
    assertThat(Files.getLastModifiedTime(root.resolve("copy")).toMillis()).isEqualTo(1_000_001);
    Files.move(root.resolve("copy"), root.resolve("moved"), StandardCopyOption.ATOMIC_MOVE);
    expect(
        FileAlreadyExistsException.class,
        "hard",
        () -> Files.move(root.resolve("moved"), root.resolve("hard")));
    Files.move(root.resolve("moved"), root.resolve("hard"), StandardCopyOption.REPLACE_EXISTING);
    Files.copy(f, host.resolve("f")); // and between the two
    assertThat(host.resolve("f")).hasContent("text");
    Files.copy(host.resolve("f"), root.resolve("from-host"));
    assertThat(guest.resolve("from-host")).hasContent("text");
    assertThat(Files.isExecutable(f)).isTrue();
    assertThat(Files.getFileStore(f).getTotalSpace()).isPositive();
    expect(DirectoryNotEmptyException.class, "a", () -> Files.delete(root.resolve("a")));
    Files.delete(f);
    assertThat(Files.deleteIfExists(f)).isFalse();
    Path temporary = Files.createTempFile(root, "x", "y");
    assertThat(temporary).isEmptyFile();
    assertThat(f.toUri()).isEqualTo(URI.create("msb://local" + f));
    assertThat(system.getPath("x").toAbsolutePath()).isEqualTo(root.resolve("x"));
    system.close();
    assertThatThrownBy(() -> Files.size(root)).isInstanceOf(ClosedFileSystemException.class);
    assertThat(files.exists("hard")).isTrue();
  }

  @Test
  void aChannelReadsAndWritesAnywhere() throws Exception {
    Path f = files.fileSystem().getPath(at("channel"));
    byte[] bytes = new byte[700_000];
    new Random(3).nextBytes(bytes);
    try (SeekableByteChannel channel =
        Files.newByteChannel(
            f, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
      ByteBuffer source = ByteBuffer.wrap(bytes);
      assertThat(channel.write(source)).isEqualTo(bytes.length);
      assertThat(channel.position()).isEqualTo(bytes.length);
      channel.position(65_530);
      ByteBuffer read = ByteBuffer.allocate(100);
      assertThat(channel.read(read)).isEqualTo(100);
      assertThat(read.array()).isEqualTo(java.util.Arrays.copyOfRange(bytes, 65_530, 65_630));
      channel.position(0);
      ByteBuffer most = ByteBuffer.allocate(1_000_000);
      while (channel.read(most) >= 0) {
        // until the end
      }
      assertThat(most.position()).isEqualTo(bytes.length);
      assertThat(java.util.Arrays.copyOf(most.array(), bytes.length)).isEqualTo(bytes);
      channel.truncate(10);
      assertThat(channel.size()).isEqualTo(10);
      assertThat(channel.position()).isEqualTo(10);
      channel.position(20).write(ByteBuffer.wrap(new byte[] {1}));
      assertThat(channel.size()).isEqualTo(21);
    }
    try (SeekableByteChannel channel = Files.newByteChannel(f, StandardOpenOption.APPEND)) {
      channel.write(ByteBuffer.wrap(new byte[5]));
      assertThat(channel.position()).isEqualTo(26);
    }
  }

  @Test
  void movingOverAndIntoIsAsTheJdkHasIt() throws Exception {
    files.writeString("a", "a");
    files.makeDirectory("d");
    files.move("a", "d", StandardCopyOption.REPLACE_EXISTING); // an empty directory goes
    assertThat(files.readString("d")).isEqualTo("a");
    files.makeDirectories("e/x");
    expect(
        DirectoryNotEmptyException.class,
        "e",
        () -> files.move("d", "e", StandardCopyOption.REPLACE_EXISTING));
    Path shm = Path.of("/dev/shm/msb-files-" + ProcessHandle.current().pid());
    files.writeString("e/x/f", "deep");
    expect(
        AtomicMoveNotSupportedException.class,
        "EXDEV",
        () -> files.move("e", shm.toString(), StandardCopyOption.ATOMIC_MOVE));
    files.move("e", shm.toString()); // to another file system: copied, then removed
    assertThat(shm.resolve("x/f")).hasContent("deep");
    assertThat(files.exists("e")).isFalse();
    files.removeTree(shm.toString());
    assertThat(shm).doesNotExist();
  }
}
