package dev.msb.image;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// One blob on its way into a file, which is hashed as it grows. What is in the file already
/// counts, also from an earlier process. For one thread.
final class BlobDownload implements AutoCloseable {
  private static final Pattern CONTENT_RANGE =
      Pattern.compile("bytes (\\d{1,18})-\\d{1,18}/(?:\\d{1,18}|\\*)");

  private final Descriptor blob;
  private final Path file;
  private final ProgressListener listener;
  private final FileChannel channel;
  private final MessageDigest computation = Digest.algorithm();
  private long size; // of the file, all of it hashed
  private boolean resumed; // whether not all of it is from one answer

  /// Opens the file, or makes it, and hashes what is in it.
  BlobDownload(Descriptor blob, Path file, ProgressListener listener)
      throws ImageException, InterruptedException {
    this.blob = blob;
    this.file = file;
    this.listener = listener;
    try {
      channel =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    } catch (IOException e) {
      throw cannotWrite(e);
    }
    try {
      hashWhatIsThere();
    } catch (IOException e) {
      close();
      throw cannotWrite(e);
    }
  }

  long size() {
    return size;
  }

  /// Gets what is missing.
  ///
  /// @throws RegistryException if that fails; what has come stays, unless it is wrong
  void run(Endpoint endpoint, Endpoint.Question question)
      throws ImageException, InterruptedException {
    if (isComplete()) {
      return;
    }
    while (true) {
      receive(endpoint, question);
      if (isComplete()) {
        return;
      }
      boolean again = resumed;
      restart();
      // what was there from before may be what is wrong; if not, it is the registry
      if (!again) {
        throw Failures.invalid(
            endpoint.name() + " sends other bytes than " + blob.digest() + " names");
      }
    }
  }

  /// Whether all has come and is right.
  private boolean isComplete() throws ImageException {
    if (size < blob.size()) {
      return false;
    }
    try {
      return Digest.of((MessageDigest) computation.clone()).equals(blob.digest());
    } catch (CloneNotSupportedException e) {
      throw new ImageException("this Java's SHA-256 cannot be used", e);
    }
  }

  private void receive(Endpoint endpoint, Endpoint.Question question)
      throws ImageException, InterruptedException {
    if (size >= blob.size() && blob.size() > 0) {
      restart(); // complete, but wrong
    }
    boolean ranged = size > 0;
    try (Response response =
        endpoint.ask(ranged ? question.with("Range", "bytes=" + size + "-") : question)) {
      boolean fits = ranged ? startsHere(response) : response.status() == 200;
      if (fits || response.status() == 200) {
        if (!fits) {
          restart(); // it knows no ranges, and sends all
        }
        resumed = ranged && fits;
        append(endpoint, response);
        return;
      }
      if (!ranged) {
        throw Failures.invalid(
            endpoint.name()
                + " answers with status "
                + response.status()
                + " to all of "
                + question.what());
      }
    }
    restart();
    receive(endpoint, question); // at most once: there is no range in it
  }

  private boolean startsHere(Response response) {
    if (response.status() != 206) {
      return false;
    }
    Matcher range = CONTENT_RANGE.matcher(response.header("Content-Range").orElse(""));
    return range.matches() && Long.parseLong(range.group(1)) == size;
  }

  private void append(Endpoint endpoint, Response response)
      throws ImageException, InterruptedException {
    while (true) {
      List<ByteBuffer> buffers;
      try {
        buffers = response.next();
      } catch (IOException e) {
        throw Failures.io(endpoint.name(), e);
      }
      if (buffers.isEmpty()) {
        break;
      }
      for (ByteBuffer buffer : buffers) {
        if (buffer.remaining() > blob.size() - size) {
          restart();
          throw Failures.invalid(
              endpoint.name()
                  + " sends more than the "
                  + blob.size()
                  + " bytes of "
                  + blob.digest());
        }
        append(buffer);
      }
      listener.progress(blob, size);
    }
    if (size < blob.size()) {
      throw RegistryException.passing(
          RegistryException.Kind.UNREACHABLE,
          endpoint.name()
              + " sends "
              + size
              + " bytes of "
              + blob.digest()
              + " and not all "
              + blob.size(),
          Optional.empty());
    }
  }

  private void append(ByteBuffer buffer) throws ImageException, InterruptedException {
    try {
      computation.update(buffer.duplicate());
      long end = size + buffer.remaining();
      while (buffer.hasRemaining()) {
        channel.write(buffer, end - buffer.remaining());
      }
      size = end;
    } catch (IOException e) {
      throw cannotWrite(e);
    }
  }

  private void hashWhatIsThere() throws IOException, InterruptedException {
    if (channel.size() > blob.size()) {
      channel.truncate(0);
      return;
    }
    ByteBuffer buffer = ByteBuffer.allocate(64 * 1024);
    while (channel.read(buffer, size) > 0) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      buffer.flip();
      size += buffer.remaining();
      computation.update(buffer);
      buffer.clear();
    }
    resumed = size > 0;
  }

  private void restart() throws ImageException, InterruptedException {
    try {
      channel.truncate(0);
    } catch (IOException e) {
      throw cannotWrite(e);
    }
    computation.reset();
    size = 0;
    resumed = false;
    listener.progress(blob, 0);
  }

  private ImageException cannotWrite(IOException e) throws InterruptedException {
    if (e instanceof ClosedByInterruptException) {
      Thread.interrupted(); // as InterruptedException says it
      throw new InterruptedException();
    }
    return new ImageException("cannot write " + file + ": " + AuthEntries.reason(e), e);
  }

  /// Closes the file, and removes it if it is of no use to another try.
  @Override
  public void close() {
    try {
      channel.close();
      if (size == 0 && blob.size() > 0) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      // what is there is hashed again before it is used
    }
  }
}
