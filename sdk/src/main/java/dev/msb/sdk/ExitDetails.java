package dev.msb.sdk;

import dev.msb.protocol.ExitRecord;
import java.time.Duration;

/// What is known of a process's end besides its status.
///
/// @param stdoutTotal bytes that it wrote to stdout
/// @param stderrTotal bytes that it wrote to stderr
/// @param outputHeld whether another process still held its stdout or stderr open; what that one
///   writes later is not part of this process's output
/// @param userTime processor time in user mode
/// @param systemTime processor time in the guest's kernel
/// @param maxResidentKib largest resident set, in KiB
/// @param wallTime from its start to its end
/// @param stdinRead bytes of its stdin that were read; the rest of what it was sent is lost
public record ExitDetails(
    long stdoutTotal,
    long stderrTotal,
    boolean outputHeld,
    Duration userTime,
    Duration systemTime,
    long maxResidentKib,
    Duration wallTime,
    long stdinRead) {

  static ExitDetails of(ExitRecord record) {
    return new ExitDetails(
        record.stdoutTotal(),
        record.stderrTotal(),
        record.stdoutHeld() || record.stderrHeld(),
        micros(record.userMicros()),
        micros(record.systemMicros()),
        record.maxRssKib(),
        micros(record.wallMicros()),
        record.stdinRead());
  }

  private static Duration micros(long micros) {
    return Duration.ofSeconds(micros / 1_000_000, micros % 1_000_000 * 1000);
  }
}
