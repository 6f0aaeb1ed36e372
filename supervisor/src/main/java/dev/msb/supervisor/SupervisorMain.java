package dev.msb.supervisor;

import dev.msb.posix.Posix;
import dev.msb.protocol.GuestConfiguration;
import dev.msb.protocol.Protocol;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/// The supervisor's process: `DIRECTORY [transient]`, where the directory is that of a sandbox.
///
/// Its standard output is the [StartReport], its standard error the log. It ends when the VM has
/// ended, with status 0 if that was asked for.
public final class SupervisorMain {
  private static final int SIGINT = 2;
  private static final int SIGTERM = 15;

  private SupervisorMain() {}

  /// Runs a supervisor and returns its exit status. The calling thread becomes the supervisor's.
  public static int run(List<String> arguments) {
    SandboxDirectory directory = SandboxDirectory.at(Path.of(arguments.get(0)));
    boolean transientSandbox = arguments.contains("transient");
    StartReport report = new StartReport();
    try {
      return supervise(directory, transientSandbox, report);
    } catch (IOException | RuntimeException e) {
      Log.failure(e);
      report.failed(e.getMessage() == null ? e.toString() : e.getMessage());
      return 1;
    }
  }

  private static int supervise(
      SandboxDirectory directory, boolean transientSandbox, StartReport report) throws IOException {
    FileLock lock = directory.lockForSupervisor();
    int signals = Posix.check(Posix.signalPipe(new int[] {SIGTERM, SIGINT}), "cannot take signals");
    directory.state("starting");
    SandboxConfig config = directory.config();
    Distribution distribution = Distribution.find();
    MsbHome home = directory.home();
    AcceleratorProbe.Outcome choice =
        new AcceleratorProbe(home, distribution).choose(config.accelerator());
    if (choice.accelerator() == Accelerator.TCG && config.accelerator().equals("auto")) {
      report.notice("running without KVM, which is slower: " + choice.why());
    }
    makeUpperDisk(directory, config, distribution);
    QemuCommandLine commandLine = commandLine(directory, config, distribution, choice);
    VmStart.Vm vm = new VmStart(home, distribution, commandLine, signals).start(config.cold());
    Ending ending = Ending.failed("the supervisor failed");
    try {
      Supervisor supervisor =
          new Supervisor(
              directory,
              configuration(directory, config),
              vm,
              report,
              signals,
              transientSandbox,
              config);
      ending = supervisor.run();
    } finally {
      vm.qemu().kill();
      Log.line("ended: " + ending.text());
      directory.ended(ending, lock);
      if (config.lifetime().ephemeral()) {
        if (ending.cause() == Ending.Cause.FAILED) {
          directory.keepLogs();
        }
        directory.remove();
      }
    }
    return ending.cause() == Ending.Cause.FAILED ? 1 : 0;
  }

  private static void makeUpperDisk(
      SandboxDirectory directory, SandboxConfig config, Distribution distribution)
      throws IOException {
    if (config.diskIsInMemory() || Files.exists(directory.upperDisk())) {
      return;
    }
    Path made = directory.path().resolve("upper.new");
    if (config.disk().isEmpty()) {
      copySparse(distribution.emptyUpperDisk(), made);
    } else {
      makeEmptyDisk(distribution, made, config.disk());
    }
    Files.move(made, directory.upperDisk(), StandardCopyOption.ATOMIC_MOVE);
  }

  private static void copySparse(Path source, Path target) throws IOException {
    int from = open(source, Posix.O_RDONLY);
    int to = open(target, Posix.O_RDWR | Posix.O_CREAT | Posix.O_TRUNC);
    try {
      Posix.check(Posix.copySparse(from, to), "cannot make " + target);
    } finally {
      Posix.close(from);
      Posix.close(to);
    }
  }

  private static void makeEmptyDisk(Distribution distribution, Path target, String bytes)
      throws IOException {
    Process maker =
        new ProcessBuilder(distribution.makeUpper().toString(), target.toString(), bytes)
            .redirectErrorStream(true)
            .start();
    maker.getOutputStream().close();
    String said =
        new String(maker.getInputStream().readNBytes(10_000), StandardCharsets.UTF_8).strip();
    try {
      if (maker.waitFor() != 0) {
        throw new IOException(
            "cannot make a disk of "
                + bytes
                + " bytes: "
                + said.substring(said.lastIndexOf('\n') + 1));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while making the disk", e);
    }
  }

  private static int open(Path file, int flags) throws IOException {
    byte[] path = file.toString().getBytes(StandardCharsets.UTF_8);
    return Posix.check(Posix.open(path, flags, 0600), "cannot open " + file);
  }

  private static QemuCommandLine commandLine(
      SandboxDirectory directory,
      SandboxConfig config,
      Distribution distribution,
      AcceleratorProbe.Outcome choice)
      throws IOException {
    return new QemuCommandLine(
        Qemu.binary(),
        choice.accelerator(),
        config.cpus(),
        config.memoryMebibytes(),
        distribution.kernel(),
        distribution.initramfs(),
        disks(directory, config, distribution),
        HostClock.tscKhz(),
        QemuCommandLine.Memory.OWN);
  }

  private static List<QemuCommandLine.Disk> disks(
      SandboxDirectory directory, SandboxConfig config, Distribution distribution)
      throws IOException {
    QemuCommandLine.Disk root = new QemuCommandLine.Disk(rootDisk(config, distribution), true);
    return config.diskIsInMemory()
        ? List.of(root)
        : List.of(root, new QemuCommandLine.Disk(directory.upperDisk(), false));
  }

  private static Path rootDisk(SandboxConfig config, Distribution distribution) throws IOException {
    SandboxImage image = config.image();
    Path disk =
        image.rootDisk().isEmpty() ? distribution.busyboxImage() : Path.of(image.rootDisk());
    if (!Files.isReadable(disk)) {
      throw new IOException(
          "the root disk of the image " + image.name() + ", " + disk + ", cannot be read");
    }
    return disk;
  }

  private static GuestConfiguration configuration(
      SandboxDirectory directory, SandboxConfig config) {
    byte[] entropy = Entropy.bytes(64);
    return new GuestConfiguration(
        Protocol.VERSION,
        HostClock.realtimeNanos(),
        ByteBuffer.wrap(entropy),
        directory.name(),
        config.machineId(),
        config.environment(),
        config.workingDirectory(),
        config.user(),
        "/dev/vda",
        "squashfs",
        config.diskIsInMemory() ? "" : "/dev/vdb",
        config.diskIsInMemory() ? "" : "ext4",
        config.diskMebibytesInMemory(),
        config.tmpfs());
  }
}
