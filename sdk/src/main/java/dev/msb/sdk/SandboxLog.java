package dev.msb.sdk;

import dev.msb.home.OutputLog;
import dev.msb.home.SandboxConfig;
import dev.msb.home.SandboxDirectory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Reads what the processes of a sandbox wrote, the oldest that is kept first. Not for use by
/// several threads.
///
/// The log is bounded: who follows it more slowly than 8 MiB are written misses some, which the
/// offsets of [LoggedOutput] tell.
public final class SandboxLog implements AutoCloseable {
  private static final int MOST_RECORD_BYTES = 1024 * 1024;

  /// A supervisor that is killed says nothing; it is looked after at these times.
  private static final long LOOK_MILLIS = 1000;

  private final SandboxDirectory directory;
  private final @Nullable WatchService watch; // null if it is not followed
  private final ByteBuffer header = ByteBuffer.allocate(OutputLog.HEADER_BYTES);
  private @Nullable FileChannel channel;
  private @Nullable Object identity; // of the file that is read
  private long position;

  private SandboxLog(SandboxDirectory directory, boolean follow) throws IOException {
    this.directory = directory;
    this.watch = follow ? directory.path().getFileSystem().newWatchService() : null;
    if (watch != null) {
      directory
          .path()
          .register(
              watch, StandardWatchEventKinds.ENTRY_CREATE, StandardWatchEventKinds.ENTRY_MODIFY);
    }
  }

  /// Begins at the oldest that is kept.
  ///
  /// @throws SandboxException if nothing is kept
  static SandboxLog open(SandboxDirectory directory, boolean follow) throws SandboxException {
    try {
      if (!directory.config().has(SandboxConfig.Flag.LOG_OUTPUT)
          && !Files.exists(directory.outputLog())) {
        throw new SandboxException(
            "the output of sandbox \""
                + directory.name()
                + "\" is not kept: have it kept by"
                + " msb create --log output, or msb modify --log output");
      }
      return new SandboxLog(directory, follow);
    } catch (IOException e) {
      if (!directory.exists()) {
        throw new NoSuchSandboxException(directory.name());
      }
      throw SandboxException.of("cannot read the log of sandbox \"" + directory.name() + "\"", e);
    }
  }

  /// The next piece. Who follows waits for it, as long as the sandbox runs.
  ///
  /// @return empty at the end
  /// @throws SandboxException if the log cannot be read
  public Optional<LoggedOutput> next() throws SandboxException, InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException(); // here, as it would close the file that we read
    }
    try {
      boolean ended = watch == null;
      while (true) {
        LoggedOutput output = read();
        if (output != null) {
          return Optional.of(output);
        }
        if (ended) {
          return Optional.empty();
        }
        ended = !directory.isSupervised();
        if (!ended) {
          await();
        }
      }
    } catch (IOException e) {
      throw failure(e);
    }
  }

  /// The next piece, if it is there already.
  ///
  /// @return empty if there is none for the moment
  /// @throws SandboxException if the log cannot be read
  public Optional<LoggedOutput> poll() throws SandboxException, InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    try {
      return Optional.ofNullable(read());
    } catch (IOException e) {
      throw failure(e);
    }
  }

  private SandboxException failure(IOException e) {
    return SandboxException.of("cannot read the log of sandbox \"" + directory.name() + "\"", e);
  }

  private void await() throws InterruptedException {
    if (watch != null) {
      WatchKey key = watch.poll(LOOK_MILLIS, TimeUnit.MILLISECONDS);
      if (key != null) {
        key.pollEvents();
        key.reset();
      }
    }
  }

  /// What is there, from this file or one that took its place.
  private @Nullable LoggedOutput read() throws IOException {
    LoggedOutput output = readRecord();
    while (output == null) {
      Path next = next(identity);
      if (next == null) {
        return null;
      }
      output = readRecord(); // what was written to it until it was put aside
      if (output == null) {
        open(next);
        output = readRecord();
      }
    }
    return output;
  }

  /// The file after the one of this identity; null if that is the newest.
  private @Nullable Path next(@Nullable Object known) throws IOException {
    Object newest = identity(directory.outputLog());
    Object older = identity(directory.olderOutputLog());
    if (newest == null || newest.equals(known)) {
      return null;
    }
    return older == null || older.equals(known)
        ? directory.outputLog()
        : directory.olderOutputLog();
  }

  private static @Nullable Object identity(Path file) throws IOException {
    try {
      return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
    } catch (NoSuchFileException e) {
      return null;
    }
  }

  /// If it is put aside meanwhile, the next look finds that out.
  private void open(Path file) throws IOException {
    Object before = identity(file);
    FileChannel opened;
    try {
      opened = FileChannel.open(file);
    } catch (NoSuchFileException e) {
      return;
    }
    if (before == null || !before.equals(identity(file))) {
      opened.close();
      return;
    }
    closeChannel();
    channel = opened;
    identity = before;
    position = 0;
  }

  /// A record that is there as a whole.
  private @Nullable LoggedOutput readRecord() throws IOException {
    if (channel == null || !fill(header.clear(), position)) {
      return null;
    }
    header.flip();
    int length = header.getInt();
    int stream = header.get();
    header.position(8);
    if (length < 0 || length > MOST_RECORD_BYTES || stream < 1 || stream > 2) {
      throw new IOException("it is damaged at byte " + position);
    }
    ByteBuffer bytes = ByteBuffer.allocate(length);
    if (!fill(bytes, position + OutputLog.HEADER_BYTES)) {
      return null;
    }
    position += OutputLog.HEADER_BYTES + length;
    long exec = header.getLong();
    long offset = header.getLong();
    return new LoggedOutput(
        Instant.ofEpochMilli(header.getLong()),
        exec,
        List.of(LoggedOutput.Source.values()).get(stream - 1),
        offset,
        bytes.flip());
  }

  private boolean fill(ByteBuffer bytes, long from) throws IOException {
    long at = from;
    while (bytes.hasRemaining()) {
      int count = channel == null ? -1 : channel.read(bytes, at);
      if (count < 0) {
        return false;
      }
      at += count;
    }
    return true;
  }

  private void closeChannel() throws IOException {
    if (channel != null) {
      channel.close();
    }
  }

  /// Reads no more.
  @Override
  public void close() throws SandboxException {
    try {
      if (watch != null) {
        watch.close();
      }
      closeChannel();
    } catch (IOException | ClosedWatchServiceException e) {
      throw new SandboxException("cannot close the log of \"" + directory.name() + "\"", e);
    }
  }
}
