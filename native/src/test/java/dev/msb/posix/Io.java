package dev.msb.posix;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/// What the tests do again and again with descriptors.
final class Io {
  private Io() {}

  static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  static byte[] bytes(Path path) {
    return bytes(path.toString());
  }

  static byte[][] words(String... words) {
    byte[][] result = new byte[words.length][];
    for (int i = 0; i < words.length; i++) {
      result[i] = bytes(words[i]);
    }
    return result;
  }

  static ByteBuffer direct(String text) {
    byte[] bytes = bytes(text);
    return ByteBuffer.allocateDirect(bytes.length).put(0, bytes);
  }

  static void write(int fd, String text) throws IOException {
    ByteBuffer buffer = direct(text);
    Posix.check(Posix.write(fd, buffer, 0, buffer.capacity()), "write");
  }

  /// Reads once, up to 4 KiB.
  static String read(int fd) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocateDirect(4096);
    int count = Posix.check(Posix.read(fd, buffer, 0, buffer.capacity()), "read");
    byte[] bytes = new byte[count];
    buffer.get(0, bytes);
    return new String(bytes, UTF_8);
  }

  static String readToEnd(int fd) throws IOException {
    StringBuilder all = new StringBuilder();
    for (String part = read(fd); !part.isEmpty(); part = read(fd)) {
      all.append(part);
    }
    return all.toString();
  }

  static int[] pipe() throws IOException {
    int[] two = new int[2];
    Posix.check(Posix.pipe(two), "pipe");
    return two;
  }

  static void close(int... fds) {
    for (int fd : fds) {
      Posix.close(fd);
    }
  }

  /// Polls one descriptor and returns what is there, 0 if nothing came in time.
  static int poll(int fd, int events, int timeoutMillis) throws IOException {
    short[] revents = new short[1];
    Posix.check(
        Posix.poll(new int[] {fd}, new short[] {(short) events}, revents, 1, timeoutMillis),
        "poll");
    return revents[0];
  }

  /// Waits for a child and returns its status as a shell would have it.
  static int exitStatus(int pid) throws IOException {
    int[] status = new int[1];
    Posix.check(Posix.waitpid(pid, status, 0), "waitpid");
    return Posix.exitStatus(status[0]);
  }
}
