package dev.msb.sdk;

import dev.msb.files.FileTransport;
import dev.msb.protocol.Protocol;
import dev.msb.protocol.StartRequest;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A file server in a sandbox: an exec of the agent's own program.
final class FileServerExec implements FileTransport {
  private static final int KILL_AFTER_MILLIS = 1000;
  private static final Duration GUEST_WAIT = Duration.ofSeconds(5);

  private final ClientExec exec;
  private final SupervisorConnection connection;
  private final String sandbox;

  private FileServerExec(ClientExec exec, SupervisorConnection connection, String sandbox) {
    this.exec = exec;
    this.connection = connection;
    this.sandbox = sandbox;
  }

  /// Starts one over a connection of its own, which ends with it.
  ///
  /// @param user empty for the sandbox's
  static FileServerExec start(SupervisorConnection connection, String sandbox, String user)
      throws SandboxException, InterruptedException {
    StartRequest request =
        StartRequest.builder()
            .flag(StartRequest.Flag.FILES)
            .killAfterMillis(KILL_AFTER_MILLIS)
            .stderrWindow(Protocol.MIN_WINDOW_BYTES)
            .user(user)
            .workingDirectory("/")
            .argv(List.of("msb-files"))
            .build();
    try {
      ClientExec exec = connection.start(request, null);
      exec.awaitStarted();
      return new FileServerExec(exec, connection, sandbox);
    } catch (SandboxException | InterruptedException e) {
      connection.close();
      throw e;
    }
  }

  @Override
  public InputStream replies() {
    return exec.stdout();
  }

  @Override
  public OutputStream requests() {
    return exec.stdin();
  }

  @Override
  public IOException ended(IOException cause) {
    return cause instanceof SandboxException
        ? cause
        : new SandboxLostException(
            "the file server of sandbox \"" + sandbox + "\" ended: " + reason());
  }

  private String reason() {
    try {
      return exec.awaitEnd().toString();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "unknown";
    }
  }

  @Override
  public IOException silent(String problem) {
    return NoAnswerException.of(problem + ": " + silence());
  }

  private String silence() {
    try {
      connection.ping(GUEST_WAIT);
      return "the guest answers, its file server does not";
    } catch (SandboxException e) {
      return String.valueOf(e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "interrupted";
    }
  }

  @Override
  public IOException failed(String message, @Nullable Throwable cause) {
    return new SandboxException(message, cause);
  }

  @Override
  public IOException again(IOException failure) {
    String message = String.valueOf(failure.getMessage());
    return switch (failure) {
      case SandboxLostException _ -> new SandboxLostException(message);
      case NoAnswerException _ -> NoAnswerException.of(message);
      default -> new SandboxException(message, failure);
    };
  }

  @Override
  public void close() {
    connection.close();
  }
}
