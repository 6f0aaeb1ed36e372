package dev.msb.sdk;

import dev.msb.files.FileServer;
import dev.msb.files.FileTransport;
import dev.msb.files.GuestFiles;
import dev.msb.home.SandboxDirectory;
import dev.msb.protocol.Protocol;
import java.io.IOException;

/// The file server of a sandbox, which is started if it is stopped.
final class SandboxFileServer implements FileServer {
  private final SandboxDirectory directory;
  private final Supervision supervision;

  private SandboxFileServer(SandboxDirectory directory, Supervision supervision) {
    this.directory = directory;
    this.supervision = supervision;
  }

  /// The files of a sandbox.
  static GuestFiles files(SandboxDirectory directory, Supervision supervision) {
    return new GuestFiles(new SandboxFileServer(directory, supervision));
  }

  @Override
  public String name() {
    return directory.name();
  }

  @Override
  public FileTransport start(String user) throws IOException, InterruptedException {
    SupervisorConnection connection = supervision.connect(Protocol.HELLO_HOLD, 1);
    return FileServerExec.start(connection, directory.name(), user);
  }

  @Override
  public String workingDirectory() throws IOException {
    return directory.config().workingDirectory();
  }
}
