package dev.msb.files;

import java.io.IOException;

/// Where to get connections to a file server from.
public interface FileServer {
  /// The name of the guest, for the names of threads and the URIs of paths.
  String name();

  /// Starts one more server.
  ///
  /// @param user of the guest, `NAME|UID[:GROUP|GID]`; empty for the guest's own choice
  FileTransport start(String user) throws IOException, InterruptedException;

  /// The directory that relative paths start at.
  String workingDirectory() throws IOException;
}
