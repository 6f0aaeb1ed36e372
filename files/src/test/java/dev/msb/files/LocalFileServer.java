package dev.msb.files;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/// The agent's real file server, as a process of this machine: its guest is a directory here.
final class LocalFileServer implements FileServer, AutoCloseable {
  private static final Path AGENT = Path.of("..", "agent", "build", "msb-agent").toAbsolutePath();

  private final List<Process> started = new CopyOnWriteArrayList<>();
  private final String workingDirectory;

  LocalFileServer(Path workingDirectory) {
    this.workingDirectory = workingDirectory.toString();
  }

  GuestFiles files(Duration idle) {
    return new GuestFiles(new FileClient(this, "", idle));
  }

  @Override
  public String name() {
    return "local";
  }

  /// The processes, the last one started last.
  List<Process> started() {
    return started;
  }

  @Override
  public FileTransport start(String user) throws IOException {
    Process process =
        new ProcessBuilder(AGENT.toString(), "--files")
            .directory(Path.of("/").toFile())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    started.add(process);
    return new PlainTransport("the file server ended", "it is silent") {
      @Override
      public InputStream replies() {
        return process.getInputStream();
      }

      @Override
      public OutputStream requests() {
        return new Unbuffered(process.getOutputStream());
      }

      @Override
      public void close() {
        process.destroyForcibly();
      }
    };
  }

  @Override
  public String workingDirectory() {
    return workingDirectory;
  }

  @Override
  public void close() {
    for (Process process : started) {
      process.destroyForcibly().onExit().join();
    }
  }

  private static final class Unbuffered extends OutputStream {
    private final OutputStream out;

    Unbuffered(OutputStream out) {
      this.out = out;
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      out.write(bytes, offset, length);
      out.flush();
    }
  }
}
