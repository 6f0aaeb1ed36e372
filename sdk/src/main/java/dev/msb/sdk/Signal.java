package dev.msb.sdk;

/// The signals of Linux that have a use here.
public enum Signal {
  /// The terminal is gone.
  HUP(1),
  /// Interrupt, as by Ctrl-C.
  INT(2),
  /// Quit, as by Ctrl-\.
  QUIT(3),
  /// Aborted.
  ABRT(6),
  /// Kill; cannot be handled.
  KILL(9),
  /// For the program's own use.
  USR1(10),
  /// For the program's own use.
  USR2(12),
  /// Nobody reads the pipe.
  PIPE(13),
  /// Alarm clock.
  ALRM(14),
  /// Please end.
  TERM(15),
  /// Go on after a stop.
  CONT(18),
  /// Stop; cannot be handled.
  STOP(19),
  /// Stop, as by Ctrl-Z.
  TSTP(20),
  /// The terminal has another size.
  WINCH(28);

  private final int number;

  Signal(int number) {
    this.number = number;
  }

  /// Its number on Linux.
  public int number() {
    return number;
  }

  /// The signal with this number on Linux.
  ///
  /// @throws IllegalArgumentException if none here has it
  public static Signal of(int number) {
    for (Signal signal : values()) {
      if (signal.number == number) {
        return signal;
      }
    }
    throw new IllegalArgumentException("signal " + number);
  }
}
