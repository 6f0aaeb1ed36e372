package dev.msb.sdk;

import dev.msb.protocol.VmCounts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/// What a running sandbox costs, and what it did since its VM's start.
///
/// @param supervisorPid its supervisor's process on this machine
/// @param vmPid its QEMU's process on this machine
/// @param uptime since the VM's start
/// @param idle since it was last used; zero while it is in use
/// @param cpuTime processor time of both processes, the guest's included, in steps of 10 ms
/// @param memoryBytes memory of both processes; what they share with others counts in proportion
/// @param liveExecs processes started from outside that have not ended
/// @param execs processes started from outside since the VM's start
/// @param stdinBytes bytes that were sent to them
/// @param outputBytes bytes that they have sent
public record SandboxMetrics(
    long supervisorPid,
    long vmPid,
    Duration uptime,
    Duration idle,
    Duration cpuTime,
    long memoryBytes,
    long liveExecs,
    long execs,
    long stdinBytes,
    long outputBytes) {
  private static final int MILLIS_PER_TICK = 10; // Linux tells 100 a second to every program

  static SandboxMetrics of(VmCounts counts) throws IOException {
    long ticks = ticks(counts.supervisorPid()) + ticks(counts.vmPid());
    return new SandboxMetrics(
        counts.supervisorPid(),
        counts.vmPid(),
        Duration.ofMillis(counts.uptimeMillis()),
        Duration.ofMillis(counts.idleMillis()),
        Duration.ofMillis(ticks * MILLIS_PER_TICK),
        memory(counts.supervisorPid()) + memory(counts.vmPid()),
        counts.liveExecs(),
        counts.execs(),
        counts.stdinBytes(),
        counts.outputBytes());
  }

  private static long ticks(long pid) throws IOException {
    String stat = Files.readString(proc(pid, "stat"));
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    return Long.parseLong(fields[11]) + Long.parseLong(fields[12]); // user and system
  }

  private static long memory(long pid) throws IOException {
    for (String line : Files.readAllLines(proc(pid, "smaps_rollup"))) {
      if (line.startsWith("Pss:")) {
        return Long.parseLong(line.substring(4).replace("kB", "").strip()) * 1024;
      }
    }
    throw new IOException("the kernel does not tell the memory of process " + pid);
  }

  private static Path proc(long pid, String file) {
    return Path.of("/proc", Long.toString(pid), file);
  }
}
