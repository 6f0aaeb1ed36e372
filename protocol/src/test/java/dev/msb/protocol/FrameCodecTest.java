package dev.msb.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What a peer that lies gets: one row per lie, and random damage.
class FrameCodecTest {

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "unknown type,              00000000 99 00 0000 0000000000000000, 'frame type 153, which does not exist'",
    "payload too long,          00010001 20 01 0000 0000000000000001, 'payload of 65537 bytes, more than the 65536 allowed'",
    "length beyond 2^31,        ffffffff 20 01 0000 0000000000000001, 'payload of 4294967295 bytes, more than the 65536 allowed'",
    "reserved field,            00000008 21 01 0001 0000000000000001 0000000000000000, reserved field is not 0",
    "exec where none belongs,   00000008 04 00 0000 0000000000000001 0000000000000000, frame type 4 with an exec",
    "no exec where one belongs, 00000008 21 01 0000 0000000000000000 0000000000000000, frame type 33 without an exec",
    "stream that is none,       00000008 21 03 0000 0000000000000001 0000000000000000, frame type 33 with stream 3",
    "stream where none belongs, 00000001 12 01 0000 0000000000000001 0f, frame type 18 with stream 1",
    "signal 0,                  00000001 12 00 0000 0000000000000001 00, 'signal 0, which does not exist'",
    "signal 65,                 00000001 12 00 0000 0000000000000001 41, 'signal 65, which does not exist'",
    "missing byte,              00000000 12 00 0000 0000000000000001, payload ends 1 bytes too early",
    "surplus byte,              00000002 12 00 0000 0000000000000001 0f0f, 1 surplus bytes in the payload",
    "credit beyond 2^63,        00000008 21 01 0000 0000000000000001 ffffffffffffffff, 'credit of 18446744073709551615, which is too large'",
    "data without data,         00000008 20 01 0000 0000000000000001 0000000000000000, data frame without data",
    "string that is too long,   00000011 31 00 0000 0000000000000001 01 00000002 ffffffff 0000000000000000, string of 4294967295 bytes where 8 are left",
    "failure kind 0,            0000000d 31 00 0000 0000000000000001 00 00000002 00000000 00000000, 'failure kind 0, which does not exist'",
    "no magic,                  00000018 01 00 0000 0000000000000000 00000000 0001 0001 0000000000000000 00000000 00000000, 'magic 0, not msb''s'",
    "too many ids,              00000018 01 00 0000 0000000000000000 6d736231 0001 0001 0000000000000000 00000000 00010001, '65537 ids asked for, more than 65536'",
    "window too large,          0000001a 15 00 0000 0000000000000001 00 0000000000000000 0000000000000000 00400001 00001000 00, 'window of 4194305 bytes, not between 4 KiB and 4 MiB'",
  })
  void aLieIsAProtocolException(String name, String hex, String message) {
    assertThatThrownBy(() -> decodeAll(HexFormat.of().parseHex(hex.replace(" ", ""))))
        .isInstanceOf(ProtocolException.class)
        .hasMessage(message);
  }

  @Test
  void aStartWithoutACommandIsAViolation() {
    StartRequest none = StartRequest.builder().build();
    assertThatThrownBy(() -> decodeAll(FrameCodec.encode(new Frame.Start(1, none))))
        .isInstanceOf(ProtocolException.class)
        .hasMessage("start without a command");
  }

  @Test
  void mountsThatDoNotFitEachOtherAreAViolation() {
    Mount root = Mount.root("/dev/vda", "squashfs");
    Mount upper = Mount.upperInMemory(0);
    Mount data = Mount.volume("/dev/vdb", "ext4", "/data", Set.of());
    assertThatCode(() -> decodeAll(configure(List.of(root, upper, data))))
        .doesNotThrowAnyException();
    for (List<Mount> wrong :
        List.of(
            List.of(upper),
            List.of(root),
            List.of(root, root, upper),
            List.of(root, upper, Mount.upper("/dev/vdb", "ext4")),
            List.of(upper, Mount.root("", "")),
            List.of(root, Mount.upper("/dev/vdb", "")),
            List.of(root, upper, Mount.tmpfs("", 0)),
            List.of(root, upper, Mount.tmpfs("data", 0)),
            List.of(
                root, upper, new Mount(Mount.Role.AT_PATH, "/dev/vdb", "ext4", "/", Set.of(), 1)),
            List.of(root, new Mount(Mount.Role.UPPER, "", "", "/data", Set.of(), 0)),
            Collections.nCopies(Protocol.MAX_MOUNTS + 1, data))) {
      assertThatThrownBy(() -> decodeAll(configure(wrong)))
          .as(wrong.toString())
          .isInstanceOf(ProtocolException.class);
    }
  }

  private static byte[] configure(List<Mount> mounts) {
    return FrameCodec.encode(
        new Frame.Configure(GuestConfiguration.builder().mounts(mounts).build()));
  }

  /// Flipped bits and cuts in valid frames end in a frame or in a ProtocolException, nothing else.
  @Test
  void damageNeverDoesMoreThanBreakARule() {
    long seed = Long.getLong("msb.seed", System.nanoTime());
    System.out.println("msb.seed=" + seed);
    Random random = new Random(seed);
    byte[][] frames =
        FrameCases.all().values().stream().map(FrameCodec::encode).toArray(byte[][]::new);
    int whole = 0;
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = frames[random.nextInt(frames.length)].clone();
      for (int flips = random.nextInt(4); flips >= 0; flips--) {
        bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
      }
      try {
        whole += decodeAll(bytes);
      } catch (ProtocolException expected) {
        assertThat(expected.getMessage()).isNotBlank();
      }
    }
    assertThat(whole).isPositive();
  }

  private static int decodeAll(byte[] bytes) throws ProtocolException {
    ByteBuffer buffer = ByteBuffer.allocate(2 * Protocol.MAX_FRAME_BYTES).put(bytes).flip();
    FrameParser parser = new FrameParser(buffer);
    int frames = 0;
    while (parser.next()) {
      parser.decode();
      frames++;
    }
    return frames;
  }
}
