package dev.msb.sdk;

/// How the last run of a sandbox ended.
///
/// @param reason why
/// @param detail what broke, if something did; else empty
public record SandboxEnd(StopReason reason, String detail) {
  private static final String STOPPED = "stopped ";

  /// What a supervisor wrote as its last state.
  static SandboxEnd parse(String state) {
    if (!state.startsWith(STOPPED)) {
      return new SandboxEnd(StopReason.CRASHED, "");
    }
    String rest = state.substring(STOPPED.length());
    int space = rest.indexOf(' ');
    return space < 0
        ? new SandboxEnd(StopReason.ofWord(rest), "")
        : new SandboxEnd(StopReason.ofWord(rest.substring(0, space)), rest.substring(space + 1));
  }

  /// One line for people.
  @Override
  public String toString() {
    return detail.isEmpty() ? reason.word() : reason.word() + ": " + detail;
  }
}
