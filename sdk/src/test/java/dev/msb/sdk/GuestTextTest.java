package dev.msb.sdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msb.protocol.FailureKind;
import dev.msb.protocol.Frame;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Words of a guest in the messages of exceptions.
@Timeout(30)
class GuestTextTest {
  private static final String HOSTILE = "\u001b[2J\nmsb: all is well\u009b\u202e";
  private static final String SHOWN = "\\x1b[2J\\nmsb: all is well\\u009b\\u202e";

  @Test
  void aFailureToStartIsOneLine() throws Exception {
    try (FakeSupervisor supervisor = new FakeSupervisor()) {
      Future<SandboxProcess> starting = supervisor.starting(HOSTILE);
      supervisor.expect(Frame.Start.class);
      supervisor.send(
          new Frame.Failed(supervisor.id(), FailureKind.OTHER, 2, HOSTILE, HOSTILE + "!"));
      assertThatThrownBy(starting::get)
          .cause()
          .hasMessage(
              "cannot run \"" + SHOWN + "\": failed: " + SHOWN + "! (" + SHOWN + ": ENOENT)");
    }
  }

  /// The name of a file is exact for programs, and shown in one line.
  @Test
  void aNameOfAFileIsShownInOneLine() {
    FileSystemException failure =
        new AccessDeniedException("/tmp/" + HOSTILE, null, "permission denied (EACCES)");
    assertThat(failure.getFile()).isEqualTo("/tmp/" + HOSTILE);
    assertThat(SandboxException.of("cannot copy box:/tmp", failure))
        .hasMessage("cannot copy box:/tmp: permission denied (EACCES) (/tmp/" + SHOWN + ")");
  }

  @Test
  void theLastLineOfStderrIsShownInOneLine() {
    assertThat(new SandboxException("\"make\" ended with code 1: " + HOSTILE))
        .hasMessage("\"make\" ended with code 1: " + SHOWN);
  }
}
