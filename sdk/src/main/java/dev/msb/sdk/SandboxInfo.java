package dev.msb.sdk;

import java.time.Instant;
import java.util.List;

/// What is known of a sandbox at one moment.
///
/// @param name its name
/// @param state what it was doing
/// @param image the image it was made from
/// @param cpus its virtual processors
/// @param memory its VM's memory
/// @param env `NAME=value` for every process in it
/// @param created when it was made
/// @param detail why it stopped, if it did for a reason; else empty
public record SandboxInfo(
    String name,
    SandboxState state,
    String image,
    int cpus,
    MemorySize memory,
    List<String> env,
    Instant created,
    String detail) {}
