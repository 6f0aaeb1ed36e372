package dev.msb.relay;

import dev.msb.protocol.ErrorCode;
import dev.msb.protocol.Frame;
import dev.msb.protocol.FrameCodec;
import dev.msb.protocol.FrameType;
import dev.msb.protocol.Protocol;
import dev.msb.protocol.ProtocolException;
import java.nio.ByteBuffer;

/// A client that only watches an exec: it gets copies of what the exec's client gets, out of what
/// is kept for resuming. Nothing waits for it; when it falls behind what is kept, it is told and
/// dropped.
final class Watcher extends FrameSource {
  private final Exec exec;
  private final Client client;
  private final Copy stdout;
  private final Copy stderr;
  private boolean noticeTold;
  private boolean exitTold;

  Watcher(Exec exec, Client client, Copy stdout, Copy stderr) {
    this.exec = exec;
    this.client = client;
    this.stdout = stdout;
    this.stderr = stderr;
  }

  /// How far the copy of one stream has come.
  static final class Copy {
    private final StreamRelay stream;
    private long sent;
    private long credit;
    private boolean closed;

    Copy(StreamRelay stream, long offset, int window) {
      this.stream = stream;
      this.sent = offset;
      this.credit = offset + window;
    }

    private boolean due() {
      return !closed && (sent < limit() || endDue());
    }

    private boolean endDue() {
      return stream.ended() && (stream.stopped() || sent == stream.received());
    }

    /// What the exec's client does not want is not kept for those who watch, either.
    private long limit() {
      return stream.stopped() ? sent : Math.min(stream.received(), credit);
    }

    private void write(long exec, int number, ByteBuffer out) {
      if (closed) {
        return;
      }
      if (sent < limit()) {
        int most = (int) Math.min(Outbox.DATA_BYTES, credit - sent);
        sent += stream.copy(exec, sent, most, out);
      } else if (endDue() && out.remaining() >= Protocol.DATA_OVERHEAD_BYTES) {
        FrameCodec.putOffsetFrame(out, FrameType.CLOSE, number, exec, sent);
        closed = true;
      }
    }
  }

  Client client() {
    return client;
  }

  void grant(int stream, long offset) throws ProtocolException {
    Copy copy = stream == 1 ? stdout : stderr;
    if (offset < copy.credit || offset > copy.sent + Protocol.MAX_WINDOW_BYTES) {
      throw new ProtocolException("credit " + offset + " of a watched stream");
    }
    copy.credit = offset;
    client.outbox().dataDue(this);
  }

  /// Its client wants no more of an output. It has no stdin to close.
  void close(int stream) {
    if (stream != 0) {
      (stream == 1 ? stdout : stderr).closed = true;
    }
  }

  /// Something came, or the exec ended.
  void changed() {
    client.outbox().controlDue(this);
    client.outbox().dataDue(this);
  }

  /// Drops the watcher if what it needs next is no longer kept.
  ///
  /// @return whether it was dropped
  boolean dropIfBehind() {
    if (keeps(stdout) && keeps(stderr)) {
      return false;
    }
    drop();
    return true;
  }

  /// Tells the client that it is too slow.
  void drop() {
    client.outbox().remove(this);
    client.execs().remove(exec.id);
    client.closeAfter(
        new Frame.Error(exec.id, ErrorCode.LAGGED, "too slow to watch exec " + exec.id));
  }

  private static boolean keeps(Copy copy) {
    return copy.closed || copy.stream.stopped() || copy.stream.keeps(copy.sent);
  }

  @Override
  boolean writeControl(ByteBuffer out) {
    byte[] notice = exec.notice();
    if (notice != null && !noticeTold) {
      if (!put(notice, out)) {
        return false;
      }
      noticeTold = true;
    }
    var exit = exec.exit();
    if (exit != null && !exitTold) {
      if (!put(FrameCodec.encode(new Frame.Exit(exec.id, exit)), out)) {
        return false;
      }
      exitTold = true;
      leaveIfDone();
    }
    return true;
  }

  @Override
  boolean writeData(ByteBuffer out) {
    stdout.write(exec.id, 1, out);
    stderr.write(exec.id, 2, out);
    leaveIfDone();
    return !stdout.due() && !stderr.due();
  }

  private void leaveIfDone() {
    if (exitTold && stdout.closed && stderr.closed) {
      exec.watched(this);
    }
  }
}
