package dev.msb.protocol;

/// One of the three streams of an exec.
public enum StdStream {
  /// Written by the host.
  STDIN(0),
  /// Written by the guest. With a terminal: what it shows.
  STDOUT(1),
  /// Written by the guest.
  STDERR(2);

  private final int number;

  StdStream(int number) {
    this.number = number;
  }

  /// The number on the wire, which is the file descriptor's number in the process.
  public int number() {
    return number;
  }

  /// The stream with a number on the wire.
  public static StdStream of(int number) throws ProtocolException {
    return switch (number) {
      case 0 -> STDIN;
      case 1 -> STDOUT;
      case 2 -> STDERR;
      default -> throw new ProtocolException("stream " + number + ", which does not exist");
    };
  }
}
