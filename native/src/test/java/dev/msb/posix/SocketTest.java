package dev.msb.posix;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(20)
class SocketTest {
  @TempDir Path folder;

  private static void assertEcho(byte[] path) throws IOException {
    int listener = Posix.check(Posix.listen(path, 5), "listen");
    assertThat(Posix.accept(listener)).isEqualTo(-Posix.EAGAIN);
    int client = Posix.check(Posix.connect(path), "connect");
    int served = Posix.check(Posix.accept(listener), "accept");
    ByteBuffer nothing = ByteBuffer.allocateDirect(1);
    assertThat(Posix.read(served, nothing, 0, 1)).isEqualTo(-Posix.EAGAIN);
    Io.write(client, "hello");
    assertThat(Io.read(served)).isEqualTo("hello");
    assertThat(Posix.peerUid(served)).isEqualTo(Posix.getuid());
    assertThat(Posix.peerUid(client)).isEqualTo(Posix.getuid());
    Io.close(listener, client, served);
    assertThat(Posix.unlink(path)).isZero();
  }

  @Test
  void clientAndServerTalk() throws IOException {
    assertEcho(Io.bytes(folder.resolve("socket")));
  }

  @Test
  void pathsMayBeLong() throws IOException {
    Path deep = folder;
    for (int i = 0; i < 10; i++) {
      deep = deep.resolve("x".repeat(200));
    }
    Files.createDirectories(deep);
    assertEcho(Io.bytes(deep.resolve("socket")));
  }

  @Test
  void pathsOfEveryLengthAroundTheLimitWork() throws IOException {
    int prefix = folder.toString().length() + 1;
    for (int length = 105; length <= 111; length++) {
      assertEcho(Io.bytes(folder.resolve("s".repeat(length - prefix))));
    }
  }

  @Test
  void nameThatFitsNowhereIsTooLong() {
    assertThat(Posix.listen(Io.bytes(folder.resolve("s".repeat(200))), 1))
        .isEqualTo(-Posix.ENAMETOOLONG);
    assertThat(Posix.connect(new byte[5000])).isEqualTo(-Posix.ENAMETOOLONG);
  }

  @Test
  void pathWithZeroByteIsRefused() {
    assertThat(Posix.connect(Io.bytes("/tmp/a\0b"))).isEqualTo(-Posix.EINVAL);
    assertThat(Posix.listen(Io.bytes("\0abstract"), 1)).isEqualTo(-Posix.EINVAL);
    assertThat(Posix.connect(new byte[0])).isEqualTo(-Posix.ENOENT);
  }

  @Test
  void socketFileIsForItsOwnerOnly() throws IOException {
    Path path = folder.resolve("socket");
    int listener = Posix.check(Posix.listen(Io.bytes(path), 1), "listen");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
        .isEqualTo("rw-------");
    Posix.close(listener);
  }

  @Test
  void fileThatIsThereKeepsListenersAway() throws IOException {
    Path path = Files.createFile(folder.resolve("socket"));
    assertThat(Posix.listen(Io.bytes(path), 1)).isEqualTo(-Posix.EADDRINUSE);
    assertThat(path).exists();
  }

  @Test
  void connectingTellsMissingFromDeserted() throws IOException {
    Path path = folder.resolve("socket");
    assertThat(Posix.connect(Io.bytes(path))).isEqualTo(-Posix.ENOENT);
    Posix.close(Posix.check(Posix.listen(Io.bytes(path), 1), "listen"));
    assertThat(Posix.connect(Io.bytes(path))).isEqualTo(-Posix.ECONNREFUSED);
  }

  @Test
  void pipeIsNoSocket() throws IOException {
    int[] pipe = Io.pipe();
    assertThat(Posix.accept(pipe[0])).isEqualTo(-Posix.ENOTSOCK);
    assertThat(Posix.peerUid(pipe[0])).isEqualTo(-Posix.ENOTSOCK);
    Io.close(pipe);
  }

  @Test
  void shutDownDirectionIsAtItsEndWhileTheOtherGoesOn() throws IOException {
    int[] two = new int[2];
    assertThat(Posix.socketpair(two)).isZero();
    assertThat(Posix.shutdown(two[0], Posix.SHUT_WR)).isZero();
    assertThat(Io.read(two[1])).isEmpty();
    Io.write(two[1], "back");
    assertThat(Io.read(two[0])).isEqualTo("back");
    Io.close(two);
  }

  @Test
  void sendBufferBoundsWhatIsUnderWay() throws IOException {
    int[] two = new int[2];
    assertThat(Posix.socketpair(two)).isZero();
    assertThat(Posix.sendBuffer(two[0], 16 * 1024)).isEqualTo(32 * 1024);
    assertThat(Posix.receiveBuffer(two[0], 16 * 1024)).isEqualTo(32 * 1024);
    assertThat(Posix.nonBlocking(two[0], true)).isZero();
    ByteBuffer kilobyte = ByteBuffer.allocateDirect(1024);
    int sent = 0;
    int count;
    while ((count = Posix.write(two[0], kilobyte, 0, 1024)) > 0) {
      sent += count;
    }
    assertThat(count).isEqualTo(-Posix.EAGAIN);
    assertThat(sent).isBetween(1024, 32 * 1024);
    Io.close(two);
  }

  @Test
  void arrayTooShortForAPairIsRefused() {
    assertThat(Posix.socketpair(new int[1])).isEqualTo(-Posix.EINVAL);
    assertThat(Posix.pipe(new int[0])).isEqualTo(-Posix.EINVAL);
  }
}
