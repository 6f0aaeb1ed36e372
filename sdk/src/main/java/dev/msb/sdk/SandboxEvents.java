package dev.msb.sdk;

import dev.msb.home.MsbHome;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/// What happens to the user's sandboxes from now on, whoever does it. It is read from a bounded
/// log: who falls behind by more than about a MiB misses some. Not for use by several threads.
public final class SandboxEvents implements AutoCloseable {
  private static final int CHUNK_BYTES = 16 * 1024;

  private final Path file;
  private final WatchService watch;
  private final Queue<SandboxEvent> events = new ArrayDeque<>();
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();
  private @Nullable FileChannel channel;
  private @Nullable Object identity; // of the file that is read

  private SandboxEvents(Path file) throws IOException {
    this.file = file;
    this.watch = file.getFileSystem().newWatchService();
    Path home = file.toAbsolutePath().getParent();
    if (home != null) {
      home.register(
          watch, StandardWatchEventKinds.ENTRY_CREATE, StandardWatchEventKinds.ENTRY_MODIFY);
    }
    open();
    if (channel != null) {
      channel.position(channel.size());
    }
  }

  /// Begins to follow.
  ///
  /// @throws SandboxException if the log cannot be read
  public static SandboxEvents follow() throws SandboxException {
    MsbHome home = MsbHome.ofEnvironment();
    try {
      home.make();
      return new SandboxEvents(home.events().file());
    } catch (IOException e) {
      throw SandboxException.of("cannot follow " + home.events().file(), e);
    }
  }

  /// Waits for the next event.
  ///
  /// @throws SandboxException if the log cannot be read
  public SandboxEvent next() throws InterruptedException, SandboxException {
    if (Thread.interrupted()) {
      throw new InterruptedException(); // here, as it would close the file that we read
    }
    try {
      SandboxEvent event = events.poll();
      while (event == null) {
        read();
        if (events.isEmpty()) {
          WatchKey key = watch.take();
          key.pollEvents();
          key.reset();
        }
        event = events.poll();
      }
      return event;
    } catch (IOException e) {
      throw SandboxException.of("cannot read " + file, e);
    }
  }

  private void read() throws IOException {
    drain();
    if (channel == null || !current().equals(identity)) {
      drain(); // what was written to it until it was put aside
      open();
      drain();
    }
  }

  private Object current() throws IOException {
    try {
      return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
    } catch (NoSuchFileException e) {
      return this; // put aside, and the new one has not begun
    }
  }

  private void open() throws IOException {
    Object found = current();
    if (found != this) {
      closeChannel();
      channel = FileChannel.open(file);
      identity = found;
    }
  }

  private void drain() throws IOException {
    if (channel == null) {
      return;
    }
    ByteBuffer bytes = ByteBuffer.allocate(CHUNK_BYTES);
    while (channel.read(bytes.clear()) > 0) {
      bytes.flip();
      while (bytes.hasRemaining()) {
        byte b = bytes.get();
        if (b == '\n') {
          events.add(SandboxEvent.parse(line.toString(StandardCharsets.UTF_8)));
          line.reset();
        } else {
          line.write(b);
        }
      }
    }
  }

  private void closeChannel() throws IOException {
    if (channel != null) {
      channel.close();
    }
  }

  /// Follows no more.
  @Override
  public void close() throws SandboxException {
    try {
      watch.close();
      closeChannel();
    } catch (IOException e) {
      throw SandboxException.of("cannot close " + file, e);
    }
  }
}
