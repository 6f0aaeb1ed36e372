package dev.msb.protocol;

import java.util.List;

/// One exec as LISTING tells of it.
///
/// @param state 0 starting, 1 running, 2 exited
/// @param pid its number in the guest, 0 while starting
/// @param owned whether a client is attached
/// @param how as in [ExitRecord], meaningful when exited
/// @param code as in [ExitRecord], meaningful when exited
/// @param ageMillis milliseconds since the start
/// @param argv the command, cut to 1 KiB in all
public record ListedExec(
    long id,
    int state,
    long pid,
    boolean owned,
    int how,
    int code,
    long ageMillis,
    List<String> argv) {}
