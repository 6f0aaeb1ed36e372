package dev.msb.sdk;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// What a sandbox tells of one of its processes that were started from outside.
///
/// @param id its number in the sandbox, never used again
/// @param pid its number in the guest, 0 if it is still starting
/// @param attached whether somebody drives it
/// @param exitStatus how it ended, if it has
/// @param age since its start
/// @param argv its command; long ones are cut
public record ProcessInfo(
    long id,
    long pid,
    boolean attached,
    Optional<ExitStatus> exitStatus,
    Duration age,
    List<String> argv) {}
