package dev.msb.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.RecordComponent;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every text that a guest, or a supervisor, can send: it is printable as soon as it is decoded.
class GuestTextTest {
  private static final String MARK = "MARK";

  /// A frame with a mark in one of its texts.
  record Case(String name, Frame frame) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static final List<Case> CASES =
      List.of(
          new Case("Error.text", new Frame.Error(0, ErrorCode.PROTOCOL, MARK)),
          new Case("Failed.step", new Frame.Failed(1, FailureKind.OTHER, 2, MARK, "")),
          new Case("Failed.subject", new Frame.Failed(1, FailureKind.OTHER, 2, "", MARK)),
          new Case("Refused.why", new Frame.Refused(Protocol.LINK | 1, 13, MARK)),
          new Case("Ready.build", new Frame.Ready(1, 1, 0, MARK)),
          new Case("BootFailed.step", new Frame.BootFailed(2, MARK, "")),
          new Case("BootFailed.subject", new Frame.BootFailed(2, "", MARK)));

  static List<Case> cases() {
    return CASES;
  }

  /// A text that is new to the protocol needs its line above.
  @Test
  void noTextIsForgotten() {
    List<String> texts = new ArrayList<>();
    for (Class<?> type : Frame.class.getDeclaredClasses()) {
      boolean shown =
          Frame.FromAgent.class.isAssignableFrom(type)
              || Frame.ToClient.class.isAssignableFrom(type);
      // A link's target is for a policy, which looks at it byte by byte.
      if (type.isRecord() && shown && type != Frame.Open.class) {
        Stream.of(type.getRecordComponents())
            .filter(component -> component.getType() == String.class)
            .map(RecordComponent::getName)
            .forEach(name -> texts.add(type.getSimpleName() + "." + name));
      }
    }
    assertThat(texts).containsExactlyInAnyOrderElementsOf(CASES.stream().map(Case::name).toList());
  }

  @ParameterizedTest
  @MethodSource("cases")
  void aTextIsOnePrintableLine(Case hostile) throws ProtocolException {
    for (int c : OneLineTest.commands()) {
      byte[] utf8 = Character.toString(c).getBytes(StandardCharsets.UTF_8);
      assertThat(decoded(hostile.frame, utf8))
          .as("U+%04x", c)
          .doesNotContain(MARK)
          .matches(PRINTABLE);
    }
    for (int b = 0x80; b < 0x100; b++) {
      assertThat(decoded(hostile.frame, new byte[] {(byte) b})).matches(PRINTABLE);
    }
    assertThat(decoded(hostile.frame, "\n".repeat(30_000).getBytes(StandardCharsets.UTF_8)))
        .matches(PRINTABLE)
        .hasSizeLessThan(OneLine.LONGEST + 200);
  }

  private static final String PRINTABLE = "[\\x20-\\x7e]+";

  /// The frame as Java shows it, with these bytes where the mark was.
  private static String decoded(Frame frame, byte[] bytes) throws ProtocolException {
    byte[] encoded = FrameCodec.encode(frame);
    String latin = new String(encoded, StandardCharsets.ISO_8859_1);
    int at = latin.indexOf(MARK);
    ByteBuffer changed =
        ByteBuffer.allocate(Protocol.MAX_FRAME_BYTES)
            .put(encoded, 0, at)
            .put(bytes)
            .put(encoded, at + MARK.length(), encoded.length - at - MARK.length())
            .flip();
    changed.putInt(at - 4, bytes.length);
    changed.putInt(0, changed.limit() - Protocol.HEADER_BYTES);
    FrameParser parser = new FrameParser(changed);
    assertThat(parser.next()).as(() -> Arrays.toString(bytes)).isTrue();
    return parser.decode().toString();
  }
}
