package dev.msb.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// The words that start QEMU. KVM cannot be tried on every machine that runs these tests, so what
/// it is started with is pinned here.
class QemuCommandLineTest {
  private static final int TSC_KHZ = 2_600_000;
  private static final Disks.Disk ROOT = Disks.Disk.root(Path.of("/images/a,b.squashfs"));
  private static final Disks.Disk UPPER = Disks.Disk.upper(Path.of("/box/upper.img"));

  @Test
  void kvmRunsOnTheHostsProcessorAndKeepsItsClock() {
    String words = words(Accelerator.KVM, TSC_KHZ);
    assertThat(words).contains("-accel kvm -cpu host,-vmx,-svm,pmu=off -machine microvm,");
    assertThat(words)
        .contains("-append console=ttyS0 quiet reboot=t panic=-1 init_on_alloc=0 -chardev");
  }

  @Test
  void tcgIsToldTheCountersRate() {
    String words = words(Accelerator.TCG, TSC_KHZ);
    assertThat(words)
        .contains("-accel tcg,thread=multi,tb-size=64 -cpu max,-erms,-svm -machine microvm,");
    assertThat(words).contains(",pit=off,pic=off", "tsc=reliable", "tsc_early_khz=2600000");
  }

  @Test
  void tcgWithoutAKnownRateHasATimerToMeasureItWith() {
    String words = words(Accelerator.TCG, 0);
    assertThat(words).contains(",pit=on,pic=on").doesNotContain("tsc_early_khz");
  }

  @Test
  void theGuestHasNoNetworkAndNoDeviceThatIsNotNamed() {
    for (Accelerator accelerator : Accelerator.values()) {
      assertThat(words(accelerator, TSC_KHZ))
          .contains(
              "-nodefaults -no-user-config",
              "-sandbox on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny",
              ",mem-merge=off,dump-guest-core=off")
          .doesNotContain("net");
    }
  }

  @Test
  void theImageIsReadOnlyAndCommasInPathsAreHarmless() {
    assertThat(words(Accelerator.KVM, TSC_KHZ))
        .contains("read-only=on,file.driver=file,file.filename=/images/a,,b.squashfs,discard")
        .contains("read-only=off,file.driver=file,file.filename=/box/upper.img,discard")
        .contains("virtio-blk-device,drive=disk1,werror=enospc,rerror=report");
  }

  @Test
  void aTemplateIsMadeInASharedFileAndSeesNoDisk() {
    String words = String.join(" ", machine(Accelerator.TCG, TSC_KHZ).toMakeTemplate().words());
    assertThat(words)
        .contains(",memory-backend=memory -object memory-backend-file,id=memory,size=512M,")
        .contains("mem-path=/proc/self/fd/6,share=on", "-kernel /kernel")
        .contains("node-name=disk0,read-only=on,file.driver=null-co,")
        .contains("node-name=disk1,read-only=off,file.driver=null-co,")
        .doesNotContain("filename", "incoming");
  }

  @Test
  void aTemplateWithDisksHasTheImageAndADiskOfItsOwn() {
    QemuCommandLine toMake = withDisks(machine(Accelerator.TCG, TSC_KHZ));
    String words = String.join(" ", toMake.words());
    assertThat(words)
        .contains("share=on", " msb.ahead=/dev/vda,squashfs,/dev/vdb,ext4,0 -chardev")
        .contains("read-only=on,file.driver=file,file.filename=/images/a,,b.squashfs,discard")
        .contains("read-only=off,file.driver=file,file.filename=/template/upper,discard")
        .doesNotContain("null-co", "/box/");
    String clone = String.join(" ", machine(Accelerator.TCG, TSC_KHZ).fromTemplate(toMake).words());
    assertThat(clone)
        .contains("share=off", " msb.ahead=/dev/vda,squashfs,/dev/vdb,ext4,0 -chardev")
        .contains("filename=/box/upper.img")
        .doesNotContain("/template/");
  }

  /// A volume can be written to as the upper disk can, and is nobody else's.
  @Test
  void aTemplateHasAnotherUpperDiskAndNoVolume() {
    Disks.Disk volume = Disks.Disk.volume(Path.of("/volumes/data.img"), "ext4", "/data");
    for (List<Disks.Disk> all : List.of(List.of(ROOT, UPPER, volume), List.of(ROOT, volume))) {
      QemuCommandLine machine = machine(Accelerator.TCG, TSC_KHZ, new Disks(all, 64));
      QemuCommandLine toMake = withDisks(machine);
      String made = String.join(" ", toMake.words());
      String last = "node-name=disk" + (all.size() - 1) + ",read-only=off,file.driver=";
      assertThat(made).contains("filename=/images/", last + "null-co,").doesNotContain("/volumes");
      assertThat(made.contains("/template/upper")).isEqualTo(all.contains(UPPER));

      String clone = String.join(" ", machine.fromTemplate(toMake).words());
      assertThat(clone).contains(last + "file,file.filename=/volumes/data.img,discard");
      assertThat(devices(clone)).isEqualTo(devices(made));
    }
  }

  @Test
  void aStartFromATemplateIsTheSameMachineWithItsDisks() {
    String words = String.join(" ", fromTemplate(Accelerator.KVM).words());
    assertThat(words)
        .contains("mem-path=/proc/self/fd/6,share=off -incoming defer")
        .contains("filename=/box/upper.img")
        .doesNotContain("null-co");
    assertThat(devices(words))
        .isEqualTo(devices(words(Accelerator.KVM, TSC_KHZ)))
        .isEqualTo(
            devices(String.join(" ", machine(Accelerator.KVM, TSC_KHZ).toMakeTemplate().words())));
  }

  private static QemuCommandLine fromTemplate(Accelerator accelerator) {
    QemuCommandLine machine = machine(accelerator, TSC_KHZ);
    return machine.fromTemplate(machine.toMakeTemplate());
  }

  private static QemuCommandLine withDisks(QemuCommandLine machine) {
    return machine.toMakeTemplateWithDisks(Path.of("/template/upper"));
  }

  private static List<String> devices(String words) {
    return Pattern.compile("-device [^ ]+").matcher(words).results().map(r -> r.group()).toList();
  }

  private static String words(Accelerator accelerator, int tscKhz) {
    return String.join(" ", machine(accelerator, tscKhz).words());
  }

  private static QemuCommandLine machine(Accelerator accelerator, int tscKhz) {
    return machine(accelerator, tscKhz, new Disks(List.of(ROOT, UPPER), 0));
  }

  private static QemuCommandLine machine(Accelerator accelerator, int tscKhz, Disks disks) {
    return new QemuCommandLine(
        "qemu",
        accelerator,
        2,
        512,
        Path.of("/kernel"),
        Path.of("/initramfs"),
        disks,
        tscKhz,
        QemuCommandLine.Memory.OWN,
        "");
  }
}
