package dev.msb.files;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A file server that reads and says nothing.
@Timeout(60)
class SilentFileServerTest {
  private static final String WHY = "the guest has not answered for 60 s";

  @Test
  void aFileServerThatDoesNotAnswerEndsTheCall() throws Exception {
    PipedInputStream replies = new PipedInputStream();
    FileTransport silent =
        new PlainTransport("it ended", WHY) {
          private final PipedOutputStream end = new PipedOutputStream(replies);

          @Override
          public InputStream replies() {
            return replies;
          }

          @Override
          public OutputStream requests() {
            return OutputStream.nullOutputStream();
          }

          @Override
          public void close() {
            try {
              end.close();
            } catch (IOException e) {
              throw new AssertionError(e);
            }
          }
        };
    FileConnection connection =
        FileConnection.open(silent, "box", Duration.ofSeconds(60), Duration.ofSeconds(1));
    FileRequest request = new FileRequest.RealPath(FileRequest.Name.of("/"));
    assertThatThrownBy(() -> connection.call(request, "/"))
        .isInstanceOf(PlainTransport.NoAnswer.class)
        .hasMessage("files: no answer for 1 s: " + WHY);
  }
}
