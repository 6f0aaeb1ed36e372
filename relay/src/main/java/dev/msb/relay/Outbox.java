package dev.msb.relay;

import dev.msb.protocol.Protocol;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;

/// What waits to be written to one connection. Control goes first; data follows in turns, one frame
/// a stream, so that a small stream is never behind more than one frame of each large one.
public final class Outbox {
  /// Most bytes to fetch at a time: bytes that were fetched can no longer be overtaken.
  public static final int FILL_BYTES = 64 * 1024;

  /// Most data in a frame that the relay makes. Small enough to take turns, large enough that
  /// headers do not matter.
  static final int DATA_BYTES = 32 * 1024 - Protocol.DATA_OVERHEAD_BYTES;

  private final ArrayDeque<FrameSource> control = new ArrayDeque<>();
  private final ArrayDeque<FrameSource> data = new ArrayDeque<>();

  void controlDue(FrameSource source) {
    if (!source.inControl) {
      source.inControl = true;
      control.add(source);
    }
  }

  void dataDue(FrameSource source) {
    if (!source.inData) {
      source.inData = true;
      data.add(source);
    }
  }

  void remove(FrameSource source) {
    if (source.inControl) {
      control.remove(source);
      source.inControl = false;
    }
    if (source.inData) {
      data.remove(source);
      source.inData = false;
    }
  }

  /// Puts one source in the place of another that has begun a frame, or may have.
  void replace(FrameSource old, FrameSource by) {
    boolean first = old.equals(control.peek()); // sources are equal to themselves only
    remove(old);
    if (first) {
      by.inControl = true;
      control.addFirst(by);
    } else {
      controlDue(by);
    }
  }

  public boolean isEmpty() {
    return control.isEmpty() && data.isEmpty();
  }

  /// Writes as much as there is and fits. A source whose control does not fit stays first, so that
  /// the pieces of a long START follow each other.
  public void fill(ByteBuffer out) {
    while (!control.isEmpty()) {
      FrameSource source = control.element();
      if (!source.writeControl(out)) {
        return;
      }
      source.inControl = false;
      control.remove();
    }
    while (!data.isEmpty() && out.remaining() > Protocol.DATA_OVERHEAD_BYTES) {
      FrameSource source = data.remove();
      if (source.writeData(out)) {
        source.inData = false;
      } else {
        data.add(source);
      }
    }
  }
}
