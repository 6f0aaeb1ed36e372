package dev.msb.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/// QEMU, as it is on a machine that is very busy: it starts only when it is let go. What happens
/// during a start then happens during a start, on any machine.
final class SlowQemu {
  private SlowQemu() {}

  /// Has the sandboxes of a home use it, which need `--accel tcg`: nothing else is known of it.
  static void use(Msb msb) throws IOException {
    Path program = msb.home().resolve("slow-qemu");
    Files.writeString(
        program,
        """
        #!/bin/sh
        until [ -e %s ]; do sleep 0.05; done
        exec /usr/bin/qemu-system-x86_64 "$@"
        """
            .formatted(go(msb)));
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
    msb.with("MSB_QEMU", program.toString());
  }

  static void letGo(Msb msb) throws IOException {
    Files.createFile(go(msb));
  }

  private static Path go(Msb msb) {
    return msb.home().resolve("go");
  }
}
