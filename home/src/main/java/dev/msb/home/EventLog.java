package dev.msb.home;

import dev.msb.protocol.OneLine;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Set;

/// What happens to the sandboxes of a home, for who follows it: the file `events`, a line each. It
/// is bounded: when it is long it becomes `events.old`, and a new one begins.
///
/// Nobody locks it, so that nobody can hold a supervisor up: a line is one write to the end of the
/// file. What cannot be written is lost, and said in the log.
public final class EventLog {
  private static final long MOST_BYTES = 1024 * 1024;

  private static final int LONGEST_FACTS = 4096;

  private final Path file;

  EventLog(Path file) {
    this.file = file;
  }

  /// The file.
  public Path file() {
    return file;
  }

  /// Adds a line: the time, the sandbox's name, what happened, and facts as `name=value`, of which
  /// only the last may have spaces.
  public void add(String sandbox, String... words) {
    String line =
        Instant.now() + " " + sandbox + " " + OneLine.of(String.join(" ", words), LONGEST_FACTS);
    try {
      append((line + "\n").getBytes(StandardCharsets.UTF_8));
      if (Files.size(file) > MOST_BYTES) {
        Files.move(
            file,
            file.resolveSibling("events.old"),
            StandardCopyOption.ATOMIC_MOVE,
            StandardCopyOption.REPLACE_EXISTING);
      }
    } catch (NoSuchFileException e) {
      // another one has just begun a new file
    } catch (IOException e) {
      Log.line("cannot write to " + file + ": " + e.getMessage());
    }
  }

  private void append(byte[] line) throws IOException {
    Set<OpenOption> options = Set.of(StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    try (FileChannel channel = FileChannel.open(file, options, MsbHome.PRIVATE_FILE)) {
      channel.write(ByteBuffer.wrap(line)); // at once
    }
  }
}
