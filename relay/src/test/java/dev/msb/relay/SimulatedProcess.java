package dev.msb.relay;

import java.util.Random;

/// What a simulated process does, made from a number that travels in its argv, and what is known of
/// it by both ends.
///
/// @param fails it cannot be started
/// @param reads how many bytes of stdin it reads before it closes it; [#ALL], or [#NEVER] while it
///   stays open
/// @param echoes its stdout is what it reads, like `cat`
/// @param stdout bytes that it writes there, if it does not echo
/// @param stderr bytes that it writes there
/// @param waitsForInput it does not end before its stdin has
/// @param waitsForSignal it does not end by itself
/// @param closesEarly it closes its outputs when all is written, before it ends
/// @param leavesChild a child of its keeps stdout open, and writes on
/// @param mindsPipe it dies of SIGPIPE; otherwise it merely writes no more
/// @param input bytes that its client sends to it
/// @param closesInput whether its client then closes its stdin
/// @param keep whether it outlives its client
record SimulatedProcess(
    boolean fails,
    long reads,
    boolean echoes,
    long stdout,
    long stderr,
    boolean waitsForInput,
    boolean waitsForSignal,
    boolean closesEarly,
    boolean leavesChild,
    boolean mindsPipe,
    long input,
    boolean closesInput,
    boolean keep) {

  static final long ALL = Long.MAX_VALUE;
  static final long NEVER = -1;

  static SimulatedProcess of(long number) {
    Random random = new Random(number);
    boolean fails = random.nextInt(15) == 0;
    long reads =
        switch (random.nextInt(4)) {
          case 0 -> NEVER;
          case 1 -> size(random);
          default -> ALL;
        };
    boolean echoes = random.nextBoolean();
    boolean waitsForInput = reads == ALL && (echoes || random.nextBoolean());
    return new SimulatedProcess(
        fails,
        reads,
        echoes,
        echoes ? 0 : size(random),
        random.nextInt(3) == 0 ? size(random) : 0,
        waitsForInput,
        random.nextInt(6) == 0,
        random.nextInt(4) == 0,
        random.nextInt(4) == 0,
        random.nextBoolean(),
        size(random),
        waitsForInput || random.nextBoolean(),
        random.nextInt(4) == 0);
  }

  private static long size(Random random) {
    return switch (random.nextInt(4)) {
      case 0 -> 0;
      case 1 -> random.nextInt(200);
      case 2 -> random.nextInt(8_000);
      default -> random.nextInt(60_000);
    };
  }

  /// The byte at an offset of a stream; no two streams look alike for long.
  static byte at(long exec, int stream, long offset) {
    long mixed = (offset + (exec << 40) + ((long) stream << 60)) * 0x9e3779b97f4a7c15L;
    return (byte) (mixed >>> 56);
  }

  /// Bytes that it writes to an output.
  long output(int stream) {
    return stream == 1 ? stdout : stderr;
  }

  /// Which stream's bytes are seen on an output.
  int source(int stream) {
    return stream == 1 && echoes ? 0 : stream;
  }
}
