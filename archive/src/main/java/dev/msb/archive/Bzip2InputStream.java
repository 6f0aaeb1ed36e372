package dev.msb.archive;

import dev.msb.protocol.OneLine;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.SynchronousQueue;

/// The uncompressed bytes of bzip2 streams that follow each other, by the program `bzip2`.
///
/// Two threads move bytes to and from the child, and know of nothing else: the thread that reads
/// this also reads the compressed bytes, and can be interrupted. Held are three buffers. The child
/// has ended when [#close] returns.
final class Bzip2InputStream extends InputStream {
  private static final int BUFFER_BYTES = 64 * 1024;
  private static final int MOST_SAID_BYTES = 1024;
  private static final int DAMAGED = 2; // as bzip2's manual page has it

  /// News from the two threads for the one that reads.
  private sealed interface Event permits Output, Sign {}

  private record Output(ByteBuffer bytes) implements Event {}

  private enum Sign implements Event {
    INPUT_WANTED,
    OUTPUT_ENDED
  }

  private final InputStream in;
  private final Process process;
  private final Thread feeder;
  private final Thread drainer;
  private final BlockingQueue<Event> events = new SynchronousQueue<>();
  private final BlockingQueue<Integer> fed = new ArrayBlockingQueue<>(1); // bytes in `chunk`
  private final byte[] chunk = new byte[BUFFER_BYTES];
  private ByteBuffer piece = ByteBuffer.allocate(0);
  private boolean ended;
  private boolean failed;

  /// Starts the program.
  ///
  /// @throws ArchiveException if it is not there
  Bzip2InputStream(InputStream in) throws ArchiveException {
    this(in, "bzip2");
  }

  Bzip2InputStream(InputStream in, String program) throws ArchiveException {
    this.in = in;
    ProcessBuilder builder = new ProcessBuilder(program, "-dc");
    builder.environment().keySet().removeAll(Set.of("BZIP", "BZIP2")); // more options
    try {
      process = builder.start();
    } catch (IOException e) {
      throw new ArchiveException(
          "it is compressed with bzip2, and the program for that, bzip2 of Debian's package"
              + " bzip2, cannot be run",
          e);
    }
    feeder = Thread.ofPlatform().daemon().name("msb-bzip2-in").start(this::feed);
    drainer = Thread.ofPlatform().daemon().name("msb-bzip2-out").start(this::drain);
  }

  ProcessHandle child() {
    return process.toHandle();
  }

  private void feed() {
    try (OutputStream to = process.getOutputStream()) {
      while (true) {
        events.put(Sign.INPUT_WANTED);
        int count = fed.take();
        if (count < 0) {
          return;
        }
        to.write(chunk, 0, count);
        to.flush();
      }
    } catch (IOException e) {
      // It ended before its input did; its exit status says why.
    } catch (InterruptedException e) {
      // Closed.
    }
  }

  private void drain() {
    byte[] buffer = new byte[BUFFER_BYTES];
    try (InputStream from = process.getInputStream()) {
      for (int count = from.read(buffer); count >= 0; count = from.read(buffer)) {
        events.put(new Output(ByteBuffer.wrap(Arrays.copyOf(buffer, count))));
      }
      events.put(Sign.OUTPUT_ENDED);
    } catch (IOException | InterruptedException e) {
      // Closed: nothing else fails to read from a child.
    }
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] to, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, to.length);
    if (length == 0) {
      return 0;
    }
    if (failed) {
      throw new IOException("bzip2 data that could not be read before");
    }
    failed = true;
    try {
      while (!piece.hasRemaining() && !ended) {
        next();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ClosedByInterruptException();
    }
    failed = false;
    if (!piece.hasRemaining()) {
      return -1;
    }
    int count = Math.min(length, piece.remaining());
    piece.get(to, offset, count);
    return count;
  }

  private void next() throws IOException, InterruptedException {
    switch (events.take()) {
      case Sign.INPUT_WANTED -> fed.add(in.read(chunk));
      case Sign.OUTPUT_ENDED -> {
        end();
        ended = true;
      }
      case Output(ByteBuffer bytes) -> piece = bytes;
    }
  }

  private void end() throws IOException, InterruptedException {
    String said =
        new String(
            process.getErrorStream().readNBytes(MOST_SAID_BYTES), StandardCharsets.ISO_8859_1);
    int status = process.waitFor();
    if (status == DAMAGED) {
      throw new IOException(
          said.contains("ends unexpectedly")
              ? "the bzip2 data is truncated"
              : "the bzip2 data is damaged");
    }
    if (status != 0) {
      throw new IOException(
          "bzip2 ended with status " + status + ": " + OneLine.of(said.strip(), MOST_SAID_BYTES));
    }
  }

  @Override
  public void close() throws IOException {
    process.destroyForcibly();
    feeder.interrupt();
    drainer.interrupt();
    boolean interrupted = false;
    while (true) {
      try {
        process.waitFor();
        feeder.join();
        drainer.join();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    try {
      process.getErrorStream().close();
    } finally {
      in.close();
    }
  }
}
