package dev.msb.supervisor;

import dev.msb.home.DiskSpace;
import dev.msb.home.Distribution;
import dev.msb.home.Ending;
import dev.msb.home.Entropy;
import dev.msb.home.Log;
import dev.msb.home.MachineReport;
import dev.msb.home.MsbHome;
import dev.msb.home.SandboxConfig;
import dev.msb.home.SandboxDirectory;
import dev.msb.home.SandboxImage;
import dev.msb.posix.Posix;
import dev.msb.protocol.GuestConfiguration;
import dev.msb.protocol.OneLine;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The supervisor's program.
///
/// `DIRECTORY [transient]` runs the sandbox of this directory until its VM has ended. Its standard
/// output is the [StartReport], its standard error the log. It ends with status 0 if the end was
/// asked for.
///
/// `machine HOME` tells what it found on this machine, for a `MachineReport`.
public final class SupervisorMain {
  private static final int SIGINT = 2;
  private static final int SIGTERM = 15;

  /// Before the other words in the build's rehearsal: a JVM that writes a cache ends by itself.
  private static final String REHEARSE = "rehearse";

  private SupervisorMain() {}

  /// Runs a supervisor. The calling thread becomes the supervisor's.
  public static void main(String[] arguments) {
    List<String> words = List.of(arguments);
    if (words.getFirst().equals(REHEARSE)) {
      run(words.subList(1, words.size()));
      return;
    }
    Posix.exit(
        words.getFirst().equals(MachineReport.COMMAND)
            ? report(new MsbHome(Path.of(words.get(1))))
            : run(words));
  }

  private static int report(MsbHome home) {
    try {
      Distribution distribution = Distribution.find();
      AcceleratorProbe.Outcome found = new AcceleratorProbe(home, distribution).choose("auto");
      System.out.println("qemu " + line(QemuVersion.find()));
      System.out.println("accelerator " + found.accelerator().id());
      System.out.println("why " + line(found.why()));
      return 0;
    } catch (IOException | RuntimeException e) {
      System.out.println("failed " + line(e.getMessage() == null ? e.toString() : e.getMessage()));
      return 1;
    }
  }

  private static String line(String text) {
    return OneLine.of(text, OneLine.LONGEST_MESSAGE);
  }

  private static int run(List<String> arguments) {
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
    directory.home().check();
    directory.state("starting");
    SandboxConfig config = directory.config();
    config.check(); // also one of an earlier msb, or of an editor
    new DiskSpace(directory.home().path()).require();
    Distribution distribution = Distribution.find();
    directory.kernel(distribution.kernelName());
    MsbHome home = directory.home();
    AcceleratorProbe.Outcome choice =
        new AcceleratorProbe(home, distribution).choose(config.accelerator());
    if (choice.accelerator() == Accelerator.TCG && config.accelerator().equals("auto")) {
      report.notice(
          "running without KVM, which is about 20 times slower and no security boundary: "
              + choice.why());
    }
    QemuCommandLine commandLine = commandLine(directory, config, distribution, choice);
    UpperDisk upper = new UpperDisk(directory, config, distribution);
    VmStart.Started vm =
        new VmStart(home, distribution, commandLine, upper, report, signals)
            .start(config.has(SandboxConfig.Flag.COLD));
    Ending ending = Ending.failed("the supervisor failed");
    try {
      Supervisor supervisor =
          new Supervisor(
              directory,
              configuration(directory, config, commandLine.disks()),
              vm,
              report,
              signals,
              transientSandbox,
              config);
      ending = supervisor.run();
    } finally {
      vm.qemu().kill();
      Log.line("ended: " + ending.text());
      if (ending.cause() == Ending.Cause.FAILED) {
        keepLogs(directory);
      }
      directory.ended(ending, lock);
      if (config.has(SandboxConfig.Flag.EPHEMERAL)) {
        directory.remove();
      }
    }
    return ending.cause() == Ending.Cause.FAILED ? 1 : 0;
  }

  private static void keepLogs(SandboxDirectory directory) {
    try {
      directory.keepLogs();
    } catch (IOException e) {
      Log.line("cannot keep the logs: " + e.getMessage());
    }
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
        QemuCommandLine.Memory.OWN,
        "");
  }

  private static Disks disks(
      SandboxDirectory directory, SandboxConfig config, Distribution distribution)
      throws IOException {
    List<Disks.Disk> disks = new ArrayList<>();
    disks.add(Disks.Disk.root(rootDisk(config, distribution)));
    if (!config.diskIsInMemory()) {
      disks.add(Disks.Disk.upper(directory.upperDisk()));
    }
    return new Disks(disks, config.diskMebibytesInMemory());
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
      SandboxDirectory directory, SandboxConfig config, Disks disks) {
    return GuestConfiguration.builder()
        .realtimeNanos(HostClock.realtimeNanos())
        .entropy(ByteBuffer.wrap(Entropy.bytes(64)))
        .hostname(directory.name())
        .machineId(config.machineId())
        .env(config.environment())
        .workingDirectory(config.workingDirectory())
        .user(config.user())
        .mounts(disks.mounts(config.tmpfs()))
        .directories(config.directories())
        .build();
  }
}
