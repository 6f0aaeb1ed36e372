package dev.msb.image;

import java.io.IOException;

/// One block of bzip2 data: Huffman's code, then move to front with runs, then Burrows and
/// Wheeler's transform. Each step has bounds, whatever the data says.
final class Bzip2Block {
  private static final int MOST_TABLES = 6;
  private static final int LONGEST_CODE = 20;
  private static final int MOST_SELECTORS = 18_002; // of a block of 900,000
  private static final int SYMBOLS_PER_SELECTOR = 50;
  private static final int MOST_SYMBOLS = 258;

  /// Canonical codes of one table: the symbols by their codes, and for each length the highest code
  /// and how far its place is from it.
  private static final class Table {
    final int[] highest = new int[LONGEST_CODE + 2];
    final int[] distance = new int[LONGEST_CODE + 2];
    final int[] symbols = new int[MOST_SYMBOLS];
    int shortest;
  }

  private final Bzip2Bits in;
  private final Table[] tables = new Table[MOST_TABLES];
  private final byte[] selectors = new byte[MOST_SELECTORS];
  private final int[] used = new int[256];
  private int usedCount;
  private int selectorCount;
  private int[] bytes = {}; // each with the place of its successor above it
  private int checksum;
  private int left;
  private int at;

  Bzip2Block(Bzip2Bits in) {
    this.in = in;
    for (int i = 0; i < MOST_TABLES; i++) {
      tables[i] = new Table();
    }
  }

  /// Sets the most bytes of a block.
  void size(int most) {
    if (bytes.length != most) {
      bytes = new int[most];
    }
  }

  /// What the checksum of the block's bytes is to be.
  int checksum() {
    return checksum;
  }

  /// Bytes that are left.
  int left() {
    return left;
  }

  /// The next byte; there must be one.
  int next() {
    at = bytes[at];
    int value = at & 0xff;
    at >>>= 8;
    left--;
    return value;
  }

  /// Reads a block, from behind its mark.
  void read() throws IOException {
    checksum = in.word();
    if (in.bit()) {
      throw new IOException("bzip2 data of a version before 0.9.5");
    }
    int first = in.bits(24);
    readUsed();
    int tableCount = in.bits(3);
    if (usedCount == 0 || tableCount < 2 || tableCount > MOST_TABLES) {
      throw damaged();
    }
    readSelectors(tableCount);
    for (int i = 0; i < tableCount; i++) {
      readTable(tables[i], usedCount + 2);
    }
    int[] counts = new int[256];
    readBytes(counts);
    if (first >= left) {
      throw damaged();
    }
    // The place of each byte's first occurrence in order; then each place gets its successor.
    for (int i = 0, sum = 0; i < counts.length; i++) {
      int count = counts[i];
      counts[i] = sum;
      sum += count;
    }
    for (int i = 0; i < left; i++) {
      bytes[counts[bytes[i] & 0xff]++] |= i << 8;
    }
    at = bytes[first] >>> 8;
  }

  private void readUsed() throws IOException {
    int rows = in.bits(16);
    usedCount = 0;
    for (int row = 0; row < 16; row++) {
      int columns = (rows & 0x8000 >> row) == 0 ? 0 : in.bits(16);
      for (int column = 0; column < 16; column++) {
        if ((columns & 0x8000 >> column) != 0) {
          used[usedCount++] = row * 16 + column;
        }
      }
    }
  }

  private void readSelectors(int tableCount) throws IOException {
    byte[] order = {0, 1, 2, 3, 4, 5};
    int count = in.bits(15);
    if (count == 0) {
      throw damaged();
    }
    for (int i = 0; i < count; i++) {
      int index = 0;
      while (in.bit()) {
        if (++index >= tableCount) {
          throw damaged();
        }
      }
      byte table = order[index];
      System.arraycopy(order, 0, order, 1, index);
      order[0] = table;
      if (i < MOST_SELECTORS) { // some writers have more of them than they use
        selectors[i] = table;
      }
    }
    selectorCount = Math.min(count, MOST_SELECTORS);
  }

  private void readTable(Table table, int symbolCount) throws IOException {
    int[] lengths = new int[symbolCount];
    int[] codes = new int[LONGEST_CODE + 1];
    int length = in.bits(5);
    for (int i = 0; i < symbolCount; i++) {
      while (true) {
        if (length < 1 || length > LONGEST_CODE) {
          throw damaged();
        }
        if (!in.bit()) {
          break;
        }
        length += in.bit() ? -1 : 1;
      }
      lengths[i] = length;
      codes[length]++;
    }
    table.shortest = 0;
    int place = 0;
    for (int code = 0, bits = 1; bits <= LONGEST_CODE; bits++, code <<= 1) {
      if (table.shortest == 0 && codes[bits] > 0) {
        table.shortest = bits;
      }
      table.distance[bits] = code - place;
      code += codes[bits];
      table.highest[bits] = code - 1;
      for (int i = 0; i < symbolCount; i++) {
        if (lengths[i] == bits) {
          table.symbols[place++] = i;
        }
      }
    }
  }

  private int symbol(Table table, int symbolCount) throws IOException {
    int bits = table.shortest;
    int code = in.bits(bits);
    while (code > table.highest[bits]) {
      if (++bits > LONGEST_CODE) {
        throw damaged();
      }
      code = code << 1 | in.bits(1);
    }
    int place = code - table.distance[bits];
    if (place < 0 || place >= symbolCount) {
      throw damaged();
    }
    return table.symbols[place];
  }

  private void readBytes(int[] counts) throws IOException {
    int[] order = used.clone();
    int end = usedCount + 1;
    int filled = 0;
    int run = 0;
    int weight = 1;
    for (int group = 0; ; group++) {
      if (group == selectorCount) {
        throw damaged();
      }
      Table table = tables[selectors[group]];
      for (int i = 0; i < SYMBOLS_PER_SELECTOR; i++) {
        int symbol = symbol(table, usedCount + 2);
        if (symbol <= 1) { // a digit of a run's length, 1 or 2, the lowest first
          run += weight << symbol;
          weight <<= 1;
          if (run > bytes.length) {
            throw damaged();
          }
          continue;
        }
        if (run > 0) {
          filled = add(order[0], run, filled, counts);
          run = 0;
          weight = 1;
        }
        if (symbol == end) {
          left = filled;
          return;
        }
        int value = order[symbol - 1];
        System.arraycopy(order, 0, order, 1, symbol - 1);
        order[0] = value;
        filled = add(value, 1, filled, counts);
      }
    }
  }

  private int add(int value, int times, int filled, int[] counts) throws IOException {
    if (times > bytes.length - filled) {
      throw damaged();
    }
    for (int i = 0; i < times; i++) {
      bytes[filled + i] = value;
    }
    counts[value] += times;
    return filled + times;
  }

  private static IOException damaged() {
    return new IOException("damaged bzip2 data");
  }
}
