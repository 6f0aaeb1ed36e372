package dev.msb.archive;

import static dev.msb.archive.TarHeader.BLOCK_BYTES;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Reads a tar entry by entry: V7, ustar, star, PAX, GNU, and their sparse files, byte for byte.
///
/// The contents of an entry are read with [#read] before the next one is asked for; what is not
/// read is skipped. Where the formats leave a choice it is made as Go's archive/tar makes it, which
/// wrote nearly all layers there are. The memory it takes is bounded by one extended header.
public final class TarReader {
  /// One extended header; attributes of an entry are limited to less.
  private static final int MAX_HEADER_BYTES = 1 << 20;

  private final InputStream in;
  private PaxHeader global = new PaxHeader();
  private long remaining;
  private int padding;

  /// Reads from this stream, which it does not close.
  public TarReader(InputStream in) {
    this.in = in;
  }

  /// The next entry, or null after the last one.
  ///
  /// @throws ArchiveException if this is no tar, or is damaged or truncated
  public @Nullable TarEntry next() throws IOException {
    skip(remaining + padding);
    remaining = 0;
    padding = 0;
    PaxHeader pax = global.copy();
    boolean extended = false;
    while (true) {
      byte[] block = block(!extended);
      if (block == null) {
        return null;
      }
      if (TarHeader.isZero(block)) {
        byte[] second = block(true);
        if (extended || (second != null && !TarHeader.isZero(second))) {
          throw new ArchiveException("a damaged tar: a block of zeros between entries");
        }
        return null;
      }
      TarHeader header = new TarHeader(block);
      switch (header.flag()) {
        case 'x', 'X' -> pax.read(longData(header), false);
        case 'g' -> {
          global.read(longData(header), true);
          pax = global.copy();
        }
        case 'L' -> pax.longName(longData(header));
        case 'K' -> pax.longLink(longData(header));
        default -> {
          return entry(header, pax, block);
        }
      }
      extended = header.flag() != 'g';
    }
  }

  /// Reads of the contents of the entry as they are in the tar, without holes.
  ///
  /// @return how many bytes, or -1 at their end
  public int read(byte[] buffer, int offset, int length) throws IOException {
    if (remaining == 0) {
      return -1;
    }
    int count = in.read(buffer, offset, (int) Math.min(length, remaining));
    if (count < 0) {
      throw truncated();
    }
    remaining -= count;
    return count;
  }

  private TarEntry entry(TarHeader header, PaxHeader pax, byte[] block) throws IOException {
    header.check();
    char flag = header.flag();
    if (flag != 0 && flag != 'D' && flag != 'S' && (flag < '0' || flag > '7')) {
      throw new ArchiveException(
          "the tar entry "
              + TarPath.show(pax.pathOr(header.name()))
              + " is of the type 0x"
              + Integer.toHexString(flag)
              + ", which msb does not know");
    }
    long size = pax.sizeOr(header.size());
    long[] segments = null;
    if (flag == 'S') {
      if (!header.isGnu()) {
        throw new ArchiveException("a sparse file in a tar that is not GNU's");
      }
      segments = gnuSegments(block);
      open(size);
      size = TarHeader.number(block, 483, 12, "size");
    } else if (header.type() == TarEntry.Type.FILE || flag == 'D') {
      open(size);
      if (pax.isSparse() && flag != 'D') {
        segments = pax.mapIsInContents() ? segmentsInContents() : pax.segments();
        size = pax.sparseSize();
      }
    }
    if (segments != null) {
      check(segments, size);
    }
    boolean file = header.type() == TarEntry.Type.FILE;
    return new TarEntry(header, pax, file ? size : 0, segments);
  }

  private void open(long size) {
    remaining = size;
    padding = (int) (-size & BLOCK_BYTES - 1);
  }

  /// The parts must be in order, inside the file, and all that is in the tar.
  private void check(long[] segments, long size) throws ArchiveException {
    long end = 0;
    long sum = 0;
    boolean good = segments.length % 2 == 0;
    for (int i = 0; good && i < segments.length; i += 2) {
      good = segments[i] >= end && segments[i + 1] >= 0 && segments[i + 1] <= size - segments[i];
      end = segments[i] + segments[i + 1];
      sum += segments[i + 1];
    }
    if (!good || end > size || sum != remaining) {
      throw new ArchiveException("a sparse file in the tar has a map that is not true");
    }
  }

  private long[] gnuSegments(byte[] header) throws IOException {
    long[] numbers = new long[64];
    int count = 0;
    byte[] block = header;
    int at = 386;
    int places = 4;
    while (true) {
      for (int i = 0; i < places && block[at + 24 * i] != 0; i++) {
        if (count == 2 * PaxHeader.MAX_SEGMENTS) {
          throw new ArchiveException(
              "a sparse file has more than " + PaxHeader.MAX_SEGMENTS + " parts");
        }
        if (count == numbers.length) {
          numbers = Arrays.copyOf(numbers, 2 * count);
        }
        numbers[count++] = TarHeader.number(block, at + 24 * i, 12, "offset");
        numbers[count++] = TarHeader.number(block, at + 24 * i + 12, 12, "length");
      }
      boolean more = block[at + 24 * places] != 0;
      if (!more) {
        return Arrays.copyOf(numbers, count);
      }
      block = mustBlock();
      at = 0;
      places = 21;
    }
  }

  /// Decimal numbers, one a line, in whole blocks: how many parts, then offset and length of each.
  private long[] segmentsInContents() throws IOException {
    byte[] block = {};
    int at = 0;
    long[] numbers = new long[1];
    int count = 0;
    long value = 0;
    int digits = 0;
    long expected = 1;
    while (count < expected) {
      if (at == block.length) {
        if (remaining < BLOCK_BYTES) {
          throw truncated();
        }
        block = mustBlock();
        remaining -= BLOCK_BYTES;
        at = 0;
      }
      byte b = block[at++];
      if (b >= '0' && b <= '9' && digits < 18) {
        value = value * 10 + b - '0';
        digits++;
      } else if (b == '\n' && digits > 0) {
        if (count == 0) {
          if (value > PaxHeader.MAX_SEGMENTS) {
            throw new ArchiveException(
                "a sparse file has more than " + PaxHeader.MAX_SEGMENTS + " parts");
          }
          expected = 1 + 2 * value;
          numbers = new long[(int) expected];
        }
        numbers[count++] = value;
        value = 0;
        digits = 0;
      } else {
        throw new ArchiveException("a sparse file in the tar has a map that is no map");
      }
    }
    return Arrays.copyOfRange(numbers, 1, count);
  }

  private byte[] longData(TarHeader header) throws IOException {
    long size = header.size();
    if (size > MAX_HEADER_BYTES) {
      throw new ArchiveException(
          "an extended tar header of "
              + size
              + " bytes, more than the "
              + MAX_HEADER_BYTES
              + " allowed");
    }
    byte[] data = in.readNBytes((int) size);
    if (data.length < size) {
      throw truncated();
    }
    skip(-size & BLOCK_BYTES - 1);
    return data;
  }

  private byte[] mustBlock() throws IOException {
    byte[] block = block(false);
    if (block == null) {
      throw truncated();
    }
    return block;
  }

  private byte @Nullable [] block(boolean mayEnd) throws IOException {
    byte[] block = in.readNBytes(BLOCK_BYTES);
    if (block.length == 0 && mayEnd) {
      return null;
    }
    if (block.length < BLOCK_BYTES) {
      throw truncated();
    }
    return block;
  }

  private void skip(long count) throws IOException {
    long left = count;
    while (left > 0) {
      long skipped = in.skip(left);
      if (skipped == 0) {
        if (in.read() < 0) {
          throw truncated();
        }
        skipped = 1;
      }
      left -= skipped;
    }
  }

  private static ArchiveException truncated() {
    return new ArchiveException("the tar is truncated");
  }
}
