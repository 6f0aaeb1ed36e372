package dev.msb.home;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Set;

/// What the execs of a sandbox wrote, byte for byte, for `msb logs`: a file of records that takes
/// the place of an older one when it is long, so that a hostile guest does not fill the disk.
///
/// A record is one write to the end of the file, so whoever follows it sees whole ones, but for the
/// last if the machine went down. What cannot be written, as the disk is full, is left out: the
/// offsets tell where. A log that cannot even be cut is given up, never an exec.
public final class OutputLog {
  /// Before the bytes of a record, big-endian: u32 their number, u8 stream, 3 zero bytes, u64 exec,
  /// u64 offset in its stream, u64 milliseconds since 1970.
  public static final int HEADER_BYTES = 32;

  private static final long MOST_BYTES = 8 * 1024 * 1024;

  private final Path file;
  private final Path older;
  private final ByteBuffer header = ByteBuffer.allocateDirect(HEADER_BYTES);
  private FileChannel channel;
  private long size;
  private long highestExec;
  private long leftOut; // bytes, since something was written last
  private boolean givenUp;

  private OutputLog(Path file, Path older) throws IOException {
    this.file = file;
    this.older = older;
    if (Files.exists(older)) {
      try (FileChannel before = FileChannel.open(older)) {
        wholeRecords(before);
      }
    }
    this.channel = open();
    this.size = wholeRecords(channel);
    channel.truncate(size);
  }

  /// Goes on with the log of a sandbox.
  public static OutputLog open(SandboxDirectory directory) throws IOException {
    return new OutputLog(directory.outputLog(), directory.olderOutputLog());
  }

  private FileChannel open() throws IOException {
    Set<OpenOption> options =
        Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
    return FileChannel.open(file, options, MsbHome.PRIVATE_FILE);
  }

  /// The highest number of an exec whose output was kept when the log was opened; 0 if there was
  /// none. That of another one must be higher, or the output of both would be taken for one's.
  public long highestExec() {
    return highestExec;
  }

  /// Looks at each record; returns where the last whole one ends.
  private long wholeRecords(FileChannel log) throws IOException {
    long end = 0;
    while (log.read(header.clear(), end) == HEADER_BYTES) {
      long next = end + HEADER_BYTES + header.getInt(0);
      if (header.getInt(0) < 0 || next > log.size()) {
        break;
      }
      highestExec = Math.max(highestExec, header.getLong(8));
      end = next;
    }
    return end;
  }

  /// Adds what an exec wrote; of no length for a stream's end.
  public void add(long exec, int stream, long offset, ByteBuffer source, int at, int length) {
    if (givenUp) {
      return;
    }
    header.clear().putInt(length).put((byte) stream).put((byte) 0).putShort((short) 0);
    header.putLong(exec).putLong(offset).putLong(System.currentTimeMillis()).flip();
    try {
      write(new ByteBuffer[] {header, source.slice(at, length)});
      if (leftOut > 0) {
        Log.line("output is logged again; " + leftOut + " bytes of it were not");
        leftOut = 0;
      }
      if (size > MOST_BYTES) {
        channel.close();
        Files.move(
            file, older, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        channel = open();
        size = 0;
      }
    } catch (IOException e) {
      if (leftOut == 0) {
        Log.line("output is not logged: " + e.getMessage());
      }
      leftOut += Math.max(1, length);
      cut();
    }
  }

  private void write(ByteBuffer[] record) throws IOException {
    channel.position(size);
    long left = (long) record[0].remaining() + record[1].remaining();
    long end = size + left;
    while (left > 0) {
      left -= channel.write(record);
    }
    size = end;
  }

  /// Leaves no part of a record behind.
  private void cut() {
    try {
      channel.truncate(size);
    } catch (IOException e) {
      Log.line("output is no longer logged: " + e.getMessage());
      givenUp = true; // a reader takes what is left for a record under way
    }
  }
}
