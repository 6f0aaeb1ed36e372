package dev.msb.image;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/// Writes tars for tests, also such as no program would write.
final class TarBytes {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  /// What is to be written about one entry.
  static final class Entry {
    final char type;
    final byte[] name;
    byte[] link = {};
    byte[] contents = {};
    int mode = 0644;
    long uid;
    long gid;
    long mtime = 1_000_000_000;
    long major;
    long minor;
    final Map<String, byte[]> pax = new LinkedHashMap<>();

    Entry(char type, byte[] name) {
      this.type = type;
      this.name = name;
    }

    Entry link(String target) {
      link = target.getBytes(UTF_8);
      return this;
    }

    Entry link(byte[] target) {
      link = target;
      return this;
    }

    Entry contents(byte[] bytes) {
      contents = bytes;
      return this;
    }

    Entry contents(String text) {
      return contents(text.getBytes(UTF_8));
    }

    Entry mode(int bits) {
      mode = bits;
      return this;
    }

    Entry owner(long user, long group) {
      uid = user;
      gid = group;
      return this;
    }

    Entry mtime(long seconds) {
      mtime = seconds;
      return this;
    }

    Entry device(long majorNumber, long minorNumber) {
      major = majorNumber;
      minor = minorNumber;
      return this;
    }

    Entry xattr(String key, byte[] value) {
      return pax("SCHILY.xattr." + key, value);
    }

    Entry pax(String key, String value) {
      return pax(key, value.getBytes(UTF_8));
    }

    Entry pax(String key, byte[] value) {
      pax.put(key, value);
      return this;
    }
  }

  static Entry file(String name, String contents) {
    return new Entry('0', name.getBytes(UTF_8)).contents(contents);
  }

  static Entry directory(String name) {
    return new Entry('5', name.getBytes(UTF_8)).mode(0755);
  }

  static Entry symlink(String name, String target) {
    return new Entry('2', name.getBytes(UTF_8)).link(target).mode(0777);
  }

  static Entry hardLink(String name, String target) {
    return new Entry('1', name.getBytes(UTF_8)).link(target);
  }

  static Entry other(char type, String name) {
    return new Entry(type, name.getBytes(UTF_8));
  }

  /// A whole tar of these entries.
  static byte[] of(Entry... entries) {
    TarBytes tar = new TarBytes();
    Arrays.asList(entries).forEach(tar::add);
    return tar.end();
  }

  TarBytes add(Entry entry) {
    Map<String, byte[]> pax = new LinkedHashMap<>(entry.pax);
    if (entry.name.length > 100) {
      pax.putIfAbsent("path", entry.name);
    }
    if (entry.link.length > 100) {
      pax.putIfAbsent("linkpath", entry.link);
    }
    if (entry.uid > 07777777) {
      pax.putIfAbsent("uid", Long.toString(entry.uid).getBytes(UTF_8));
    }
    if (entry.gid > 07777777) {
      pax.putIfAbsent("gid", Long.toString(entry.gid).getBytes(UTF_8));
    }
    if (entry.mtime < 0) {
      pax.putIfAbsent("mtime", Long.toString(entry.mtime).getBytes(UTF_8));
    }
    if (!pax.isEmpty()) {
      addPax('x', pax);
    }
    header(entry, entry.contents.length);
    return contents(entry.contents);
  }

  TarBytes addPax(char type, Map<String, byte[]> records) {
    ByteArrayOutputStream data = new ByteArrayOutputStream();
    records.forEach((key, value) -> record(data, key, value));
    Entry entry = new Entry(type, "pax".getBytes(UTF_8));
    header(entry, data.size());
    return contents(data.toByteArray());
  }

  /// A header of an entry that says it is so long; its contents are to follow.
  TarBytes header(Entry entry, long size) {
    byte[] block = new byte[512];
    put(block, 0, 100, entry.name);
    octal(block, 100, 8, entry.mode);
    octal(block, 108, 8, Math.min(entry.uid, 07777777));
    octal(block, 116, 8, Math.min(entry.gid, 07777777));
    octal(block, 124, 12, size);
    octal(block, 136, 12, Math.max(0, entry.mtime));
    block[156] = (byte) entry.type;
    put(block, 157, 100, entry.link);
    put(block, 257, 8, "ustar\00000".getBytes(ISO_8859_1));
    octal(block, 329, 8, entry.major);
    octal(block, 337, 8, entry.minor);
    return block(block);
  }

  /// A header block whose checksum is yet to be put in.
  TarBytes block(byte[] block) {
    Arrays.fill(block, 148, 156, (byte) ' ');
    int sum = 0;
    for (byte b : block) {
      sum += b & 0xff;
    }
    octal(block, 148, 7, sum);
    out.writeBytes(block);
    return this;
  }

  TarBytes contents(byte[] contents) {
    out.writeBytes(contents);
    out.writeBytes(new byte[-contents.length & 511]);
    return this;
  }

  TarBytes raw(byte[] bytes) {
    out.writeBytes(bytes);
    return this;
  }

  byte[] end() {
    out.writeBytes(new byte[1024]);
    return bytes();
  }

  byte[] bytes() {
    return out.toByteArray();
  }

  private static void record(ByteArrayOutputStream data, String key, byte[] value) {
    byte[] name = key.getBytes(ISO_8859_1);
    int rest = name.length + value.length + 3;
    int length = rest + Integer.toString(rest).length();
    length = rest + Integer.toString(length).length();
    data.writeBytes((length + " ").getBytes(ISO_8859_1));
    data.writeBytes(name);
    data.write('=');
    data.writeBytes(value);
    data.write('\n');
  }

  static void put(byte[] block, int offset, int length, byte[] value) {
    System.arraycopy(value, 0, block, offset, Math.min(length, value.length));
  }

  static void octal(byte[] block, int offset, int length, long value) {
    String text = Long.toOctalString(value);
    put(
        block,
        offset,
        length,
        ("0".repeat(Math.max(0, length - 1 - text.length())) + text).getBytes(ISO_8859_1));
  }
}
