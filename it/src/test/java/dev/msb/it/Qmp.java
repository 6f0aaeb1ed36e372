package dev.msb.it;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/// A second way to talk with the QEMU of a sandbox, whose supervisor has the first one.
final class Qmp implements AutoCloseable {
  private static final String SOCKET = "qmp";

  private final SocketChannel socket = SocketChannel.open(StandardProtocolFamily.UNIX);
  private final BufferedReader answers;

  /// Has the next sandbox that is started in a home listen; only one at a time can.
  static void offer(Msb msb) throws IOException {
    Path qemu = msb.home().resolve("qemu");
    Files.writeString(
        qemu,
        "#!/bin/sh\nexec /usr/bin/qemu-system-x86_64 \"$@\" -qmp unix:"
            + msb.home().resolve(SOCKET)
            + ",server=on,wait=off\n");
    Files.setPosixFilePermissions(qemu, PosixFilePermissions.fromString("rwx------"));
    msb.with("MSB_QEMU", qemu.toString());
  }

  Qmp(Msb msb) throws IOException {
    socket.connect(UnixDomainSocketAddress.of(msb.home().resolve(SOCKET)));
    answers =
        new BufferedReader(
            new InputStreamReader(Channels.newInputStream(socket), StandardCharsets.UTF_8));
    execute("qmp_capabilities");
  }

  /// Runs a command, and waits until it has run.
  void execute(String command) throws IOException {
    String line = "{\"execute\":\"" + command + "\"}\n";
    socket.write(ByteBuffer.wrap(line.getBytes(StandardCharsets.UTF_8)));
    for (String answer = answers.readLine(); ; answer = answers.readLine()) {
      if (answer == null || answer.contains("\"error\"")) {
        throw new AssertionError(command + ": " + answer);
      }
      if (answer.contains("\"return\"")) {
        return;
      }
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
