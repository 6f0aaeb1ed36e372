package dev.msb.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msb.files.FileRequest.Name;
import dev.msb.files.FileRequest.Time;
import dev.msb.protocol.ProtocolException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// The byte vectors in `testdata/files`, which the agent's tests read too. To change them on
/// purpose: `./build golden`.
class FileGoldenTest {
  private static final Path VECTORS = Path.of("..", "testdata", "files");
  private static final int ID = 0x01020304;

  private static Map<String, FileRequest> requests() {
    Name etc = Name.of("/etc/x");
    Name inHandle = new Name(7, "name");
    Map<String, FileRequest> all = new LinkedHashMap<>();
    all.put("open", new FileRequest.Open(3, etc, FileRequest.WRITE | FileRequest.CREATE, 0644));
    all.put("close", new FileRequest.Close(3));
    all.put("read", new FileRequest.Read(3, 1L << 40, 65_536));
    all.put("write", new FileRequest.Write(3, 5, ByteBuffer.wrap(new byte[] {1, 0, 2})));
    all.put("copy", new FileRequest.Copy(3, 1, 4, 2, 1 << 20));
    all.put("list", new FileRequest.List(3));
    all.put("stat", new FileRequest.Stat(new Name(7, ""), FileRequest.NOFOLLOW));
    all.put(
        "set",
        new FileRequest.Set(
            inHandle,
            0,
            new FileRequest.Changes(
                63, 04755, 1000, 1001, 12, new Time(-1, 999_999_999), new Time(2, 3))));
    all.put("make-directory", new FileRequest.MakeDirectory(etc, 0755));
    all.put("link", new FileRequest.Link(etc, inHandle));
    all.put("symbolic-link", new FileRequest.SymbolicLink("../\udcff", inHandle));
    all.put("read-symbolic-link", new FileRequest.ReadSymbolicLink(inHandle));
    all.put("remove", new FileRequest.Remove(inHandle, FileRequest.REMOVE_EITHER));
    all.put("rename", new FileRequest.Rename(etc, inHandle, false));
    all.put("access", new FileRequest.Access(etc, 5));
    all.put("real-path", new FileRequest.RealPath(etc));
    all.put("space", new FileRequest.Space(etc));
    all.put("walk", new FileRequest.Walk(3, FileRequest.WALK_FOLLOW | FileRequest.WALK_MAP));
    all.put(
        "put",
        new FileRequest.Put(
            inHandle,
            true,
            new FileRequest.Changes(31, 0644, 1, 2, 0, new Time(3, 4), new Time(5, 6)),
            ByteBuffer.wrap(new byte[] {1, 0, 2})));
    return all;
  }

  static Stream<String> requestNames() {
    return requests().keySet().stream();
  }

  @ParameterizedTest
  @MethodSource("requestNames")
  void aRequestIsItsVector(String name) throws IOException {
    byte[] bytes = FileCodec.encode(ID, Objects.requireNonNull(requests().get(name)));
    if (Boolean.getBoolean("msb.golden")) {
      Files.writeString(
          VECTORS.resolve(name + ".hex"),
          "# " + name + "\n" + HexFormat.of().formatHex(bytes) + "\n");
    }
    assertThat(HexFormat.of().formatHex(bytes)).isEqualTo(vector(name));
  }

  @Test
  void noKindOfRequestLacksAVector() {
    assertThat(requests().values().stream().map(Object::getClass).distinct())
        .hasSize(FileRequest.class.getPermittedSubclasses().length);
  }

  @Test
  void repliesAreTakenApart() throws IOException {
    assertThat(reply("80 0000001c")).isEqualTo(new FileReply.Failed(28));
    assertThat(reply("81 0000000000000005")).isEqualTo(new FileReply.Done(5));
    assertThat(reply("82 0102")).isEqualTo(new FileReply.Data(ByteBuffer.wrap(new byte[] {1, 2})));
    assertThat(reply("85 00000002 2fff")).isEqualTo(new FileReply.Target("/\udcff"));
    FileReply.Attributes attributes = attributes();
    assertThat(reply("83" + ATTRIBUTES)).isEqualTo(attributes);
    assertThat(reply("84 01 00000001 00000001 61" + ATTRIBUTES))
        .isEqualTo(new FileReply.Entries(true, List.of(new FileReply.Entry("a", attributes))));
    assertThat(
            reply(
                "87 00 01 00000001 61"
                    + ATTRIBUTES
                    + "07 0000000000000001 0000000000000002 03 0000000000000004 00000002 0102"
                    + "02 00000000 0000000000000009 04 00000002 2fff 05 06"))
        .isEqualTo(
            new FileReply.Walked(
                false,
                List.of(
                    new WalkRecord.Entry("a", attributes),
                    new WalkRecord.Part(1, 2),
                    new WalkRecord.Content(4, ByteBuffer.wrap(new byte[] {1, 2})),
                    new WalkRecord.End(0, 9),
                    new WalkRecord.Target("/\udcff"),
                    new WalkRecord.Same(),
                    new WalkRecord.Kernels())));
  }

  private static final String ATTRIBUTES =
      "01 000001ed 000003e8 00000064 0000000000000009 0000000000000001 0000000000000002"
          + "0000000000000003 0000000000000000 0000000000000001 00000002"
          + "ffffffffffffffff 3b9ac9ff 0000000000000003 00000000";

  private static FileReply.Attributes attributes() {
    return new FileReply.Attributes(
        FileReply.Kind.REGULAR,
        0755,
        1000,
        100,
        9,
        1,
        2,
        3,
        0,
        new Time(1, 2),
        new Time(-1, 999_999_999),
        new Time(3, 0));
  }

  @ParameterizedTest
  @CsvSource({
    "an unknown type, 7f",
    "no type, ''",
    "a number cut short, 81 00",
    "surplus, 80 00000001 00",
    "a value beyond 2^63, 81 ffffffffffffffff",
    "entries that are not there, 84 00 ffffffff",
    "a string longer than the reply, 85 00000003 6161",
    "neither first nor last, 84 02 00000000",
  })
  void aMalformedReplyIsRefused(String name, String hex) {
    assertThatThrownBy(() -> reply(hex)).isInstanceOf(ProtocolException.class);
  }

  @ParameterizedTest
  @CsvSource({"kind, 0, 08", "mode, 3, ff", "size, 13, ff", "nanoseconds, 61, ff"})
  void attributesOutOfRangeAreRefused(String name, int at, String with) {
    byte[] bytes = HexFormat.of().parseHex(ATTRIBUTES.replace(" ", ""));
    bytes[at] = (byte) Integer.parseInt(with, 16);
    String hex = "83" + HexFormat.of().formatHex(bytes);
    assertThatThrownBy(() -> reply(hex)).isInstanceOf(ProtocolException.class);
  }

  @Test
  void aRequestThatIsTooLongIsNotMade() {
    FileRequest request = new FileRequest.Stat(Name.of("/" + "x".repeat(70_000)), 0);
    assertThatThrownBy(() -> FileCodec.encode(1, request))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static FileReply reply(String hex) throws ProtocolException {
    return FileCodec.decodeReply(ByteBuffer.wrap(HexFormat.of().parseHex(hex.replace(" ", ""))));
  }

  private static String vector(String name) throws IOException {
    return Files.readAllLines(VECTORS.resolve(name + ".hex")).get(1);
  }
}
