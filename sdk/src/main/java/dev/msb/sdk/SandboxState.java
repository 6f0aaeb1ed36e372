package dev.msb.sdk;

/// What a sandbox is doing.
public enum SandboxState {
  /// Its VM comes up.
  STARTING,
  /// It takes execs.
  RUNNING,
  /// Its VM is on its way down.
  STOPPING,
  /// It has no VM; its disk is kept.
  STOPPED,
  /// Its supervisor ended without a word. The next start repairs that.
  CRASHED
}
