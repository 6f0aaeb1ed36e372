package dev.msb.relay;

import dev.msb.protocol.Frame;
import dev.msb.protocol.FrameParser;
import dev.msb.protocol.FrameType;
import dev.msb.protocol.LinkKind;
import dev.msb.protocol.Protocol;
import dev.msb.protocol.ProtocolException;
import dev.msb.protocol.StdStream;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;

/// One end of a link, of the guest or of a client. It keeps all the rules and checks that the other
/// side keeps them; what the rules leave open is random.
final class SimulatedLink {
  private static final int EIO = 5;

  final long id;
  private final String name;
  private final Random random;
  private final boolean opener;
  private final int writes; // the number of the stream
  private final int reads;
  private final int window;
  private final long length;
  private final long stopsAt;
  private final long breaksAt;
  private final boolean refuses;

  private boolean trusting;
  private boolean opened;
  private boolean refused;
  private boolean broken;
  private long sent;
  private long credit;
  private boolean closeSent;
  private boolean stopReceived;
  private long received;
  private long granted;
  private boolean closeReceived;
  private boolean stopSent;

  SimulatedLink(String name, long id, boolean ofGuest, boolean opener, Random random) {
    this.name = name;
    this.id = id;
    this.random = random;
    this.opener = opener;
    this.writes = ofGuest ? Link.FROM_GUEST : Link.TO_GUEST;
    this.reads = 1 - writes;
    this.window = Protocol.MIN_WINDOW_BYTES << random.nextInt(5);
    this.granted = window;
    this.length = random.nextInt(4) == 0 ? 0 : random.nextInt(100_000);
    this.stopsAt = random.nextInt(4) == 0 ? random.nextInt(20_000) : Long.MAX_VALUE;
    this.breaksAt = random.nextInt(6) == 0 ? random.nextInt(50_000) : Long.MAX_VALUE;
    this.refuses = random.nextInt(8) == 0;
  }

  /// Lets any bytes come; all else is checked.
  void trusting() {
    trusting = true;
  }

  /// The frame that asks for it.
  Frame open() {
    return new Frame.Open(id, LinkKind.ECHO, window, random.nextInt(8) == 0 ? "refuse" : "");
  }

  /// The other end asked for it, and grants this much.
  void asked(int firstCredit) {
    credit = firstCredit;
  }

  boolean over() {
    return refused || broken || (closeSent && closeReceived);
  }

  /// The frames that may be sent now.
  void due(List<Runnable> choices, List<Frame> out) {
    if (over()) {
      return;
    }
    if (!opened) {
      if (!opener) {
        choices.add(() -> out.add(answer()));
      } else if (breaksAt == 0) {
        choices.add(() -> out.add(breakOff()));
      }
      return;
    }
    if (sent + received >= breaksAt) {
      choices.add(() -> out.add(breakOff()));
    }
    if (!closeSent) {
      long most = Math.min(credit, length) - sent;
      if (stopReceived || sent == length) {
        choices.add(() -> {
          closeSent = true;
          out.add(new Frame.Close(id, stream(writes), sent));
        });
      } else if (most > 0) {
        choices.add(() -> out.add(data(most)));
      }
    }
    if (closeReceived || stopSent) {
      return;
    }
    if (received >= stopsAt) {
      choices.add(() -> {
        stopSent = true;
        out.add(new Frame.Close(id, stream(reads), received));
      });
    } else if (received + window - granted >= window / 4) {
      choices.add(() -> {
        granted = received + window;
        out.add(new Frame.Credit(id, stream(reads), granted));
      });
    }
  }

  private Frame answer() {
    if (refuses) {
      refused = true;
      return new Frame.Refused(id, EIO, "not today");
    }
    opened = true;
    return new Frame.Opened(id, window);
  }

  private Frame breakOff() {
    broken = true;
    return new Frame.Reset(id, EIO);
  }

  private Frame data(long most) {
    int count = (int) Math.min(1 + random.nextLong(most), Protocol.MAX_DATA_BYTES);
    byte[] bytes = new byte[count];
    for (int i = 0; i < count; i++) {
      bytes[i] = SimulatedProcess.at(id, writes, sent + i);
    }
    Frame frame = new Frame.Data(id, stream(writes), sent, ByteBuffer.wrap(bytes));
    sent += count;
    return frame;
  }

  void received(FrameParser frame) throws ProtocolException {
    if (over()) {
      check(refused || broken || frame.type() != FrameType.DATA, "DATA after the end");
      return; // it crossed the link's end
    }
    switch (frame.type()) {
      case FrameType.DATA -> data(frame);
      case FrameType.CREDIT -> {
        check(opened && frame.stream() == writes, "an unexpected CREDIT");
        check(frame.offset() >= credit, "CREDIT decreases");
        check(frame.offset() <= sent + Protocol.MAX_WINDOW_BYTES, "CREDIT is too large");
        credit = frame.offset();
      }
      case FrameType.CLOSE -> close(frame);
      default -> {
        switch (frame.decode()) {
          case Frame.Opened answer -> {
            check(opener && !opened, "an unexpected OPENED");
            opened = true;
            credit = answer.window();
          }
          case Frame.Refused answer -> {
            check(opener && !opened, "an unexpected REFUSED");
            refused = true;
          }
          case Frame.Reset reset -> broken = true;
          default -> throw new AssertionError(this + " got " + frame.decode());
        }
      }
    }
  }

  private void data(FrameParser frame) throws ProtocolException {
    long offset = frame.offset();
    int count = frame.dataLength();
    check(opened && frame.stream() == reads && !closeReceived, "unexpected DATA");
    check(offset == received, "DATA at " + offset + ", not " + received);
    check(offset + count <= granted, "DATA beyond the credit");
    ByteBuffer payload = frame.payload();
    for (int i = 0; i < count && !trusting; i++) {
      check(
          payload.get(8 + i) == SimulatedProcess.at(id, reads, offset + i),
          "another byte at " + (offset + i));
    }
    received += count;
  }

  private void close(FrameParser frame) throws ProtocolException {
    check(opened, "CLOSE before OPENED");
    if (frame.stream() == reads) {
      check(!closeReceived, "a second CLOSE");
      check(stopSent || frame.offset() == received, "CLOSE at " + frame.offset());
      closeReceived = true;
    } else {
      check(!stopReceived, "a second CLOSE of the reader");
      stopReceived = true;
    }
  }

  private static StdStream stream(int number) {
    return number == 0 ? StdStream.STDIN : StdStream.STDOUT;
  }

  private void check(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError(this + ": " + what);
    }
  }

  @Override
  public String toString() {
    return "  %s's link %x: opened=%s refused=%s broken=%s sent=%d/%d credit=%d ended=%s stopped=%s"
            .formatted(
                name, id, opened, refused, broken, sent, length, credit, closeSent, stopReceived)
        + " received=%d granted=%d ended=%s stopped=%s\n"
            .formatted(received, granted, closeReceived, stopSent);
  }
}
