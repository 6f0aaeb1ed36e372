package dev.msb.relay;

import dev.msb.protocol.Frame;
import dev.msb.protocol.FrameCodec;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;

/// A connection's own frames: answers to what its peer asked. Bounded by not reading from a peer
/// that has more answers waiting than [#isLong] allows.
final class Answers extends FrameSource {
  private static final int LONG = 64;

  private final ArrayDeque<byte[]> frames = new ArrayDeque<>();
  private int written; // of the first

  void add(Frame frame) {
    frames.add(FrameCodec.encode(frame));
  }

  boolean isLong() {
    return frames.size() > LONG;
  }

  @Override
  boolean writeControl(ByteBuffer out) {
    while (!frames.isEmpty()) {
      byte[] frame = frames.element();
      int length = Math.min(out.remaining(), frame.length - written);
      out.put(frame, written, length);
      written += length;
      if (written < frame.length) {
        return false;
      }
      frames.remove();
      written = 0;
    }
    return true;
  }

  @Override
  boolean writeData(ByteBuffer out) {
    return true;
  }
}
