package dev.msb.image;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/// The uncompressed bytes of bzip2 streams that follow each other. Holds one block, which is
/// 900,000 bytes at most, in 4 MB; each block's checksum is looked at, and each stream's.
final class Bzip2InputStream extends InputStream {
  private static final long BLOCK = 0x314159265359L; // pi
  private static final long END = 0x177245385090L; // its square root
  private static final int LEVEL_BYTES = 100_000;

  private final Bzip2Bits in;
  private final Bzip2Block block;
  private boolean ended;
  private int streamChecksum;

  // The run-length code that is outside of the blocks' own: four equal bytes, then how many more.
  private int checksum;
  private int last;
  private int equal;
  private int repeat;
  private boolean inBlock;

  Bzip2InputStream(InputStream raw) throws IOException {
    in = new Bzip2Bits(raw);
    if (!in.atStream()) {
      throw new EOFException("no bzip2 stream");
    }
    block = new Bzip2Block(in);
    block.size(in.level() * LEVEL_BYTES);
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] to, int offset, int length) throws IOException {
    int count = 0;
    while (count < length && !ended) {
      if (repeat > 0) {
        repeat--;
        put(to, offset + count++);
      } else if (!inBlock) {
        if (count > 0) {
          break; // the next block may take a while
        }
        nextBlock();
      } else if (block.left() == 0) {
        endBlock();
      } else {
        int next = block.next();
        if (equal == 4) {
          equal = 0;
          repeat = next;
        } else {
          equal = next == last ? equal + 1 : 1;
          last = next;
          put(to, offset + count++);
        }
      }
    }
    return count == 0 && length > 0 ? -1 : count;
  }

  private void put(byte[] to, int at) {
    to[at] = (byte) last;
    checksum = Bzip2Bits.checksum(checksum, last);
  }

  private void nextBlock() throws IOException {
    long magic = (long) in.bits(24) << 24 | in.bits(24);
    if (magic == BLOCK) {
      block.read();
      checksum = -1;
      last = -1;
      equal = 0;
      inBlock = true;
    } else if (magic == END) {
      if (in.word() != streamChecksum) {
        throw new IOException("the checksum of a bzip2 stream is wrong");
      }
      streamChecksum = 0;
      in.align();
      ended = !in.atStream();
      if (!ended) {
        block.size(in.level() * LEVEL_BYTES);
      }
    } else {
      throw new IOException("damaged bzip2 data: neither a block nor the end");
    }
  }

  private void endBlock() throws IOException {
    if (~checksum != block.checksum()) {
      throw new IOException("the checksum of a bzip2 block is wrong");
    }
    streamChecksum = Integer.rotateLeft(streamChecksum, 1) ^ block.checksum();
    inBlock = false;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
