package dev.msb.supervisor;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;

/// Tells bytes that changed by accident, not by intent: two cyclic redundancy checks of 32 bits.
///
/// Not a digest: to find one, the JDK takes longer than to start a guest's processors.
final class Checksum {
  private Checksum() {}

  /// 16 hexadecimal digits.
  static String of(byte[] bytes) {
    CRC32 crc = new CRC32();
    crc.update(bytes);
    CRC32C castagnoli = new CRC32C();
    castagnoli.update(bytes, 0, bytes.length);
    return HexFormat.of().toHexDigits(crc.getValue() << 32 | castagnoli.getValue());
  }

  /// The same of a text's bytes in UTF-8.
  static String of(String text) {
    return of(text.getBytes(StandardCharsets.UTF_8));
  }
}
