package dev.msb.sdk;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What is known of a sandbox at one moment.
///
/// @param name its name
/// @param state what it was doing
/// @param end how its last run ended, if it does not run and did before
/// @param since when it got into that state; when it was made if it never ran
/// @param image the image it was made from
/// @param cpus its virtual processors
/// @param memory its VM's memory
/// @param env `NAME=value` for every process in it
/// @param workingDirectory of processes that name none; empty for /
/// @param user of processes that name none; empty for root
/// @param tmpfs its directories in memory, as `PATH` or `PATH:16M`
/// @param logOutput whether what its processes write is kept
/// @param labels what its users know it by
/// @param ephemeral whether it is removed when it stops
/// @param idleTimeout it stops after this time without use
/// @param maxDuration it stops this time after its VM's start
/// @param created when it was made
/// @param kernel the kernel that it runs, or ran last: its Debian package and version; empty if it
///   never ran
public record SandboxInfo(
    String name,
    SandboxState state,
    Optional<SandboxEnd> end,
    Instant since,
    String image,
    int cpus,
    MemorySize memory,
    List<String> env,
    String workingDirectory,
    String user,
    List<String> tmpfs,
    boolean logOutput,
    Map<String, String> labels,
    boolean ephemeral,
    Optional<Duration> idleTimeout,
    Optional<Duration> maxDuration,
    Instant created,
    Optional<String> kernel) {}
