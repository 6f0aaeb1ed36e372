package dev.msb.protocol;

/// Why an exec's process could not be started.
public enum FailureKind {
  /// There is no such command.
  NOT_FOUND(1),
  /// The command or the directory may not be used by this user.
  PERMISSION_DENIED(2),
  /// The command is there, but is nothing that the guest's kernel can run.
  NOT_EXECUTABLE(3),
  /// The working directory cannot be entered.
  BAD_CWD(4),
  /// The arguments or the environment are too long or malformed.
  BAD_ARGS(5),
  /// A limit of the guest or one asked for stands in the way.
  RESOURCE_LIMIT(6),
  /// The guest's /etc/passwd or /etc/group has no such name.
  USER_NOT_FOUND(7),
  /// The guest is out of memory.
  OUT_OF_MEMORY(8),
  /// No terminal could be opened.
  PTY_FAILED(9),
  /// Anything else; the errno and the step tell.
  OTHER(10);

  private final int number;

  FailureKind(int number) {
    this.number = number;
  }

  /// The number on the wire.
  public int number() {
    return number;
  }

  static FailureKind of(int number) throws ProtocolException {
    for (FailureKind kind : values()) {
      if (kind.number == number) {
        return kind;
      }
    }
    throw new ProtocolException("failure kind " + number + ", which does not exist");
  }
}
