package dev.msb.supervisor;

import dev.msb.home.DiskSpace;
import dev.msb.home.Log;
import dev.msb.relay.Relay;

/// Sees to pauses of the VM. QEMU pauses it when the host's disk is full; then it goes on when
/// there is room. Somebody else may pause it, too, and has to see to that himself.
final class Pauses {
  private final Relay relay;
  private final Vm vm;
  private final GuestClock clock;
  private final PendingEvents events;
  private final DiskSpace disk;
  private final FullDisk fullDisk = new FullDisk();

  /// @param disk the one that the VM's files are on
  Pauses(Relay relay, Vm vm, GuestClock clock, PendingEvents events, DiskSpace disk) {
    this.relay = relay;
    this.vm = vm;
    this.clock = clock;
    this.events = events;
    this.disk = disk;
  }

  /// Takes what QEMU tells of its machine.
  void heed(String event) {
    if (event.equals("BLOCK_IO_ERROR No space left on device")) {
      fullDisk.found();
    } else if (event.equals("STOP")) {
      String why = fullDisk.paused(System.nanoTime()) ? disk.why() : "by whom is not known";
      relay.paused(why);
      Log.line("the VM is paused: " + why);
      events.add("paused", "detail=" + why);
    } else if (event.equals("RESUME")) {
      fullDisk.resumed(System.nanoTime());
      relay.resumed();
      clock.set(); // its own stood still
      events.add("resumed");
    }
  }

  /// Why the VM does not run, as far as it is the disk's fault; else empty.
  String why() {
    return fullDisk.pausesVm() ? disk.why() : "";
  }

  /// Nanoseconds until it is time to look.
  long nanosLeft(long now) {
    return fullDisk.nanosLeft(now);
  }

  void checkDeadline(long now) {
    if (fullDisk.nanosLeft(now) == 0) {
      fullDisk.looked(now);
      if (disk.letsGoOn()) {
        goOn();
      }
    }
  }

  /// Ends a pause for want of room, as the VM is to stop: it may do so without writing.
  void end() {
    if (fullDisk.pausesVm()) {
      goOn();
    }
  }

  /// What the guest wanted to write is tried again; if that fails the VM is paused again.
  private void goOn() {
    fullDisk.looked(System.nanoTime());
    vm.goOn();
  }
}
