package dev.msb.supervisor;

import dev.msb.home.Distribution;
import dev.msb.home.MsbHome;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;
import java.util.Properties;

/// Finds out whether a guest really boots on this machine's KVM.
///
/// A `/dev/kvm` that opens says little: under some hypervisors the creation of a VM and its
/// processors succeeds, and then the guest spins for ever. So the real kernel and agent are booted
/// once, and only the agent's READY counts. The outcome is remembered for this boot of this host
/// kernel, this QEMU and this guest.
final class AcceleratorProbe {
  private static final long PROBE_MILLIS = 8_000;

  /// What to run on, and why.
  ///
  /// @param why one line for people
  record Outcome(Accelerator accelerator, String why) {}

  private final MsbHome home;
  private final Distribution distribution;

  /// A probe that remembers in `home` and boots the guest of `distribution`.
  AcceleratorProbe(MsbHome home, Distribution distribution) {
    this.home = home;
    this.distribution = distribution;
  }

  /// Decides what `auto`, `kvm` or `tcg` means on this machine. The first `auto` of a boot takes up
  /// to eight seconds, if KVM opens but does not work.
  ///
  /// @throws IOException if `kvm` is asked for and cannot be had; the message says why
  Outcome choose(String requested) throws IOException {
    return switch (requested) {
      case "tcg" -> new Outcome(Accelerator.TCG, "asked for");
      case "kvm" -> {
        Outcome found = find();
        if (found.accelerator() != Accelerator.KVM) {
          throw new IOException("KVM cannot be used: " + found.why());
        }
        yield found;
      }
      default -> find();
    };
  }

  private Outcome find() throws IOException {
    Path device = Path.of("/dev/kvm");
    if (!Files.exists(device)) {
      return new Outcome(Accelerator.TCG, "there is no /dev/kvm");
    }
    if (!Files.isReadable(device) || !Files.isWritable(device)) {
      return new Outcome(
          Accelerator.TCG,
          "/dev/kvm may not be opened by this user (add the user to the group kvm)");
    }
    String key = key();
    Properties memory = remembered();
    if (key.equals(memory.getProperty("key"))) {
      boolean kvm = "kvm".equals(memory.getProperty("accelerator"));
      return new Outcome(
          kvm ? Accelerator.KVM : Accelerator.TCG, memory.getProperty("why", "remembered"));
    }
    Outcome outcome = boot();
    remember(key, outcome);
    return outcome;
  }

  /// Boots a guest on KVM, without disks, until its agent says READY.
  private Outcome boot() throws IOException {
    QemuCommandLine commandLine =
        new QemuCommandLine(
            Qemu.binary(),
            Accelerator.KVM,
            1,
            256,
            distribution.kernel(),
            distribution.initramfs(),
            Disks.none(),
            0,
            QemuCommandLine.Memory.OWN,
            "");
    Qemu qemu = Qemu.start(commandLine, line -> {});
    String missing = "";
    try {
      AgentGreeting.await(qemu, PROBE_MILLIS, -1);
    } catch (AgentGreeting.MissingException e) {
      missing = String.valueOf(e.getMessage());
    } finally {
      qemu.end();
    }
    if (missing.isEmpty()) {
      return new Outcome(Accelerator.KVM, "a guest boots on /dev/kvm");
    }
    String last = qemu.words().last();
    return new Outcome(
        Accelerator.TCG,
        "/dev/kvm opens, but " + missing + (last.isEmpty() ? "" : " (" + last + ")"));
  }

  private String key() throws IOException {
    return String.join(
        " ",
        Files.readString(Path.of("/proc/sys/kernel/osrelease")).strip(),
        Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip(),
        Distribution.fingerprint(Path.of(Qemu.binary())),
        Distribution.fingerprint(distribution.kernel()),
        Distribution.fingerprint(distribution.initramfs()));
  }

  private Properties remembered() throws IOException {
    Properties memory = new Properties();
    try (InputStream in = Files.newInputStream(home.acceleratorFile())) {
      memory.load(in);
    } catch (NoSuchFileException | IllegalArgumentException e) {
      // nothing is remembered yet, or the file is damaged: probe
    }
    return memory;
  }

  private void remember(String key, Outcome outcome) throws IOException {
    Properties memory = new Properties();
    memory.setProperty("key", key);
    memory.setProperty("accelerator", outcome.accelerator().name().toLowerCase(Locale.ROOT));
    memory.setProperty("why", outcome.why());
    Path next = Files.createTempFile(home.path(), "accelerator-", ".new");
    try (OutputStream out = Files.newOutputStream(next)) {
      memory.store(out, null);
    }
    Files.move(next, home.acceleratorFile(), StandardCopyOption.ATOMIC_MOVE);
  }
}
