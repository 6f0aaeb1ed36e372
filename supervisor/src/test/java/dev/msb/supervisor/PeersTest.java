package dev.msb.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msb.posix.Posix;
import dev.msb.protocol.GuestConfiguration;
import dev.msb.relay.LinkPolicy;
import dev.msb.relay.Relay;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Who may connect.
@Timeout(60)
class PeersTest {
  private static final int OTHER_USER = 1234;
  private static final String CONNECT =
      "use IO::Socket::UNIX; my $s = IO::Socket::UNIX->new(Peer => $ARGV[0]) or die $!;"
          + " exit(defined($s->getc()) ? 1 : 0)";

  private final PollSet poll = new PollSet();
  private boolean ended;

  /// It finds its connection closed without a word, although the socket's mode lets it in.
  @Test
  void anotherUserIsRefused(@TempDir Path directory) throws Exception {
    Assumptions.assumeTrue(Posix.getuid() == 0); // else nobody can be another user
    Path socket = directory.resolve("socket");
    Peers peers = new Peers(relay(), poll, new Connection.Buffers());
    peers.listen(socket);
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-rw-rw-"));

    assertThat(connect(peers, socket, OTHER_USER)).isZero();
    assertThat(peers.isEmpty()).isTrue();

    peers.stopListening(socket);
  }

  /// One that nobody listens to.
  private static Relay relay() {
    Class<?>[] listener = {Relay.Listener.class};
    Object nobody =
        Proxy.newProxyInstance(
            PeersTest.class.getClassLoader(), listener, (proxy, method, arguments) -> null);
    GuestConfiguration configuration = GuestConfiguration.builder().build();
    return new Relay(configuration, LinkPolicy.NONE, (Relay.Listener) nobody, System::nanoTime);
  }

  /// Has a user connect, serves until that has ended, and returns the status.
  private int connect(Peers peers, Path socket, int user) throws Exception {
    byte[][] words =
        Stream.of("perl", "-e", CONNECT, socket.toString())
            .map(word -> word.getBytes(StandardCharsets.UTF_8))
            .toArray(byte[][]::new);
    int pid = Posix.spawn(words, new byte[0][], new int[] {-1, -1, 2}, null, 0, user, user);
    assertThat(pid).isPositive();
    int pidfd = Posix.pidfd(pid);
    while (!ended) {
      poll.clear();
      poll.add(pidfd, Posix.POLLIN, events -> ended = true);
      peers.watch();
      poll.await(60_000);
      poll.serve();
    }
    int[] status = new int[1];
    Posix.waitpid(pid, status, 0);
    Posix.close(pidfd);
    return status[0];
  }
}
