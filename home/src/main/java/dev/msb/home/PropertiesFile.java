package dev.msb.home;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Properties;
import java.util.TreeMap;

/// Writes properties so that [Properties#load] reads them.
///
/// Not by [Properties#store], which has the code to sort them made at run time: 15 ms of a start.
final class PropertiesFile {
  private static final int FIRST_PRINTABLE = 0x20;
  private static final int LAST_PRINTABLE = 0x7e;

  private PropertiesFile() {}

  /// Writes a new file, which only its owner can read, or over an old one.
  static void write(Path file, Properties properties) throws IOException {
    StringBuilder text = new StringBuilder();
    TreeMap<String, String> sorted = new TreeMap<>();
    for (String name : properties.stringPropertyNames()) {
      sorted.put(name, properties.getProperty(name));
    }
    for (String name : sorted.keySet()) {
      escape(text, name);
      text.append('=');
      escape(text, sorted.get(name));
      text.append('\n');
    }
    MsbHome.write(file, text.toString().getBytes(StandardCharsets.US_ASCII));
  }

  /// Whatever is not a printable character of ASCII, or could mean something, is written by its
  /// number.
  private static void escape(StringBuilder text, String word) {
    for (int i = 0; i < word.length(); i++) {
      char c = word.charAt(i);
      if (c > FIRST_PRINTABLE && c <= LAST_PRINTABLE && "\\=:#!".indexOf(c) < 0) {
        text.append(c);
      } else {
        text.append("\\u");
        for (int shift = 12; shift >= 0; shift -= 4) {
          text.append(Character.forDigit(c >> shift & 0xf, 16));
        }
      }
    }
  }
}
