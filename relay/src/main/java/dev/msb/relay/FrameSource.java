package dev.msb.relay;

import java.nio.ByteBuffer;

/// Something that has frames for one [Outbox]: an exec in one direction, or a connection's own
/// answers. It keeps what is due as state, not as a queue of frames, so it cannot grow.
abstract class FrameSource {
  boolean inControl; // owned by the outbox
  boolean inData; // owned by the outbox

  /// Writes what control is due, as far as it fits whole frames into `out`.
  ///
  /// @return whether nothing is left
  abstract boolean writeControl(ByteBuffer out);

  /// Writes at most one data frame for each of its streams.
  ///
  /// @return whether no data is left
  abstract boolean writeData(ByteBuffer out);

  /// Writes a frame if all of it fits.
  ///
  /// @return whether it did
  static boolean put(byte[] frame, ByteBuffer out) {
    if (out.remaining() < frame.length) {
      return false;
    }
    out.put(frame);
    return true;
  }
}
