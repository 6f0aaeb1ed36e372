package dev.msb.sdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msb.home.TrustedUsers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Another user who listens where a supervisor would: nothing is said to it.
@Timeout(60)
class ForeignSupervisorTest {
  private static final String LISTEN =
      "use IO::Socket::UNIX; my $s = IO::Socket::UNIX->new(Local => $ARGV[0], Listen => 1) or die $!;"
          + " chmod 0777, $ARGV[0]; syswrite(STDOUT, 'x');"
          + " my $c = $s->accept(); exit(defined($c->getc()) ? 1 : 0)";

  @Test
  void nothingIsSentToIt(@TempDir Path directory) throws Exception {
    Assumptions.assumeTrue(TrustedUsers.own() == 0); // else nobody can be another user
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
    Path socket = directory.resolve("socket");
    Process other =
        new ProcessBuilder(
                "setpriv",
                "--reuid=1234",
                "--regid=1234",
                "--clear-groups",
                "perl",
                "-e",
                LISTEN,
                socket.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    assertThat(other.getInputStream().read()).isEqualTo('x'); // it listens

    assertThatThrownBy(() -> FakeSupervisor.transport(socket))
        .isInstanceOf(SandboxException.class)
        .isInstanceOf(IOException.class)
        .hasMessage(
            "nothing is sent to " + socket + ": user 1234 listens there, neither you nor root");

    assertThat(other.waitFor()).isZero();
  }
}
