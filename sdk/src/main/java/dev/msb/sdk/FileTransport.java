package dev.msb.sdk;

import java.io.InputStream;
import java.io.OutputStream;

/// The two pipes of a file server.
interface FileTransport {
  /// What it answers.
  InputStream replies();

  /// What it is asked.
  OutputStream requests();

  /// Why it ended, after the end of its replies. May wait for that to be known.
  String end();

  /// Why it does not answer, as far as the sandbox can tell within a few seconds.
  String silence();

  /// Ends it, from any thread; whoever reads or writes is let go.
  void close();
}
