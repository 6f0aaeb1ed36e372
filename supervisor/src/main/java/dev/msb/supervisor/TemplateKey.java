package dev.msb.supervisor;

import dev.msb.home.Distribution;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Everything that shapes a booted guest before it is configured: two machines with the same key
/// could have been saved from one boot.
///
/// The exact version of QEMU is not in it, as asking for it takes longer than a start from a
/// template: it is compared when QEMU introduces itself. Nor is the host's boot, see [Template].
///
/// @param id 16 hexadecimal digits, the checksum of the facts
/// @param facts what two templates of the same id may still differ in
record TemplateKey(String id, List<String> facts) {
  /// What tells one processor from another, to a guest that sees the real one.
  private static final Set<String> PROCESSOR =
      Set.of("vendor_id", "cpu family", "model", "model name", "stepping", "microcode", "flags");

  /// The key of a machine, which is as it would be started to make the template.
  ///
  /// @param disks what is on its disks, if it looks at them
  static TemplateKey of(QemuCommandLine machine, Distribution distribution, List<String> disks)
      throws IOException {
    List<String> facts = new ArrayList<>();
    facts.add("kernel " + distribution.kernelDigest());
    facts.add("initramfs " + distribution.initramfsDigest());
    facts.add("qemu " + Distribution.fingerprint(Path.of(machine.binary())));
    if (machine.accelerator() == Accelerator.KVM) {
      facts.add("host " + Files.readString(Path.of("/proc/sys/kernel/osrelease")).strip());
      facts.addAll(processor(Files.readAllLines(Path.of("/proc/cpuinfo"))));
    }
    facts.add("words " + String.join(" ", withoutFiles(machine).words()));
    facts.addAll(disks);
    return of(facts);
  }

  static TemplateKey of(List<String> facts) {
    return new TemplateKey(Checksum.of(String.join("\n", facts)), List.copyOf(facts));
  }

  /// The lines of `/proc/cpuinfo` that a guest could notice, of the first processor.
  static List<String> processor(List<String> cpuinfo) {
    List<String> lines = new ArrayList<>();
    for (String line : cpuinfo) {
      if (line.isBlank()) {
        break;
      }
      int colon = line.indexOf(':');
      if (colon > 0 && PROCESSOR.contains(line.substring(0, colon).strip())) {
        lines.add(line.substring(0, colon).strip() + line.substring(colon));
      }
    }
    return lines;
  }

  private static QemuCommandLine withoutFiles(QemuCommandLine machine) {
    return new QemuCommandLine(
        "qemu",
        machine.accelerator(),
        machine.cpus(),
        machine.memoryMebibytes(),
        Path.of("kernel"),
        Path.of("initramfs"),
        machine.disks().placeholders(),
        machine.tscKhz(),
        machine.memory(),
        machine.ahead());
  }
}
