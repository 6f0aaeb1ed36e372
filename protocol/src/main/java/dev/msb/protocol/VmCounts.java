package dev.msb.protocol;

/// What a supervisor counts of its VM, as COUNTS tells.
///
/// @param supervisorPid the supervisor's process
/// @param vmPid QEMU's process
/// @param uptimeMillis since the VM's start
/// @param idleMillis since the sandbox was last used, 0 while it is in use
/// @param liveExecs that are not over
/// @param execs begun since the VM's start
/// @param stdinBytes taken from clients
/// @param outputBytes taken from the guest
public record VmCounts(
    long supervisorPid,
    long vmPid,
    long uptimeMillis,
    long idleMillis,
    long liveExecs,
    long execs,
    long stdinBytes,
    long outputBytes) {}
