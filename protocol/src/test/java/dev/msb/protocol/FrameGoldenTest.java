package dev.msb.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The byte vectors in `testdata/frames`, which the agent's tests read too. To change them on
/// purpose: `./build golden`.
class FrameGoldenTest {
  private static final Path VECTORS = Path.of("..", "testdata", "frames");

  static Stream<String> names() {
    return FrameCases.all().keySet().stream();
  }

  @ParameterizedTest
  @MethodSource("names")
  void aFrameIsItsVectorInBothDirections(String name) throws IOException {
    Frame frame = FrameCases.named(name);
    byte[] bytes = FrameCodec.encode(frame);
    if (Boolean.getBoolean("msb.golden")) {
      Files.writeString(file(name), "# " + name + "\n" + HexFormat.of().formatHex(bytes) + "\n");
    }
    assertThat(HexFormat.of().formatHex(bytes)).isEqualTo(vector(name));

    byte[] again = FrameCodec.encode(parse(bytes));
    assertThat(again).isEqualTo(bytes);
  }

  @Test
  void noKindOfFrameLacksAVector() {
    TreeSet<String> kinds = new TreeSet<>();
    collect(Frame.class, kinds);
    TreeSet<String> covered = new TreeSet<>();
    FrameCases.all().values().forEach(frame -> covered.add(frame.getClass().getSimpleName()));
    assertThat(covered).isEqualTo(kinds);
  }

  @Test
  void noVectorLacksACase() throws IOException {
    try (Stream<Path> files = Files.list(VECTORS)) {
      assertThat(files.map(f -> f.getFileName().toString().replace(".hex", "")))
          .containsExactlyInAnyOrderElementsOf(FrameCases.all().keySet());
    }
  }

  @Test
  void aLongStartIsCutIntoPartsAndPutTogetherAgain() throws IOException {
    StartRequest plain = ((Frame.Start) FrameCases.named("start-plain")).request();
    StartRequest request =
        StartRequest.builder()
            .limits(plain.limits())
            .argv(List.of("echo", "x".repeat(200_000)))
            .env(plain.env())
            .build();
    ByteBuffer frames = ByteBuffer.wrap(FrameCodec.encode(new Frame.Start(5, request)));
    FrameParser parser = new FrameParser(padded(frames));
    ByteBuffer whole = ByteBuffer.allocate(frames.capacity());
    int parts = 0;
    while (parser.next()) {
      assertThat(parser.type()).isEqualTo(frames.capacity() > 0 && parts < 3 ? 0x10 : 0x11);
      whole.put(parser.payload());
      parts++;
    }
    assertThat(parts).isEqualTo(4);
    assertThat(FrameCodec.decodeStart(whole.flip())).isEqualTo(request);
  }

  @Test
  void aLongConfigureIsCutIntoPartsAndPutTogetherAgain() throws IOException {
    GuestConfiguration plain = ((Frame.Configure) FrameCases.named("configure")).configuration();
    GuestConfiguration configuration =
        plain.toBuilder()
            .env(List.of("A=" + "x".repeat(100_000), "B=" + "y".repeat(100_000)))
            .build();
    ByteBuffer frames = ByteBuffer.wrap(FrameCodec.encode(new Frame.Configure(configuration)));
    FrameParser parser = new FrameParser(padded(frames));
    ByteBuffer whole = ByteBuffer.allocate(frames.capacity());
    for (int part = 0; parser.next(); part++) {
      assertThat(parser.type()).isEqualTo(part < 3 ? 0x46 : 0x41);
      assertThat(parser.owner()).isZero();
      whole.put(parser.payload());
    }
    assertThat(FrameCodec.decodeConfiguration(whole.flip())).isEqualTo(configuration);
  }

  private static Frame parse(byte[] bytes) throws IOException {
    FrameParser parser = new FrameParser(padded(ByteBuffer.wrap(bytes)));
    assertThat(parser.next()).isTrue();
    Frame frame = parser.decode();
    assertThat(parser.next()).isFalse();
    return frame;
  }

  private static ByteBuffer padded(ByteBuffer bytes) {
    ByteBuffer buffer = ByteBuffer.allocate(Math.max(Protocol.MAX_FRAME_BYTES, bytes.remaining()));
    return buffer.put(bytes.duplicate()).flip();
  }

  private static void collect(Class<?> type, Set<String> kinds) {
    if (type.isRecord()) {
      kinds.add(type.getSimpleName());
    } else {
      for (Class<?> permitted : type.getPermittedSubclasses()) {
        collect(permitted, kinds);
      }
    }
  }

  private static Path file(String name) {
    return VECTORS.resolve(name + ".hex");
  }

  private static String vector(String name) throws IOException {
    StringBuilder hex = new StringBuilder();
    for (String line : Files.readAllLines(file(name))) {
      if (!line.startsWith("#")) {
        hex.append(line.strip());
      }
    }
    return hex.toString();
  }
}
