package dev.msb.protocol;

/// The codes of ERROR frames.
public enum ErrorCode {
  /// The peer broke a rule of the protocol.
  PROTOCOL(1),
  /// There is no version that both sides speak.
  VERSION(2),
  /// The agent or its VM is gone.
  AGENT_LOST(3),
  /// The sandbox is stopping.
  STOPPING(4),
  /// Too many connections.
  BUSY(5),
  /// There is no such exec.
  UNKNOWN_EXEC(6),
  /// Another client took the exec over.
  TAKEN_OVER(9),
  /// ATTACH named an offset that is not kept.
  BAD_OFFSET(10),
  /// A watcher did not keep up.
  LAGGED(11),
  /// The guest did not do in time what was asked of it.
  NO_ANSWER(12),
  /// The same, for an exec whose own timeout had run out.
  TIMED_OUT(13);

  private final int number;

  ErrorCode(int number) {
    this.number = number;
  }

  /// The number on the wire.
  public int number() {
    return number;
  }

  static ErrorCode of(int number) throws ProtocolException {
    for (ErrorCode code : values()) {
      if (code.number == number) {
        return code;
      }
    }
    throw new ProtocolException("error code " + number + ", which does not exist");
  }
}
