package dev.msb.protocol;

/// How an exec's process ended: the payload of EXIT.
///
/// @param signaled whether a signal killed it
/// @param code the exit code, or the signal's number (Linux)
/// @param coreDumped whether the guest's kernel dumped core
/// @param stdoutHeld whether another process still held stdout open
/// @param stderrHeld whether another process still held stderr open
/// @param reason why we ended it, if we did
/// @param stdoutTotal bytes that stdout carries in all
/// @param stderrTotal bytes that stderr carries in all
/// @param userMicros processor time in user mode, microseconds
/// @param systemMicros processor time in the guest's kernel, microseconds
/// @param maxRssKib largest resident set, KiB
/// @param wallMicros time since the start, microseconds
/// @param stdinRead bytes of stdin that were read
public record ExitRecord(
    boolean signaled,
    int code,
    boolean coreDumped,
    boolean stdoutHeld,
    boolean stderrHeld,
    EndReason reason,
    long stdoutTotal,
    long stderrTotal,
    long userMicros,
    long systemMicros,
    long maxRssKib,
    long wallMicros,
    long stdinRead) {

  /// The same end, for another reason.
  public ExitRecord because(EndReason otherReason) {
    return new ExitRecord(
        signaled,
        code,
        coreDumped,
        stdoutHeld,
        stderrHeld,
        otherReason,
        stdoutTotal,
        stderrTotal,
        userMicros,
        systemMicros,
        maxRssKib,
        wallMicros,
        stdinRead);
  }
}
