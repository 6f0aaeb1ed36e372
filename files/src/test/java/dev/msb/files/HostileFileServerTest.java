package dev.msb.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.Pipe;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// A file server that lies: nothing is written outside the target of a copy, memory stays bounded,
/// and whoever asked is told.
@Timeout(60)
class HostileFileServerTest {
  private static final int OPEN = 1;
  private static final int READ = 3;
  private static final int LIST = 6;
  private static final int STAT = 7;
  private static final int MAKE_DIRECTORY = 9;
  private static final int LINK_TO = 10;
  private static final int WALK = 18;
  private static final int PUT = 19;

  private static final int ERROR = 0x80;
  private static final int DONE = 0x81;
  private static final int DATA = 0x82;
  private static final int ATTRIBUTES = 0x83;
  private static final int ENTRIES = 0x84;
  private static final int PATH = 0x85;
  private static final int WALKED = 0x87;

  private static final int REGULAR = 1;
  private static final int DIRECTORY = 2;
  private static final int LINK = 3;
  private static final int FIFO = 6;

  /// What it answers to a request of some type: a whole message behind the id.
  private interface Liar {
    byte[] answer(int type) throws IOException;
  }

  private record Listed(String name, int kind) {}

  @TempDir Path host;

  private static byte[] message(int type, Object... fields) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeByte(type);
    for (Object field : fields) {
      switch (field) {
        case Integer number -> out.writeInt(number);
        case Long number -> out.writeLong(number);
        case String text -> {
          byte[] encoded = text.getBytes(StandardCharsets.UTF_8);
          out.writeInt(encoded.length);
          out.write(encoded);
        }
        case byte[] raw -> out.write(raw);
        default -> throw new IllegalArgumentException(field.toString());
      }
    }
    return bytes.toByteArray();
  }

  private static byte[] attributes(int kind) throws IOException {
    byte[] all = new byte[89];
    all[0] = (byte) kind;
    all[4] = (byte) 0xff; // of the mode
    return all;
  }

  /// Of a file with these names and this inode.
  private static byte[] attributes(int kind, int links, int inode) throws IOException {
    byte[] all = attributes(kind);
    all[28] = (byte) links;
    all[44] = (byte) inode;
    return all;
  }

  /// An entry of a walk, and what is behind it.
  private static byte[] entry(String name, byte[] attributes, byte[]... behind) throws IOException {
    return joined(record(1, name, attributes), joined(behind));
  }

  private static byte[] record(int type, Object... fields) throws IOException {
    return message(type, fields);
  }

  private static byte[] evil() throws IOException {
    byte[] bytes = "evil".getBytes(StandardCharsets.UTF_8);
    return joined(record(3, 0L, 4, bytes), end(0, 4));
  }

  private static byte[] end(int errno, long size) throws IOException {
    return record(2, errno, size);
  }

  private static byte[] target(String path) throws IOException {
    return record(4, path);
  }

  private static byte[] joined(byte[]... parts) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      bytes.writeBytes(part);
    }
    return bytes.toByteArray();
  }

  /// A server of one directory, through which these walks lead one after the other.
  private static Liar walking(byte[]... walks) {
    AtomicInteger count = new AtomicInteger();
    return type ->
        switch (type) {
          case STAT, OPEN -> message(ATTRIBUTES, attributes(DIRECTORY));
          case WALK -> {
            int i = count.getAndIncrement();
            yield message(
                WALKED,
                new byte[] {(byte) (i < walks.length - 1 ? 0 : 1)},
                i < walks.length ? walks[i] : new byte[0]);
          }
          default -> message(DONE, 0L);
        };
  }

  private static byte[] entries(boolean last, List<Listed> listed) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeByte(last ? 1 : 0);
    out.writeInt(listed.size());
    for (Listed entry : listed) {
      byte[] name = entry.name.getBytes(StandardCharsets.UTF_8);
      out.writeInt(name.length);
      out.write(name);
      out.write(attributes(entry.kind));
    }
    return message(ENTRIES, bytes.toByteArray());
  }

  /// A server of one directory with these entries, whose files hold `evil` and whose links lead to
  /// `linked`.
  private static Liar serving(List<Listed> listed, String linked) throws IOException {
    List<byte[]> all = new ArrayList<>();
    for (Listed one : listed) {
      byte[] behind =
          switch (one.kind) {
            case REGULAR -> evil();
            case LINK -> target(linked);
            default -> joined(entry("f", attributes(REGULAR), evil()), end(0, 0));
          };
      all.add(entry(one.name, attributes(one.kind), behind));
    }
    all.add(end(0, 0));
    return walking(joined(all.toArray(byte[][]::new)));
  }

  private static GuestFiles files(Liar liar) {
    return new GuestFiles(new FileClient(new LyingServer(liar), "", Duration.ofMinutes(1)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"..", ".", "", "../outside", "/outside", "a/b", "a\0b"})
  void aNameThatIsNoneIsNotUsed(String name) throws Exception {
    Path target = Files.createDirectory(host.resolve("target"));
    for (int kind : new int[] {REGULAR, DIRECTORY, LINK}) {
      try (GuestFiles files = files(serving(List.of(new Listed(name, kind)), "/etc"))) {
        assertThatThrownBy(() -> files.copyOut("/d", target))
            .isInstanceOf(IOException.class)
            .hasMessageContaining("impossible name");
        assertThatThrownBy(() -> files.copyOut("/d", host.resolve("new" + kind)))
            .isInstanceOf(IOException.class);
      }
    }
    assertThat(all(target)).containsExactly(target);
    assertThat(host.resolve("outside")).doesNotExist();
  }

  @Test
  void aLinkIsNeverWrittenThrough() throws Exception {
    Path outside = Files.createDirectory(host.resolve("outside"));
    List<Listed> twice = List.of(new Listed("x", LINK), new Listed("x", REGULAR));
    try (GuestFiles files = files(serving(twice, outside.resolve("f").toString()))) {
      assertThatThrownBy(() -> files.copyOut("/d", host.resolve("a")))
          .isInstanceOf(IOException.class);
    }
    List<Listed> into = List.of(new Listed("x", LINK), new Listed("x", DIRECTORY));
    try (GuestFiles files = files(serving(into, outside.toString()))) {
      assertThatThrownBy(() -> files.copyOut("/d", host.resolve("b")))
          .isInstanceOf(IOException.class);
    }
    assertThat(all(outside)).containsExactly(outside);
  }

  static Stream<byte[]> broken() throws IOException {
    byte[] wrongCount = message(ENTRIES, new byte[] {0}, Integer.MAX_VALUE);
    byte[] wrongLength = message(PATH, Integer.MAX_VALUE, new byte[] {1});
    return Stream.of(
        message(0x7f),
        message(0xff),
        message(ERROR),
        message(ERROR, -1),
        message(ERROR, 0),
        message(ATTRIBUTES),
        message(ATTRIBUTES, attributes(99)),
        message(DONE, 5L),
        message(DATA, "more than asked".getBytes(StandardCharsets.UTF_8)),
        message(PATH, ""),
        wrongCount,
        wrongLength);
  }

  @ParameterizedTest
  @MethodSource("broken")
  void aBrokenAnswerIsAFailureAndNoMore(byte[] answer) throws Exception {
    try (GuestFiles files = files(type -> answer)) {
      assertThatThrownBy(() -> files.stat("/f")).isInstanceOf(IOException.class);
      assertThatThrownBy(() -> files.list("/f")).isInstanceOf(IOException.class);
      assertThatThrownBy(() -> files.readAllBytes("/f")).isInstanceOf(IOException.class);
      assertThatThrownBy(() -> files.copyOut("/f", host.resolve("f")))
          .isInstanceOf(IOException.class);
    }
    assertThat(all(host)).containsExactly(host);
  }

  @Test
  void aDirectoryWithoutEndIsCutOff() throws Exception {
    List<Listed> more = List.of(new Listed("a", LINK), new Listed("b", LINK));
    Liar endless =
        type ->
            switch (type) {
              case LIST -> entries(false, more);
              case OPEN, STAT -> message(ATTRIBUTES, attributes(DIRECTORY));
              default -> message(PATH, "x");
            };
    try (GuestFiles files = files(endless)) {
      assertThatThrownBy(() -> files.list("/d")).hasMessageContaining("more than 100000 entries");
    }
    byte[] two = joined(entry("a", attributes(FIFO)), entry("b", attributes(LINK), target("x")));
    Liar walks =
        type ->
            switch (type) {
              case WALK -> message(WALKED, new byte[1], two);
              case OPEN, STAT -> message(ATTRIBUTES, attributes(DIRECTORY));
              default -> message(DONE, 0L);
            };
    try (GuestFiles files = files(walks)) {
      CopyOptions few = CopyOptions.defaults().limitedTo(100_000, 50);
      assertThatThrownBy(() -> files.pack("/d", "d", OutputStream.nullOutputStream(), few))
          .hasMessageContaining("50 files that may be copied");
      assertThatThrownBy(() -> files.copyOut("/d", host.resolve("d"), few))
          .isInstanceOf(IOException.class);
    }
  }

  @Test
  void aWalkThatTellsNothingIsCutOff() throws Exception {
    Liar silent =
        type ->
            switch (type) {
              case WALK -> message(WALKED, new byte[1]);
              case OPEN, STAT -> message(ATTRIBUTES, attributes(DIRECTORY));
              default -> message(DONE, 0L);
            };
    try (GuestFiles files = files(silent)) {
      assertThatThrownBy(() -> files.copyOut("/d", host.resolve("d")))
          .hasMessageContaining("without an end");
    }
  }

  @Test
  void anEndlessFileIsCutOff() throws Exception {
    byte[] chunk = message(DATA, new byte[65_536]);
    AtomicLong at = new AtomicLong();
    Liar endless =
        type ->
            switch (type) {
              case READ -> chunk;
              case WALK -> {
                long offset = at.getAndAdd(60_000);
                yield message(WALKED, new byte[1], record(3, offset, 60_000, new byte[60_000]));
              }
              case OPEN, STAT -> message(ATTRIBUTES, attributes(REGULAR));
              default -> message(DONE, 0L);
            };
    try (GuestFiles files = files(endless)) {
      assertThatThrownBy(() -> files.readAllBytes("/f")).hasMessageContaining("67108864 bytes");
      CopyOptions few = CopyOptions.defaults().limitedTo(1_000_000, 5);
      assertThatThrownBy(() -> files.copyOut("/f", host.resolve("f"), few))
          .hasMessageContaining("1000000 bytes that may be copied");
      assertThat(host.resolve("f")).doesNotExist();
    }
  }

  /// Walks that make no sense.
  static Stream<byte[]> senseless() throws IOException {
    byte[] file = entry("f", attributes(REGULAR));
    byte[] link = entry("l", attributes(LINK));
    byte[] directory = entry("d", attributes(DIRECTORY));
    byte[] data = record(3, 5L, 1, new byte[1]);
    byte[] same = record(5);
    byte[] kernels = record(6);
    byte[] end = end(0, 0);
    return Stream.of(
        new byte[0], // and no end of the directory
        joined(end, end),
        joined(end, file, end),
        joined(file, file, end, end),
        joined(file, directory, end, end, end),
        joined(data, end),
        joined(link, data, end, end),
        joined(link, end),
        joined(link, target(""), end),
        joined(link, target("a\0b"), end),
        joined(target("x"), end),
        joined(file, target("x"), end),
        joined(file, data, record(3, 5L, 1, new byte[1]), end(0, 9), end),
        joined(file, data, record(3, 4L, 1, new byte[1]), end(0, 9), end),
        joined(file, record(3, Long.MAX_VALUE, 1, new byte[1]), end(0, 9), end),
        joined(file, record(3, 0L, 0), end(0, 9), end),
        joined(file, data, end(0, 5), end),
        joined(file, end(0, -1), end),
        joined(file, record(7, 0L, 1L), end, end), // nobody asked for it
        joined(file, same, end), // the same as nothing
        joined(entry("f", attributes(REGULAR, 2, 7)), same, end),
        joined(same, end),
        joined(kernels, end),
        joined(file, kernels, end),
        joined(directory, file, end, kernels, end),
        joined(directory, end(5, 0), end),
        joined(file, end(13, 0), end),
        joined(record(8), end),
        joined(record(3, 0L, Integer.MAX_VALUE), end),
        joined(file, data)); // and no end of the file
  }

  @ParameterizedTest
  @MethodSource("senseless")
  void aWalkThatMakesNoSenseIsAFailure(byte[] walk) throws Exception {
    try (GuestFiles files = files(walking(walk))) {
      assertThatThrownBy(() -> files.copyOut("/d", host.resolve("d")))
          .isInstanceOf(IOException.class);
    }
    if (Files.exists(host.resolve("d/f"))) {
      assertThat(host.resolve("d/f")).isEmptyFile(); // the one that was whole
    }
    try (GuestFiles files = files(walking(walk))) {
      assertThatThrownBy(
              () -> files.pack("/d", "d", OutputStream.nullOutputStream(), CopyOptions.defaults()))
          .isInstanceOf(IOException.class);
    }
  }

  @Test
  void aHardLinkIsToWhatWasCopiedAndNothingElse() throws Exception {
    Path outside = Files.writeString(host.resolve("outside"), "safe");
    Path target = Files.createDirectory(host.resolve("target"));
    byte[] walk =
        joined(
            entry("x", attributes(REGULAR, 2, 7), evil()),
            entry("x", attributes(LINK), target(outside.toString())),
            entry("y", attributes(REGULAR, 2, 7), record(5)),
            entry("y", attributes(REGULAR), evil()),
            end(0, 0));
    try (GuestFiles files = files(walking(walk))) {
      files.copyOut("/d", target);
    }
    assertThat(outside).hasContent("safe");
    assertThat(Files.getAttribute(outside, "unix:nlink")).isEqualTo(1);
    assertThat(target.resolve("y")).isRegularFile().hasContent("evil");
  }

  /// As where something is mounted in a tree that is merged with.
  @Test
  void aFileThatCannotBeLinkedInTheGuestIsCopied() throws Exception {
    Path tree = Files.createDirectory(host.resolve("tree"));
    Files.createLink(tree.resolve("b"), Files.writeString(tree.resolve("a"), "x"));
    AtomicInteger puts = new AtomicInteger();
    Liar mounts =
        type ->
            switch (type) {
              case OPEN -> message(ATTRIBUTES, attributes(DIRECTORY));
              case MAKE_DIRECTORY -> message(ERROR, FileErrors.EEXIST);
              case LINK_TO -> message(ERROR, FileErrors.EXDEV);
              case PUT -> message(DONE, (long) puts.incrementAndGet());
              default -> message(DONE, 0L);
            };
    try (GuestFiles files = files(mounts)) {
      assertThat(files.copyIn(tree, "/d").files()).isEqualTo(2);
    }
    assertThat(puts).hasValue(2);
  }

  /// One file is sent again with its content, and parts without an end before it.
  @Test
  void endlessPartsAreCutOff() throws Exception {
    byte[] linked = attributes(REGULAR, 2, 7);
    byte[][] parts = new byte[3000][];
    Arrays.fill(parts, record(7, 0L, 0L));
    byte[] many = joined(parts);
    AtomicInteger walks = new AtomicInteger();
    Liar endless =
        type ->
            switch (type) {
              case WALK ->
                  message(
                      WALKED,
                      new byte[1],
                      walks.getAndIncrement() == 0
                          ? joined(entry("f", linked, evil()), entry("g", linked))
                          : many);
              case OPEN, STAT -> message(ATTRIBUTES, attributes(DIRECTORY));
              default -> message(DONE, 0L);
            };
    try (GuestFiles files = files(endless)) {
      assertThatThrownBy(() ->
              files.pack(
                  "/d",
                  "d",
                  OutputStream.nullOutputStream(),
                  CopyOptions.defaults().withSparseTar()))
          .hasMessageContaining("parts");
    }
  }

  @Test
  void partsThatAreNoneDoNotSpoilATar() throws Exception {
    byte[] attributes = attributes(REGULAR);
    attributes[20] = 10; // bytes
    for (long[] parts : new long[][] {{0, -1}, {-1, 5}, {5, 5, 0, 5}, {1, Long.MAX_VALUE}}) {
      List<byte[]> all = new ArrayList<>();
      all.add(entry("f", attributes));
      for (int i = 0; i < parts.length; i += 2) {
        all.add(record(7, parts[i], parts[i + 1]));
      }
      all.add(end(0, 10));
      all.add(end(0, 0));
      try (GuestFiles files = files(walking(joined(all.toArray(byte[][]::new))))) {
        assertThatThrownBy(() ->
                files.pack(
                    "/d",
                    "d",
                    OutputStream.nullOutputStream(),
                    CopyOptions.defaults().withSparseTar()))
            .isInstanceOf(IOException.class);
      }
    }
  }

  private static List<Path> all(Path root) throws IOException {
    try (Stream<Path> paths = Files.walk(root)) {
      return paths.toList();
    }
  }

  /// Answers requests in a thread of its own, over two pipes.
  private static final class LyingServer implements FileServer {
    private final Liar liar;

    LyingServer(Liar liar) {
      this.liar = liar;
    }

    @Override
    public String name() {
      return "liar";
    }

    @Override
    public String workingDirectory() {
      return "/";
    }

    @Override
    public FileTransport start(String user) throws IOException {
      Pipe requests = Pipe.open();
      Pipe replies = Pipe.open();
      Thread.ofVirtual().start(() -> serve(requests, replies));
      InputStream in = Channels.newInputStream(replies.source());
      OutputStream out = Channels.newOutputStream(requests.sink());
      return new PlainTransport("it ended", "it is silent") {
        @Override
        public InputStream replies() {
          return in;
        }

        @Override
        public OutputStream requests() {
          return out;
        }

        @Override
        public void close() {
          try {
            replies.source().close();
            requests.sink().close();
          } catch (IOException e) {
            throw new AssertionError(e);
          }
        }
      };
    }

    private void serve(Pipe requests, Pipe replies) {
      try (DataInputStream in = new DataInputStream(Channels.newInputStream(requests.source()));
          DataOutputStream out = new DataOutputStream(Channels.newOutputStream(replies.sink()))) {
        while (true) {
          byte[] request = new byte[in.readInt()];
          in.readFully(request);
          byte[] answer = liar.answer(request[4]);
          ByteArrayOutputStream whole = new ByteArrayOutputStream();
          DataOutputStream reply = new DataOutputStream(whole);
          reply.writeInt(4 + answer.length);
          reply.write(request, 0, 4);
          reply.write(answer);
          out.write(whole.toByteArray());
        }
      } catch (IOException e) {
        // the client has enough
      }
    }
  }
}
