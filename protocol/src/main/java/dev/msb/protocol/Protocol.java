package dev.msb.protocol;

/// The numbers of the protocol: version, limits, the header's layout. See `docs/protocol.md`.
public final class Protocol {
  /// First field of HELLO and READY: "msb1".
  public static final int MAGIC = 0x6d736231;

  /// The only version so far.
  public static final int VERSION = 1;

  /// Bytes of the header that starts each frame.
  public static final int HEADER_BYTES = 16;

  /// Most bytes of payload in a frame.
  public static final int MAX_PAYLOAD_BYTES = 65_536;

  /// Most bytes of a frame.
  public static final int MAX_FRAME_BYTES = HEADER_BYTES + MAX_PAYLOAD_BYTES;

  /// Bytes ahead of the data in a DATA frame: header and offset.
  public static final int DATA_OVERHEAD_BYTES = HEADER_BYTES + 8;

  /// Most bytes of data in a DATA frame.
  public static final int MAX_DATA_BYTES = MAX_PAYLOAD_BYTES - 8;

  /// Most bytes of a START payload, all its PARTs together.
  public static final int MAX_START_BYTES = (2 * 1024 + 64) * 1024;

  /// Most bytes of a CONFIGURE payload, all its CONFIGURE_PARTs together.
  public static final int MAX_CONFIGURE_BYTES = 2 * 1024 * 1024;

  /// Most file systems that CONFIGURE has mounted.
  public static final int MAX_MOUNTS = 64;

  /// Most bytes of a word of a command, or of a variable with its name and the `=`: Linux's
  /// MAX_ARG_STRLEN, without the end.
  public static final int MAX_STRING_BYTES = 128 * 1024 - 1;

  /// Most bytes of the variables of a sandbox, counted as execve(2) does: each with its end, and
  /// the address that leads to it. It takes 2 MiB in all where the stack has its usual limit; the
  /// rest is left to commands.
  public static final int MAX_ENVIRONMENT_BYTES = (2 * 1024 - 128) * 1024;

  /// The longest path that Linux takes, without the end.
  public static final int MAX_PATH_BYTES = 4095;

  /// The longest user that an agent takes.
  public static final int MAX_USER_BYTES = 255;

  /// The window of a stream where nothing else is asked for, in bytes.
  public static final int DEFAULT_WINDOW_BYTES = 256 * 1024;

  /// The smallest window of a stream, in bytes.
  public static final int MIN_WINDOW_BYTES = 4 * 1024;

  /// The largest window of a stream, in bytes.
  public static final int MAX_WINDOW_BYTES = 4 * 1024 * 1024;

  /// Execs of a sandbox that may be under way, or not yet read to their end, at once.
  public static final int MAX_EXECS = 1_000;

  /// Memory that the windows of all execs of a sandbox may come to, each rounded up to a power of
  /// two.
  public static final long MAX_WINDOWS_BYTES = 512 * 1024 * 1024;

  /// Connections to a supervisor that may be open at once.
  public static final int MAX_CONNECTIONS = 1_000;

  /// Most exec ids that one HELLO may ask for.
  public static final int MAX_IDS = 65_536;

  /// The offset that stands for "where the last client's grants left off" in ATTACH.
  public static final long LAST_GRANTED = -1;

  /// The bit of an owner's id that tells a link from an exec: the highest one, so a link's id is
  /// negative.
  public static final long LINK = 1L << 63;

  /// The bit of a link's id that tells that the guest opened it.
  public static final long OF_GUEST = 1L << 62;

  /// Links of a sandbox that may be there at once.
  public static final int MAX_LINKS = 1_000;

  /// Links that one end may have asked for without an answer, at once.
  public static final int MAX_OPENING = 256;

  /// Most bytes of the target in OPEN.
  public static final int MAX_TARGET_BYTES = 4096;

  /// HELLO flag: a sandbox started only for its execs stays up while this connection is open.
  public static final int HELLO_HOLD = 1;

  /// HELLO flag: a sandbox started only for its execs stays up from now on.
  public static final int HELLO_PIN = 2;

  /// HELLO flag: the sandbox stops when this connection ends.
  public static final int HELLO_OWN = 4;

  /// HELLO flag: the sandbox counts as used just now.
  public static final int HELLO_TOUCH = 8;

  private Protocol() {}
}
