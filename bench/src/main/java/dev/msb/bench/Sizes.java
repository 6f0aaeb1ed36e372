package dev.msb.bench;

/// How much is measured.
///
/// @param creates sandboxes that are made, of each kind
/// @param execs short commands, of each kind
/// @param starts starts of a JVM, of each kind
/// @param rounds turns by turns, of all that is compared
/// @param turns in such a round
/// @param transfers of bulk, in each direction
/// @param largeBytes in such a transfer
/// @param smallBytes the same, by ssh, which is slower
/// @param sandboxes idle ones, at once
/// @param idleMillis for how long their processor time is taken
/// @param rowSeconds after which the rows that are measured together are given up
record Sizes(
    int creates,
    int execs,
    int starts,
    int rounds,
    int turns,
    int transfers,
    int largeBytes,
    int smallBytes,
    int sandboxes,
    int idleMillis,
    int rowSeconds) {
  private static final int MEBIBYTE = 1024 * 1024;

  /// For figures.
  static final Sizes FULL =
      new Sizes(11, 25, 31, 20, 300, 7, 64 * MEBIBYTE, 8 * MEBIBYTE, 10, 20_000, 600);

  /// For finding out whether it works.
  static final Sizes SHORT = new Sizes(1, 2, 2, 1, 10, 1, MEBIBYTE, MEBIBYTE, 2, 500, 180);
}
