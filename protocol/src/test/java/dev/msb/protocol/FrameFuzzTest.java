package dev.msb.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteBuffer;

/// Any bytes through the decoder. As a unit test this replays the inputs of `src/test/resources`;
/// `./build fuzz` looks for more.
class FrameFuzzTest {

  /// Bytes are frames, or break a rule; a frame that was decoded and encoded is the same frame.
  @FuzzTest
  void anyBytesAreFramesOrBreakARule(byte[] bytes) {
    ByteBuffer buffer =
        ByteBuffer.allocate(Protocol.MAX_FRAME_BYTES + bytes.length).put(bytes).flip();
    FrameParser parser = new FrameParser(buffer);
    try {
      while (parser.next()) {
        ByteBuffer payload = parser.payload();
        int type = parser.type();
        if (type == FrameType.DATA || type == FrameType.CREDIT || type == FrameType.CLOSE) {
          assertThat(parser.offset()).isNotNegative();
        }
        Frame frame = parser.decode();
        byte[] again = FrameCodec.encode(frame);
        assertThat(again).hasSizeLessThanOrEqualTo(Protocol.MAX_FRAME_BYTES);
        FrameParser second = new FrameParser(padded(again));
        assertThat(second.next()).isTrue();
        assertThat(FrameCodec.encode(second.decode())).isEqualTo(again);
        if (!hasText(frame)) {
          assertThat(ByteBuffer.wrap(again, Protocol.HEADER_BYTES, again.length - 16))
              .isEqualTo(payload);
          assertThat(second.decode()).isEqualTo(frame);
        }
      }
    } catch (ProtocolException e) {
      assertThat(e.getMessage()).isNotBlank();
    }
  }

  /// The same for a START that was put together of parts.
  @FuzzTest
  void anyBytesAreAStartOrBreakARule(byte[] bytes) {
    try {
      StartRequest request = FrameCodec.decodeStart(ByteBuffer.wrap(bytes));
      byte[] frames = FrameCodec.encode(new Frame.Start(1, request));
      ByteBuffer whole = ByteBuffer.allocate(frames.length);
      FrameParser parser = new FrameParser(padded(frames));
      while (parser.next()) {
        whole.put(parser.payload());
      }
      assertThat(whole.flip()).isEqualTo(ByteBuffer.wrap(bytes));
      assertThat(FrameCodec.decodeStart(whole)).isEqualTo(request);
    } catch (ProtocolException e) {
      assertThat(e.getMessage()).isNotBlank();
    }
  }

  /// Text for people is made printable.
  private static boolean hasText(Frame frame) {
    return frame instanceof Frame.Error
        || frame instanceof Frame.Failed
        || frame instanceof Frame.Ready
        || frame instanceof Frame.BootFailed;
  }

  private static ByteBuffer padded(byte[] bytes) {
    return ByteBuffer.allocate(Protocol.MAX_FRAME_BYTES + bytes.length).put(bytes).flip();
  }
}
