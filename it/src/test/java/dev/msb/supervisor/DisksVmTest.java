package dev.msb.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msb.home.Distribution;
import dev.msb.home.Entropy;
import dev.msb.home.MsbHome;
import dev.msb.home.SandboxConfig;
import dev.msb.home.SandboxDirectory;
import dev.msb.home.SandboxImage;
import dev.msb.protocol.GuestConfiguration;
import dev.msb.protocol.Mount;
import dev.msb.supervisor.Disks.Disk;
import java.io.FileOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// VMs with more disks than a sandbox has: below the command line, which gives it no volume.
@Timeout(300)
class DisksVmTest {
  /// The first one starts afresh and leaves a note, the second one makes a template and starts from
  /// it, the third one finds that template.
  private static final List<String> NAMES = List.of("one", "two", "three");

  @TempDir Path directory;
  private MsbHome home;
  private Distribution distribution;

  @BeforeEach
  void makeHome() throws Exception {
    System.setProperty(
        "msb.dist", Path.of(System.getProperty("msb.root", ".."), "dist").toString());
    distribution = Distribution.find();
    home = new MsbHome(directory.resolve("home"));
    home.make();
  }

  @AfterEach
  void forget() {
    System.clearProperty("msb.dist");
  }

  /// Of each kind of template the first start makes a note, the second one the template.
  @Test
  void eachIsInItsPlaceAfreshAndFromBothKindsOfTemplates() throws Exception {
    for (String name : NAMES) {
      try (GuestDriver guest = start(name, !name.equals("one"), true)) {
        assertPlaces(guest);
        guest.sh("echo upper " + name + " >/root/mark; echo data " + name + " >/data/mark");
        assertThat(guest.sh("touch /fixed/mark 2>&1")).contains("Read-only file system");
      }
      assertThat(content(upper(name), "/upper/root/mark")).isEqualTo("upper " + name + "\n");
      assertThat(content(volume(name), "/mark")).isEqualTo("data " + name + "\n");
    }

    for (String name : NAMES) {
      try (GuestDriver guest = start(name, !name.equals("one"), true)) {
        assertPlaces(guest);
        assertThat(guest.sh("cat /root/mark /data/mark"))
            .isEqualTo("upper " + name + "\ndata " + name + "\n");
      }
    }
  }

  /// The volume is the second disk, where the upper one is else.
  @Test
  void withoutAnUpperDiskAVolumeIsNotTakenForIt() throws Exception {
    for (String name : NAMES) {
      try (GuestDriver guest = start(name, !name.equals("one"), false)) {
        assertThat(guest.sh("grep ' /data ' /proc/mounts")).startsWith("/dev/vdb /data ext4 rw,");
        guest.sh("echo upper >/root/mark; echo data " + name + " >/data/mark");
      }
      assertThat(content(volume(name), "/mark")).isEqualTo("data " + name + "\n");
      assertThat(content(volume(name), "/upper/")).doesNotContain("root"); // which /root/mark made
    }
  }

  private static void assertPlaces(GuestDriver guest) throws Exception {
    assertThat(guest.sh("grep -E ' /(data|fixed) ' /proc/mounts | cut -d' ' -f1-3"))
        .isEqualTo("/dev/vdc /data ext4\n/dev/vdd /fixed ext4\n");
    assertThat(guest.sh("cd /sys/block; cat vda/ro vdb/ro vdc/ro vdd/ro"))
        .isEqualTo("1\n0\n0\n1\n");
    assertThat(guest.sh("grep ' / ' /proc/mounts")).startsWith("overlay / overlay rw,");
  }

  private GuestDriver start(String name, boolean fromTemplate, boolean upperOnDisk)
      throws Exception {
    SandboxDirectory box = home.sandbox(name);
    Files.createDirectories(upper(name).getParent());
    UpperDisk upper = new UpperDisk(box, config(upperOnDisk ? "" : "tmpfs:64"), distribution);
    if (!Files.exists(volume(name))) {
      UpperDisk empty = new UpperDisk(box, config(""), distribution);
      empty.makeEmpty(volume(name));
      empty.makeEmpty(directory.resolve("fixed"));
    }
    Disk root = Disk.root(distribution.busyboxImage());
    Disk data = Disk.volume(volume(name), "ext4", "/data");
    Disk fixed = Disk.volume(directory.resolve("fixed"), "ext4", "/fixed", Mount.Flag.READ_ONLY);
    Disks disks =
        upperOnDisk
            ? new Disks(List.of(root, Disk.upper(upper(name)), data, fixed), 0)
            : new Disks(List.of(root, data), 64);
    QemuCommandLine machine =
        new QemuCommandLine(
            Qemu.binary(),
            Accelerator.TCG,
            1,
            256,
            distribution.kernel(),
            distribution.initramfs(),
            disks,
            HostClock.tscKhz(),
            QemuCommandLine.Memory.OWN,
            "");
    StartReport report = new StartReport(new FileOutputStream("/dev/null"));
    VmStart.Started vm = new VmStart(home, distribution, machine, upper, report, -1).start(false);
    assertThat(vm.greeting().hasRemaining()).isEqualTo(fromTemplate);
    return new GuestDriver(
        vm,
        GuestConfiguration.builder()
            .realtimeNanos(HostClock.realtimeNanos())
            .entropy(ByteBuffer.wrap(Entropy.bytes(64)))
            .hostname(name)
            .machineId("0".repeat(32))
            .env(List.of("PATH=" + SandboxConfig.DEFAULT_PATH))
            .mounts(disks.mounts(List.of(Mount.tmpfs("/data/scratch", 1))))
            .build());
  }

  private Path upper(String name) {
    return home.sandbox(name).upperDisk();
  }

  private Path volume(String name) {
    return directory.resolve(name + ".img");
  }

  /// What is in a file of an ext4 that nobody uses, or in a directory.
  private static String content(Path disk, String path) throws Exception {
    String command = path.endsWith("/") ? "ls -p " : "cat ";
    Process debugfs =
        new ProcessBuilder("/usr/sbin/debugfs", "-R", command + path, disk.toString())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String content = new String(debugfs.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(debugfs.waitFor()).isZero();
    return content;
  }

  private static SandboxConfig config(String disk) {
    return SandboxConfig.builder(
            new SandboxImage("busybox", "", List.of(), List.of(), "", List.of()))
        .disk(disk)
        .build();
  }
}
