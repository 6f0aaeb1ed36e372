package dev.msb.files;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;

/// The two pipes of a file server, and the exceptions for their failures: the owner of the pipes
/// knows why they failed.
public interface FileTransport {
  /// The server's answers.
  InputStream replies();

  /// The requests to it. Each write goes out at once.
  OutputStream requests();

  /// The failure of all that is under way when the answers end or cannot be read. May wait until
  /// the reason is known.
  ///
  /// @param cause the failure of reading them
  IOException ended(IOException cause);

  /// The failure of all that is under way when the server does not answer. May take a few seconds
  /// to ask why.
  ///
  /// @param problem the beginning of its message
  IOException silent(String problem);

  /// Any other failure.
  IOException failed(String message, @Nullable Throwable cause);

  /// The same failure for a further thread, whose own stack it shows.
  ///
  /// @param failure made by one of the methods above
  IOException again(IOException failure);

  /// Ends it, from any thread; whoever reads or writes is let go.
  void close();
}
