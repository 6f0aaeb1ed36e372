package dev.msb.supervisor;

/// What runs the guest's instructions.
enum Accelerator {
  /// The processor, by the host kernel's KVM.
  KVM,
  /// QEMU's translator, in software: works everywhere, and takes about 20 times the processor time.
  /// QEMU's makers do not treat it as a security boundary.
  TCG;

  /// QEMU's and our own name for it.
  String id() {
    return this == KVM ? "kvm" : "tcg";
  }
}
