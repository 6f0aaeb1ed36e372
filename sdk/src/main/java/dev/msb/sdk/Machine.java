package dev.msb.sdk;

import dev.msb.home.Distribution;
import dev.msb.home.MachineReport;
import dev.msb.home.MsbHome;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;

/// What msb uses on this machine, and why it works as it does. May be used by any thread.
public final class Machine {
  /// What runs the guest's instructions.
  public enum Accelerator {
    /// The processor, by the host kernel's KVM.
    KVM,
    /// QEMU's translator, in software. It works everywhere, and a program takes about 20 times the
    /// processor time that it takes on the host. QEMU's makers do not treat it as a security
    /// boundary.
    TCG;

    /// What [SandboxBuilder#accelerator] takes: `kvm` or `tcg`.
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /// What virtual machines run on.
  ///
  /// @param qemu the program, and the first line that it says of itself
  /// @param accelerator what `auto` stands for here
  /// @param reason why it is that one; one line for people
  public record Virtualization(String qemu, Accelerator accelerator, String reason) {}

  private static final String VERSION = "0.1.0";

  private final Distribution distribution;
  private final MsbHome home;

  private Machine(Distribution distribution, MsbHome home) {
    this.distribution = distribution;
    this.home = home;
  }

  /// The version of this library: three numbers.
  public static String version() {
    return VERSION;
  }

  /// This machine, for this user. Makes the user's home if it is not there.
  ///
  /// @throws SandboxException if msb's runtime is not found, or the home is not the user's alone;
  ///   the message says what to do
  public static Machine inspect() throws SandboxException {
    try {
      Distribution distribution = Distribution.find();
      MsbHome home = MsbHome.ofEnvironment();
      home.make();
      return new Machine(distribution, home);
    } catch (IOException e) {
      throw SandboxException.of("cannot use msb on this machine", e);
    }
  }

  /// The directory of msb's runtime, which runs the virtual machines.
  public Path runtime() {
    return distribution.path();
  }

  /// The user's home of msb, where the sandboxes and the images are.
  public Path home() {
    return home.path();
  }

  /// What people know the guest's kernel by: its Debian package and version, or its file if
  /// `MSB_KERNEL` names one.
  ///
  /// @throws SandboxException if the runtime does not tell
  public String kernel() throws SandboxException {
    try {
      return distribution.kernelName();
    } catch (IOException e) {
      throw SandboxException.of("cannot tell the guest's kernel", e);
    }
  }

  /// The file of the guest's kernel.
  public Path kernelFile() {
    return distribution.kernel();
  }

  /// Finds out what virtual machines run on. If `/dev/kvm` can be opened, a guest is booted on it
  /// once for each boot of this machine, which takes eight seconds if it does not come up; the
  /// outcome is kept in the home.
  ///
  /// @throws SandboxException if there is no QEMU, or it cannot be run
  /// @throws InterruptedException when interrupted
  public Virtualization virtualization() throws SandboxException, InterruptedException {
    try {
      MachineReport found = MachineReport.find(home, distribution);
      Accelerator accelerator = Accelerator.valueOf(found.accelerator().toUpperCase(Locale.ROOT));
      return new Virtualization(found.qemu(), accelerator, found.why());
    } catch (IOException e) {
      throw SandboxException.of("cannot tell what virtual machines run on", e);
    }
  }
}
