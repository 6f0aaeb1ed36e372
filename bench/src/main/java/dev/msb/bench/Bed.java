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
final class Bed implements Attempt.Place, AutoCloseable {
  final Path root;
  final Path work;
  private final int port;
  private final Path qemuWithNetwork;
  private static volatile String doing = "nothing";
  private volatile boolean isClosed;

  Bed(Path root) throws IOException, InterruptedException {
    this.root = root;
    work = Files.createTempDirectory("msb-bench-");
    Runtime.getRuntime().addShutdownHook(new Thread(this::closeAtInterruption));
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
    checkOpen();
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
    checkOpen();
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
    doing = String.join(" ", peer.command());
    return new Drive(peer.command(command));
  }

  /// Drives the bare port of a guest that is like msb's, but for the program in it.
  ///
  /// @param request what the guest is to do, see `bare-port.c`
  Drive drivePort(String request) throws IOException {
    checkOpen();
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
    doing = "the bare port's guest";
    Drive drive = new Drive(new ProcessBuilder(command));
    drive.say(request);
    return drive;
  }

  /// Runs a command to its end and takes what it prints.
  static String run(ProcessBuilder builder) throws IOException, InterruptedException {
    doing = String.join(" ", builder.command());
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
  public String doing() {
    return doing;
  }

  /// Ends every process that was started here, and every sandbox.
  @Override
  public void clear() {
    List<ProcessHandle> left = left();
    while (!left.isEmpty()) {
      left.forEach(ProcessHandle::destroyForcibly);
      left.forEach(process -> process.onExit().join());
      left = left(); // one may have been in the making
    }
  }

  /// What was started here, and supervisors, which belong to nobody.
  private List<ProcessHandle> left() {
    String sandboxes = path("home/sandboxes/");
    return Stream.concat(
            ProcessHandle.current().descendants(),
            ProcessHandle.allProcesses()
                .filter(process -> process.info().commandLine().orElse("").contains(sandboxes)))
        .toList();
  }

  /// Removes all of it.
  @Override
  public synchronized void close() throws IOException {
    isClosed = true;
    clear();
    if (!Files.exists(work)) {
      return; // it is an interruption of the end
    }
    try (Stream<Path> files = Files.walk(work)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private void closeAtInterruption() {
    try {
      close();
    } catch (IOException e) {
      System.err.println("bench: " + e);
    }
  }

  /// So that nothing is started behind the back of who ends everything.
  private void checkOpen() {
    if (isClosed) {
      throw new IllegalStateException("interrupted");
    }
  }
}
