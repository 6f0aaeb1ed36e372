package dev.msb.sdk;

/// How a process in a sandbox ended.
public sealed interface ExitStatus {

  /// It ended by itself, with this code, 0 to 255.
  record Exited(int code) implements ExitStatus {}

  /// A signal killed it. Linux numbering.
  record Signaled(int signal, boolean coreDumped) implements ExitStatus {}

  /// Its timeout ran out; `how` is what it then ended with, [Lost] if the guest did not tell.
  record TimedOut(ExitStatus how) implements ExitStatus {}

  /// The sandbox stopped, or the connection to it went away first, or the guest did not answer: it
  /// did not end by itself.
  record Lost(String reason) implements ExitStatus {}

  /// Whether it ended by itself with code 0.
  default boolean success() {
    return this instanceof Exited exited && exited.code() == 0;
  }

  /// As a shell would report it: the code; 128 + n for death by signal n; 124 timed out; 125 lost.
  default int exitValue() {
    // No switch over the kinds: see FrameCodec.
    if (this instanceof Exited exited) {
      return exited.code();
    }
    if (this instanceof Signaled signaled) {
      return 128 + signaled.signal();
    }
    return this instanceof TimedOut ? 124 : 125;
  }
}
