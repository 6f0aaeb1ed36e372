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
/// @param disks each with its role
/// @param tscKhz the processor's rate, for the guest's clock under TCG; 0 if not known
/// @param memory where the guest's memory is, and what it holds at the start
/// @param ahead what the agent mounts before it says READY, for a template, see [Disks#ahead];
///   empty for nothing
record QemuCommandLine(
    String binary,
    Accelerator accelerator,
    int cpus,
    int memoryMebibytes,
    Path kernel,
    Path initramfs,
    Disks disks,
    int tscKhz,
    Memory memory,
    String ahead) {

  /// The guest's memory.
  enum Memory {
    /// QEMU's own, empty: the guest boots.
    OWN,
    /// A file that QEMU writes, for a template: the guest boots.
    TEMPLATE_BEING_MADE,
    /// A template's file, copied on write, with the rest of the state to come: the guest goes on
    /// from where it was saved.
    OF_TEMPLATE
  }

  /// Descriptors of the sockets that QEMU inherits, in the order in which it is given them.
  static final int AGENT_FD = 3;

  static final int QMP_FD = 4;
  static final int CONSOLE_FD = 5;

  /// The memory file, if it is a template's.
  static final int MEMORY_FD = 6;

  /// The size of what stands in a disk's place while a template is made. It is what the guests from
  /// the template take for their disks' size, so it is more than any disk has. What is behind the
  /// end of the real one cannot be read or written; no file system on it reaches there.
  private static final long PLACEHOLDER_BYTES = 1L << 46;

  /// A template's state file to start from, or the directory in which one is being made.
  static final int STATE_FD = 7;

  /// The same machine, to be saved before anything was read of its disks: others stand in their
  /// places.
  QemuCommandLine toMakeTemplate() {
    return with(disks.placeholders(), Memory.TEMPLATE_BEING_MADE, "");
  }

  /// The same machine, to be saved when its root is mounted.
  ///
  /// @param upper what it has in place of the upper disk, if it has one
  QemuCommandLine toMakeTemplateWithDisks(Path upper) {
    return with(disks.toMountAhead(upper), Memory.TEMPLATE_BEING_MADE, disks.ahead());
  }

  /// The same machine with its disks, to go on from a template that was made with these words.
  QemuCommandLine fromTemplate(QemuCommandLine made) {
    return with(disks, Memory.OF_TEMPLATE, made.ahead);
  }

  private QemuCommandLine with(Disks theDisks, Memory theMemory, String what) {
    return new QemuCommandLine(
        binary,
        accelerator,
        cpus,
        memoryMebibytes,
        kernel,
        initramfs,
        theDisks,
        tscKhz,
        theMemory,
        what);
  }

  List<String> words() {
    List<String> words = new ArrayList<>();
    words.add(binary);
    add(words, "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot");
    add(words, "-name", "msb");
    add(words, "-sandbox", SANDBOX);
    add(words, "-accel", accelerator == Accelerator.KVM ? "kvm" : TCG);
    add(words, "-cpu", accelerator == Accelerator.KVM ? "host," + KVM_OFF : "max," + TCG_OFF);
    add(words, "-machine", machine());
    memory(words);
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
    for (int i = 0; i < disks.all().size(); i++) {
      disk(words, "disk" + i, disks.all().get(i));
    }
    return words;
  }

  /// Translated code is host memory that `-m` does not bound: a guest can fill 1 GiB of it.
  private static final String TCG = "tcg,thread=multi,tb-size=64";

  /// What a guest has no use for and could attack: virtual machines of its own, and counters that
  /// see what else the processor does.
  private static final String KVM_OFF = "-vmx,-svm,pmu=off";

  /// The same; TCG has neither VMX nor counters. Without ERMS the guest copies by eight bytes, not
  /// by one, which TCG emulates one by one.
  private static final String TCG_OFF = "-erms,-svm";

  /// When the host's disk is full the VM is paused, and its write tried again when it goes on, so
  /// that no file system is damaged; of another failure the guest is told.
  private static final String ON_ERROR = ",werror=enospc,rerror=report";

  private static final String SANDBOX =
      "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny";

  private String machine() {
    // Without a known counter rate the kernel measures it against the PIT, and hangs if there is
    // none.
    String timers = accelerator == Accelerator.TCG && tscKhz == 0 ? "on" : "off";
    return "microvm,x-option-roms=off,acpi=on,rtc=on,isa-serial=on,pit="
        + timers
        + ",pic="
        + timers
        // Equal pages are not merged, so that no guest learns by their timing what another one has.
        + ",mem-merge=off,dump-guest-core=off"
        + (memory == Memory.OWN ? "" : ",memory-backend=memory");
  }

  private void memory(List<String> words) {
    if (memory != Memory.OWN) {
      // By descriptor: whatever happens to the names, memory and state are of the same template.
      add(
          words,
          "-object",
          "memory-backend-file,id=memory,size="
              + memoryMebibytes
              + "M,mem-path=/proc/self/fd/"
              + MEMORY_FD
              + ",share="
              + (memory == Memory.TEMPLATE_BEING_MADE ? "on" : "off"));
    }
    if (memory == Memory.OF_TEMPLATE) {
      add(words, "-incoming", "defer");
    }
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
    if (!ahead.isEmpty()) {
      arguments.append(" msb.ahead=").append(ahead);
    }
    return arguments.toString();
  }

  private static void disk(List<String> words, String id, Disks.Disk disk) {
    String readOnly = disk.isReadOnly() ? "on" : "off";
    add(
        words,
        "-blockdev",
        "driver=raw,node-name=" + id + ",read-only=" + readOnly + backend(disk),
        "-device",
        "virtio-blk-device,drive=" + id + ON_ERROR);
  }

  private static String backend(Disks.Disk disk) {
    if (disk.file() == null) {
      return ",file.driver=null-co,file.size="
          + PLACEHOLDER_BYTES
          + ",file.read-zeroes=on,file.read-only="
          + (disk.isReadOnly() ? "on" : "off");
    }
    // A comma separates options in QEMU's words, a doubled one stands for itself.
    return ",file.driver=file,file.filename="
        + disk.file().toString().replace(",", ",,")
        + ",discard=unmap,file.discard=unmap"
        // The disk need not survive the host's death, and a flush can take the host seconds.
        + (disk.isReadOnly() ? "" : ",cache.no-flush=on");
  }

  private static void add(List<String> words, String... more) {
    words.addAll(List.of(more));
  }
}
