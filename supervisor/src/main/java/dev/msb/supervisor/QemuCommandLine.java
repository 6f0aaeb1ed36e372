package dev.msb.supervisor;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The words that start QEMU. What each argument is for, with measurements, is in
/// `guest/README.md`.
///
/// @param binary QEMU
/// @param accelerator what runs the guest
/// @param cpus virtual processors
/// @param memoryMebibytes the guest's memory
/// @param kernel the guest's kernel
/// @param initramfs the agent and its modules
/// @param disks in the order vda, vdb, ...
/// @param tscKhz the processor's rate, for the guest's clock under TCG; 0 if not known
record QemuCommandLine(
    String binary,
    Accelerator accelerator,
    int cpus,
    int memoryMebibytes,
    Path kernel,
    Path initramfs,
    List<Disk> disks,
    int tscKhz) {

  /// A raw image file as a virtio block device.
  record Disk(Path file, boolean readOnly) {}

  /// Descriptors of the sockets that QEMU inherits, in the order in which it is given them.
  static final int AGENT_FD = 3;

  static final int QMP_FD = 4;
  static final int CONSOLE_FD = 5;

  List<String> words() {
    List<String> words = new ArrayList<>();
    words.add(binary);
    add(words, "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot");
    add(words, "-name", "msb");
    add(words, "-sandbox", SANDBOX);
    add(words, "-accel", accelerator == Accelerator.KVM ? "kvm" : "tcg,thread=multi");
    add(words, "-cpu", accelerator == Accelerator.KVM ? "host" : "max");
    add(words, "-machine", machine());
    add(words, "-smp", Integer.toString(cpus));
    add(words, "-m", memoryMebibytes + "M");
    add(words, "-kernel", kernel.toString());
    add(words, "-initrd", initramfs.toString());
    add(words, "-append", kernelArguments());
    add(words, "-chardev", "socket,id=qmp,fd=" + QMP_FD, "-mon", "chardev=qmp,mode=control");
    add(words, "-chardev", "socket,id=console,fd=" + CONSOLE_FD, "-serial", "chardev:console");
    add(words, "-device", "virtio-serial-device,max_ports=2");
    add(words, "-chardev", "socket,id=agent,fd=" + AGENT_FD);
    add(words, "-device", "virtserialport,chardev=agent,name=msb.agent");
    for (int i = 0; i < disks.size(); i++) {
      disk(words, "disk" + i, disks.get(i));
    }
    return words;
  }

  private static final String SANDBOX =
      "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny";

  private String machine() {
    // Without a known counter rate the kernel measures it against the PIT, and hangs if there is
    // none.
    String timers = accelerator == Accelerator.TCG && tscKhz == 0 ? "on" : "off";
    return "microvm,x-option-roms=off,acpi=on,rtc=on,isa-serial=on,pit="
        + timers
        + ",pic="
        + timers;
  }

  private String kernelArguments() {
    StringBuilder arguments =
        new StringBuilder("console=ttyS0 quiet reboot=t panic=-1 init_on_alloc=0");
    if (accelerator == Accelerator.TCG) {
      // TCG's counter runs at the host's rate; without this the guest falls back to 10 ms ticks.
      arguments.append(" tsc=reliable no_timer_check noreplace-smp");
      if (tscKhz > 0) {
        arguments.append(" tsc_early_khz=").append(tscKhz);
      }
    }
    return arguments.toString();
  }

  private static void disk(List<String> words, String id, Disk disk) {
    // A comma separates options in QEMU's words, a doubled one stands for itself.
    String file = disk.file().toString().replace(",", ",,");
    String readOnly = disk.readOnly() ? "on" : "off";
    add(
        words,
        "-blockdev",
        "driver=raw,node-name="
            + id
            + ",read-only="
            + readOnly
            + ",file.driver=file,file.filename="
            + file
            + ",discard=unmap,file.discard=unmap"
            // The disk need not survive the host's death, and a flush can take the host seconds.
            + (disk.readOnly() ? "" : ",cache.no-flush=on"),
        "-device",
        "virtio-blk-device,drive=" + id);
  }

  private static void add(List<String> words, String... more) {
    words.addAll(List.of(more));
  }
}
