package dev.msb.archive;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/// Writes the contents of files into a squashfs: blocks of 128 KiB, and fragments, which are blocks
/// that small files share. Blocks are compressed by two threads and written in order by the
/// caller's, so the result does not depend on them.
final class BlockWriter implements AutoCloseable {
  static final int BLOCK_BYTES = 128 * 1024;

  private static final int UNCOMPRESSED = 1 << 24;
  private static final int THREADS = Math.min(2, Runtime.getRuntime().availableProcessors());
  private static final int MAX_BLOCKS = 4 * THREADS;

  /// A place for one block, which is used again.
  private static final class Block {
    final byte[] raw = new byte[BLOCK_BYTES];
    final byte[] packed = new byte[Lz4.bound(BLOCK_BYTES)];
    final Lz4 lz4 = new Lz4();
    int length;

    /// Whose block this is; null for a fragment.
    Inode.@Nullable File file;

    int index;
    @Nullable Future<Integer> packedLength;

    /// How long it is compressed; 0 if it is nothing but zeros.
    int pack() {
      boolean zeros = true;
      for (int i = 0; zeros && i < length; i++) {
        zeros = raw[i] == 0;
      }
      return zeros && file != null ? 0 : lz4.compress(raw, length, packed);
    }
  }

  /// A fragment in the file.
  record Fragment(long start, int size) {}

  private final Spool out;
  private final ExecutorService threads =
      Executors.newFixedThreadPool(
          THREADS, Thread.ofPlatform().daemon().name("msb-compress-", 0).factory());
  private final ArrayDeque<Block> pending = new ArrayDeque<>();
  private final ArrayDeque<Block> free = new ArrayDeque<>();
  private final List<Fragment> fragments = new ArrayList<>();
  private int made;
  private @Nullable Block fragment;
  private int nextFragment;

  BlockWriter(Spool out) {
    this.out = out;
  }

  void write(Inode.File file, SquashfsWriter.Contents contents)
      throws IOException, InterruptedException {
    if (file.size == 0) {
      file.start = 0;
    } else if (file.size < BLOCK_BYTES) {
      writeSmall(file, (int) file.size, contents);
    } else {
      writeLarge(file, contents);
    }
  }

  private void writeSmall(Inode.File file, int size, SquashfsWriter.Contents contents)
      throws IOException, InterruptedException {
    if (fragment != null && fragment.length + size > BLOCK_BYTES) {
      finishFragment(fragment);
    }
    if (fragment == null) {
      fragment = take();
      fragment.length = 0;
    }
    contents.read(fragment.raw, fragment.length, size);
    file.start = 0;
    file.fragment = nextFragment;
    file.fragmentOffset = fragment.length;
    fragment.length += size;
  }

  private void writeLarge(Inode.File file, SquashfsWriter.Contents contents)
      throws IOException, InterruptedException {
    int count = Math.toIntExact((file.size + BLOCK_BYTES - 1) / BLOCK_BYTES);
    file.blocks = new int[count];
    for (int i = 0; i < count; i++) {
      Block block = take();
      block.length = (int) Math.min(BLOCK_BYTES, file.size - (long) i * BLOCK_BYTES);
      contents.read(block.raw, 0, block.length);
      submit(block, file, i);
    }
  }

  /// Writes all that was begun.
  ///
  /// @return the fragments
  List<Fragment> finish() throws IOException, InterruptedException {
    if (fragment != null) {
      finishFragment(fragment);
    }
    while (!pending.isEmpty()) {
      free.add(writeFirst());
    }
    return fragments;
  }

  private void finishFragment(Block block) throws InterruptedException {
    submit(block, null, nextFragment);
    nextFragment++;
    fragment = null;
  }

  private Block take() throws IOException, InterruptedException {
    if (!free.isEmpty()) {
      return free.pop();
    }
    if (made < MAX_BLOCKS) {
      made++;
      return new Block();
    }
    return writeFirst();
  }

  private void submit(Block block, Inode.@Nullable File file, int index) {
    block.file = file;
    block.index = index;
    block.packedLength = threads.submit(block::pack);
    pending.add(block);
  }

  private Block writeFirst() throws IOException, InterruptedException {
    Block block = pending.remove();
    int packedLength;
    try {
      packedLength = Objects.requireNonNull(block.packedLength).get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("compression does not fail", e);
    }
    long start = out.position();
    boolean smaller = packedLength < block.length;
    int size = smaller ? packedLength : block.length | UNCOMPRESSED;
    out.write(smaller ? block.packed : block.raw, 0, smaller ? packedLength : block.length);
    Inode.File file = block.file;
    if (file == null) {
      fragments.add(new Fragment(start, size));
      return block;
    }
    if (block.index == 0) {
      file.start = start;
    }
    if (packedLength == 0) {
      file.holes += block.length;
    }
    Objects.requireNonNull(file.blocks)[block.index] = size;
    return block;
  }

  /// Ends the threads; blocks that were not written are lost.
  @Override
  public void close() {
    threads.shutdownNow();
  }
}
