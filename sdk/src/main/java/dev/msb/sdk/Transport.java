package dev.msb.sdk;

import java.io.IOException;
import java.nio.ByteBuffer;

/// A connected stream socket, blocking. One thread reads; writers take turns by themselves.
interface Transport {
  /// Reads what is there, at least one byte, into the buffer's remaining space.
  ///
  /// @return the number of bytes, -1 at the end
  int read(ByteBuffer direct) throws IOException;

  /// Writes all that remains in the buffer.
  void write(ByteBuffer direct) throws IOException;

  /// Makes the reader see the end. May be called from any thread, more than once.
  void shutdown();

  /// Lets go of the socket. Only the reader calls it, when it reads no more.
  void close();
}
