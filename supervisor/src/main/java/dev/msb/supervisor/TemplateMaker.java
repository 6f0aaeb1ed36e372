package dev.msb.supervisor;

import dev.msb.posix.Posix;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// Makes a template: boots a guest until its agent waits for the configuration, and saves it.
///
/// The guest has been told nothing. It has either no disk that it could look at, or has mounted the
/// root disk of an image and an empty upper disk, which become part of the template. So nothing in
/// it is secret, and nothing is one sandbox's alone. Its memory is a file from the start, so what
/// remains to be written is the state of the devices, some tens of KiB.
final class TemplateMaker {
  private static final long BOOT_MILLIS = 60_000;
  private static final long SAVE_MILLIS = 10_000;
  private static final int LONGEST_STATE_BYTES = 64 * 1024 * 1024;
  private static final String SOCKET = "socket";

  private final QemuCommandLine machine;
  private final TemplateKey key;
  private final int signals;

  /// @param machine as given by [QemuCommandLine#toMakeTemplate]
  /// @param signals a descriptor that gives the making up when it is readable
  TemplateMaker(QemuCommandLine machine, TemplateKey key, int signals) {
    this.machine = machine;
    this.key = key;
    this.signals = signals;
  }

  /// Makes it in an empty directory. Takes as long as a boot, at most 70 seconds.
  ///
  /// @throws IOException if that fails; the directory is then of no use
  void make(Path directory) throws IOException {
    Path socket = directory.resolve(SOCKET);
    byte[] socketPath = socket.toString().getBytes(StandardCharsets.UTF_8);
    int memory = Template.open(directory.resolve(Template.MEMORY), Posix.O_RDWR | Posix.O_CREAT);
    int here = Template.open(directory, Posix.O_RDONLY);
    int listener = Posix.listen(socketPath, 1);
    byte[] greeting;
    String introduction;
    try {
      Posix.check(listener, "cannot listen on " + socket);
      Qemu qemu = VmStart.launch(machine, memory, here);
      try {
        greeting = AgentGreeting.await(qemu, BOOT_MILLIS, signals);
        qemu.qmp().open(SAVE_MILLIS);
        introduction = qemu.qmp().greeting();
        save(qemu, listener, directory.resolve(Template.STATE));
      } finally {
        qemu.end(); // from here on nobody writes to the memory
      }
    } finally {
      Posix.close(memory);
      Posix.close(here);
      if (listener >= 0) {
        Posix.close(listener);
      }
    }
    Files.delete(socket);
    Template.seal(directory, key, greeting, introduction);
  }

  private static void save(Qemu qemu, int listener, Path file) throws IOException {
    qemu.qmp().execute(VmStart.CAPABILITIES, SAVE_MILLIS);
    // To a socket: this QEMU can neither write to an inherited descriptor nor, under its seccomp
    // filter, start a program that could. By way of the directory's descriptor, as the path of a
    // home may be longer than a socket's may be.
    qemu.qmp()
        .execute(
            "{\"execute\":\"migrate\",\"arguments\":{\"uri\":\"unix:/proc/self/fd/"
                + QemuCommandLine.STATE_FD
                + "/"
                + SOCKET
                + "\"}}",
            SAVE_MILLIS);
    await(listener, qemu);
    int connection = Posix.check(Posix.accept(listener), "cannot take QEMU's connection");
    try (OutputStream out = Files.newOutputStream(file)) {
      copy(connection, qemu, out);
    } finally {
      Posix.close(connection);
    }
    String end = qemu.qmp().awaitEvent(SAVE_MILLIS, "MIGRATION completed", "MIGRATION failed");
    if (!end.equals("MIGRATION completed")) {
      throw new IOException("QEMU could not save its state");
    }
  }

  private static void copy(int from, Qemu qemu, OutputStream out) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocateDirect(64 * 1024);
    byte[] bytes = new byte[buffer.capacity()];
    for (int total = 0; total < LONGEST_STATE_BYTES; ) {
      await(from, qemu);
      int count = Posix.read(from, buffer, 0, buffer.capacity());
      if (count == -Posix.EAGAIN) {
        continue;
      }
      if (Posix.check(count, "cannot read QEMU's state") == 0) {
        return;
      }
      buffer.get(0, bytes, 0, count);
      out.write(bytes, 0, count);
      total += count;
    }
    throw new IOException("QEMU's state is too long");
  }

  /// Waits until a descriptor is readable.
  private static void await(int fd, Qemu qemu) throws IOException {
    int[] fds = {fd, qemu.pidfd()};
    short[] wanted = {Posix.POLLIN, Posix.POLLIN};
    short[] ready = {0, 0};
    Posix.check(Posix.poll(fds, wanted, ready, fds.length, (int) SAVE_MILLIS), "poll");
    if (ready[0] == 0) {
      throw new IOException(ready[1] == 0 ? "QEMU does not save its state" : "QEMU ended");
    }
  }
}
