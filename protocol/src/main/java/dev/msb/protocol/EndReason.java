package dev.msb.protocol;

/// Why an exec was ended by us, as EXIT tells and KILL asks.
public enum EndReason {
  /// We did not end it.
  NONE(0),
  /// Its timeout ran out.
  TIMEOUT(1),
  /// Its client's connection closed.
  CLIENT_GONE(2),
  /// The sandbox is stopping.
  SANDBOX_STOPPING(3),
  /// Somebody asked for it.
  ASKED(4);

  private final int number;

  EndReason(int number) {
    this.number = number;
  }

  /// The number on the wire.
  public int number() {
    return number;
  }

  static EndReason of(int number) throws ProtocolException {
    return switch (number) {
      case 0 -> NONE;
      case 1 -> TIMEOUT;
      case 2 -> CLIENT_GONE;
      case 3 -> SANDBOX_STOPPING;
      case 4 -> ASKED;
      default -> throw new ProtocolException("end reason " + number + ", which does not exist");
    };
  }
}
