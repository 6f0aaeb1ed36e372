package dev.msb.protocol;

/// The type byte of each frame. Plain numbers, because the relay switches over them per frame.
public final class FrameType {
  /// Opens a client's connection.
  public static final int HELLO = 0x01;

  static final int WELCOME = 0x02;

  /// Says why the connection ends, or what was wrong with a request about an exec.
  public static final int ERROR = 0x03;

  static final int PING = 0x04;

  /// The answer to PING.
  public static final int PONG = 0x05;

  static final int STOP = 0x06;
  static final int LIST = 0x07;
  static final int LISTING = 0x08;
  static final int POWER_OFF = 0x09;
  static final int COUNT = 0x0a;
  static final int COUNTS = 0x0b;
  static final int PROBE = 0x0c;

  /// A piece of a long START.
  public static final int PART = 0x10;

  /// Starts an exec.
  public static final int START = 0x11;

  static final int SIGNAL = 0x12;
  static final int RESIZE = 0x13;
  static final int KILL = 0x14;
  static final int ATTACH = 0x15;
  static final int DETACH = 0x16;

  /// Bytes of a stream.
  public static final int DATA = 0x20;

  /// The offset up to which the writer of a stream may send.
  public static final int CREDIT = 0x21;

  /// The end of a stream, from either side.
  public static final int CLOSE = 0x22;

  /// The exec's process runs.
  public static final int STARTED = 0x30;

  /// The exec's process could not be started.
  public static final int FAILED = 0x31;

  /// The exec's process has ended.
  public static final int EXIT = 0x32;

  static final int ATTACHED = 0x33;

  /// The agent waits for CONFIGURE.
  public static final int READY = 0x40;

  static final int CONFIGURE = 0x41;
  static final int CONFIGURED = 0x42;
  static final int BOOT_FAILED = 0x43;
  static final int SHUTDOWN = 0x44;
  static final int CLOCK = 0x45;
  static final int CONFIGURE_PART = 0x46;

  /// Asks for a link.
  public static final int OPEN = 0x50;

  /// The link is there.
  public static final int OPENED = 0x51;

  /// There is no link.
  public static final int REFUSED = 0x52;

  /// The link has broken.
  public static final int RESET = 0x53;

  private FrameType() {}
}
