package dev.msb.relay;

import dev.msb.protocol.Frame;
import dev.msb.protocol.FrameCodec;
import dev.msb.protocol.FrameParser;
import dev.msb.protocol.FrameType;
import dev.msb.protocol.ProtocolException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// A client at the host's end of a link that it opened: the link's streams in frames.
final class ClientLinkEnd extends FrameSource implements LinkEnd {
  private final Link link;
  private final Client client;
  private byte @Nullable [] answer; // OPENED or REFUSED
  private byte @Nullable [] ending; // RESET
  private boolean over; // for the client: it is told what is due, and says nothing more

  ClientLinkEnd(Link link, Client client) {
    this.link = link;
    this.client = client;
  }

  /// Whether the client waits for OPENED or REFUSED.
  boolean isUnanswered() {
    return answer != null || link.isOpening();
  }

  // From the guest.

  @Override
  public void opened() {
    answer = FrameCodec.encode(new Frame.Opened(link.id, (int) link.toGuest().credit()));
    due();
  }

  @Override
  public void refused(int errno, String why) {
    over = true;
    answer = FrameCodec.encode(new Frame.Refused(link.id, errno, why));
    due();
  }

  @Override
  public void reset(int errno) {
    if (!over) {
      over = true;
      ending = FrameCodec.encode(new Frame.Reset(link.id, errno));
      due();
    }
  }

  @Override
  public void over() {
    over = true;
    removeIfTold();
  }

  private void removeIfTold() {
    if (over && answer == null && ending == null) {
      client.links().remove(link.id);
    }
  }

  @Override
  public void changed() {
    due();
  }

  private void due() {
    client.outbox().controlDue(this);
    client.outbox().dataDue(this);
  }

  // From the client.

  /// Takes a frame of this link from its client.
  void fromClient(FrameParser frame) throws ProtocolException {
    if (frame.type() == FrameType.RESET) {
      Frame.Reset reset = (Frame.Reset) frame.decode();
      leave(reset.errno());
      client.outbox().remove(this);
      return;
    }
    long offset = frame.offset();
    if (over) {
      return; // it crossed the link's end
    }
    if (link.isOpening()) {
      throw new ProtocolException("a frame for a link that is not open");
    }
    if (frame.type() == FrameType.DATA) {
      if (frame.stream() != Link.TO_GUEST) {
        throw new ProtocolException("data from the host for the stream that it reads");
      }
      link.toGuest().data(offset, frame.payload(), 8, frame.dataLength());
      link.toGuestChanged();
    } else if (frame.type() == FrameType.CREDIT) {
      if (frame.stream() != Link.FROM_GUEST) {
        throw new ProtocolException("credit from the host for the stream that it writes");
      }
      link.fromGuest().grant(offset);
      link.fromGuestChanged();
      due();
    } else if (frame.stream() == Link.TO_GUEST) {
      link.toGuest().end(offset);
      link.toGuestChanged();
    } else {
      link.fromGuest().stop();
      link.fromGuestChanged();
      due();
    }
  }

  /// The client has gone, or gives the link up.
  void leave(int errno) {
    over = true;
    answer = null;
    ending = null;
    client.links().remove(link.id);
    link.reset(errno);
  }

  @Override
  boolean writeControl(ByteBuffer out) {
    if (answer != null) {
      if (!put(answer, out)) {
        return false;
      }
      answer = null;
    }
    if (ending != null) {
      if (!put(ending, out)) {
        return false;
      }
      ending = null;
    }
    if (over) {
      removeIfTold();
      return true;
    }
    StreamRelay toGuest = link.toGuest();
    toGuest.writeForWriter(link.id, out);
    return !toGuest.hasForWriter();
  }

  @Override
  boolean writeData(ByteBuffer out) {
    if (over) {
      return true;
    }
    StreamRelay fromGuest = link.fromGuest();
    fromGuest.writeForReader(link.id, out, Outbox.DATA_BYTES);
    boolean done = !fromGuest.hasForReader();
    link.settle();
    return done;
  }
}
