package dev.msb.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msb.it.Msb.Result;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HexFormat;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Guests and clients that break the protocol, against a supervisor that also serves others.
@Timeout(120)
class HostileVmTest {
  private final Msb msb;

  HostileVmTest() throws IOException {
    msb = new Msb();
  }

  @BeforeEach
  void createBystander() throws Exception {
    msb.create("bystander").ok();
  }

  @AfterEach
  void removeAll() throws Exception {
    msb.removeAll();
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "exit-first | the guest's agent broke the protocol: EXIT for an exec that is STARTING",
        "unknown    | the guest's agent broke the protocol: frame for exec 901, which is not under way",
        "garbage    | the guest's agent broke the protocol: payload of 4294967295 bytes, more than the 65536 allowed",
        "huge       | the guest's agent broke the protocol: payload of 2147483647 bytes, more than the 65536 allowed",
        "gap        | the guest's agent broke the protocol: data at offset 17 of stream 1, expected 0",
        "short      | the guest's agent broke the protocol: EXIT names a total of 500 bytes where 0 came",
        "hangup     | the VM is gone: QEMU ended with status 0",
      })
  void aLyingGuestEndsItsOwnSandboxOnly(String mode, String message) throws Exception {
    Process bystander = msb.command("exec", "--stream", "bystander", "--", "cat").start();
    Msb liar = liar(mode);
    liar.create("liar", "--accel", "tcg").ok();
    Result result = liar.run("exec", "liar", "--", "true");
    assertThat(result).isEqualTo(new Result(125, "", "msb: " + message + "\n"));
    assertThat(Files.readString(msb.sandbox("liar").resolve("supervisor.log"))).contains(message);
    turn(bystander);
    bystander.outputWriter().close();
    assertThat(bystander.waitFor()).isZero();
  }

  @Test
  @Tag("quick")
  void aGuestThatFloodsBeyondItsCreditIsGivenUp() throws Exception {
    Msb liar = liar("flood");
    liar.create("liar", "--accel", "tcg").ok();
    Result result = liar.run("exec", "liar", "--", "true");
    assertThat(result.status()).isEqualTo(125);
    assertThat(result.stdout()).matches("x*").hasSizeLessThan(1024 * 1024);
    assertThat(result.stderr()).startsWith("msb: the guest's agent broke the protocol: data up to");
  }

  @Test
  void aGuestThatCannotBeSetUpLeavesNoSandbox() throws Exception {
    Result result = liar("boot-failed").create("liar", "--accel", "tcg");
    assertThat(result.status()).isEqualTo(125);
    assertThat(result.stderr())
        .startsWith(
            "msb: cannot start sandbox \"liar\": the guest could not be set up: mount /dev/vda: ENODEV"
                + " (see ")
        .hasLineCount(1);
    assertThat(msb.run("ls", "-q").ok().stdout()).isEqualTo("bystander\n");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "no HELLO     | 00000008 04 00 0000 0000000000000000 0000000000000001 | the first frame is not HELLO",
        "no protocol  | 474554202f20485454502f312e310d0a0d0a                  | payload of 1195725856 bytes, more than the 65536 allowed",
        "no such type | 00000000 66 00 0000 0000000000000000                  | frame type 102, which does not exist",
        "old version  | 00000018 01 00 0000 0000000000000000 6d736231 0007 0009 0000000000000000 00000000 00000000 | this sandbox's supervisor speaks version 1",
        "agent's word | 00000018 01 00 0000 0000000000000000 6d736231 0001 0001 0000000000000000 00000000 00000001 0000000c 30 00 0000 0000000000000001 00000001 0000000000000000 | frame type 48 from a client",
        "foreign exec | 00000018 01 00 0000 0000000000000000 6d736231 0001 0001 0000000000000000 00000000 00000001 00000009 20 00 0000 0000000000000001 0000000000000000 41 | exec 1 is not this client's",
      })
  void aLyingClientIsToldAndNobodyElseNotices(String name, String hex, String message)
      throws Exception {
    Process bystander = msb.command("exec", "--stream", "bystander", "--", "cat").start();
    turn(bystander);
    Path socket = msb.sandbox("bystander").resolve("socket");
    try (SocketChannel liar = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      liar.connect(UnixDomainSocketAddress.of(socket));
      liar.write(ByteBuffer.wrap(HexFormat.of().parseHex(hex.replace(" ", ""))));
      ByteBuffer answer = ByteBuffer.allocate(64 * 1024);
      while (liar.read(answer) >= 0) {
        assertThat(answer.hasRemaining()).isTrue();
      }
      assertThat(new String(answer.array(), 0, answer.position(), StandardCharsets.UTF_8))
          .endsWith(message);
    }
    turn(bystander);
    bystander.outputWriter().close();
    assertThat(bystander.waitFor()).isZero();
  }

  private static void turn(Process cat) throws IOException {
    cat.outputWriter().append("turn\n").flush();
    BufferedReader out = cat.inputReader();
    assertThat(out.readLine()).isEqualTo("turn");
  }

  /// The same home, but QEMU is a program that lies.
  private Msb liar(String mode) throws IOException {
    Path qemu = msb.home().resolve("hostile-qemu");
    try (InputStream script =
        Objects.requireNonNull(getClass().getResourceAsStream("/hostile-qemu.pl"))) {
      String text = new String(script.readAllBytes(), StandardCharsets.UTF_8);
      Files.writeString(qemu, text.replace("'MODE'", "'" + mode + "'"));
    }
    Files.setPosixFilePermissions(qemu, PosixFilePermissions.fromString("rwx------"));
    return new Msb(msb.home()).with("MSB_QEMU", qemu.toString());
  }
}
