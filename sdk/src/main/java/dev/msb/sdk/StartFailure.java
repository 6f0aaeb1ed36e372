package dev.msb.sdk;

/// Why a process could not be started.
public enum StartFailure {
  /// There is no such command.
  NOT_FOUND("not found", 127),
  /// The command or the directory may not be used by this user.
  PERMISSION_DENIED("permission denied", 126),
  /// The command is there, but the guest's kernel cannot run it.
  NOT_EXECUTABLE("not executable", 126),
  /// The working directory cannot be entered.
  BAD_WORKING_DIRECTORY("bad working directory", 125),
  /// The arguments or the environment are too long or malformed.
  BAD_ARGUMENTS("bad arguments", 125),
  /// A limit stands in the way.
  RESOURCE_LIMIT("a resource limit was reached", 125),
  /// The guest's /etc/passwd or /etc/group has no such name.
  USER_NOT_FOUND("no such user in the guest", 125),
  /// The guest is out of memory.
  OUT_OF_MEMORY("the guest is out of memory", 125),
  /// No terminal could be opened.
  TERMINAL_FAILED("no terminal", 125),
  /// Anything else.
  OTHER("failed", 125);

  private final String text;
  private final int exitValue;

  StartFailure(String text, int exitValue) {
    this.text = text;
    this.exitValue = exitValue;
  }

  String text() {
    return text;
  }

  /// What a shell reports for such a failure.
  public int exitValue() {
    return exitValue;
  }
}
