package dev.msb.bench;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/// Where everything is measured: a home of its own, a guest's root with an ssh server, a QEMU with
/// a network card besides what msb gives it, whose words are kept.
final class Bed implements AutoCloseable {
  final Path root;
  final Path work;
  private final int port;
  private final Path qemuWithNetwork;

  Bed(Path root) throws IOException, InterruptedException {
    this.root = root;
    work = Files.createTempDirectory("msb-bench-");
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    qemuWithNetwork = work.resolve("qemu");
    Files.writeString(
        qemuWithNetwork,
        """
        #!/bin/sh
        printf '%%s\\n' "$@" >%s/words
        exec /usr/bin/qemu-system-x86_64 "$@" -device virtio-net-device,netdev=net \\
          -netdev user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:%d-:22
        """
            .formatted(work, port));
    if (!qemuWithNetwork.toFile().setExecutable(true)) {
      throw new IOException("cannot make " + qemuWithNetwork + " executable");
    }
    run(new ProcessBuilder("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path("key")));
    run(new ProcessBuilder(root + "/bench/make-rootfs", path("root"), path("key.pub")));
  }

  String path(String name) {
    return work.resolve(name).toString();
  }

  /// A command line of msb, to be started.
  ProcessBuilder msb(String... words) {
    List<String> command = new ArrayList<>(List.of(root + "/msb"));
    command.addAll(List.of(words));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("MSB_HOME", path("home"));
    builder.environment().put("MSB_TEMPLATES", "now");
    return builder;
  }

  /// The same, of a sandbox that ssh can reach.
  ProcessBuilder msbWithNetwork(String... words) {
    ProcessBuilder builder = msb(words);
    builder.environment().put("MSB_QEMU", qemuWithNetwork.toString());
    return builder;
  }

  /// A command by ssh in that sandbox.
  List<String> ssh(String... words) {
    List<String> command =
        new ArrayList<>(
            List.of(
                "ssh", "-F", "none", "-p", "" + port, "-i", path("key"), "-o", "LogLevel=ERROR"));
    command.addAll(List.of("-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null"));
    command.add("root@127.0.0.1");
    command.addAll(List.of(words));
    return command;
  }

  /// Drives a command.
  Drive drive(ProcessBuilder peer) throws IOException {
    List<String> command = new ArrayList<>(List.of(root + "/bench/target/drive", "--"));
    command.addAll(peer.command());
    return new Drive(peer.command(command));
  }

  /// Drives the bare port of a guest that is like msb's, but for the program in it.
  ///
  /// @param request what the guest is to do, see `bare-port.c`
  Drive drivePort(String request) throws IOException {
    List<String> words = Files.readAllLines(work.resolve("words"));
    words.set(words.indexOf("-initrd") + 1, root + "/bench/target/guest/initramfs");
    List<String> command =
        new ArrayList<>(
            List.of(root + "/bench/target/drive", "--port", "/usr/bin/qemu-system-x86_64"));
    for (int i = 0; i < words.size(); i++) {
      String next = i + 1 < words.size() ? words.get(i + 1) : "";
      if (words.get(i).equals("-blockdev") || next.startsWith("virtio-blk-device")) {
        i++; // the disks are in use, and the bare guest needs none
      } else {
        command.add(words.get(i));
      }
    }
    Drive drive = new Drive(new ProcessBuilder(command));
    drive.say(request);
    return drive;
  }

  /// Runs a command to its end and takes what it prints.
  static String run(ProcessBuilder builder) throws IOException, InterruptedException {
    Process process = builder.redirectErrorStream(true).start();
    process.getOutputStream().close();
    try (InputStream in = process.getInputStream()) {
      String said = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      if (process.waitFor() != 0) {
        throw new IOException(String.join(" ", builder.command()) + ": " + said);
      }
      return said;
    }
  }

  /// Runs a command to its end, in milliseconds.
  static double time(ProcessBuilder builder) throws IOException, InterruptedException {
    long begin = System.nanoTime();
    run(builder);
    return (System.nanoTime() - begin) / 1e6;
  }

  @Override
  public void close() throws IOException {
    try {
      stopAll();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    try (Stream<Path> files = Files.walk(work)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private void stopAll() throws IOException, InterruptedException {
    Path sandboxes = work.resolve("home/sandboxes");
    if (!Files.exists(sandboxes)) {
      return;
    }
    try (Stream<Path> boxes = Files.list(sandboxes)) {
      for (Path box : boxes.toList()) {
        run(msb("stop", box.getFileName().toString()));
      }
    }
  }
}
