package dev.msb.relay;

import dev.msb.protocol.Frame;
import dev.msb.protocol.FrameParser;
import dev.msb.protocol.FrameType;
import dev.msb.protocol.Protocol;
import dev.msb.protocol.ProtocolException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The links of a sandbox: who opened them, who may, and where each frame of theirs goes.
final class Links {
  /// Linux's error numbers.
  private static final int EMFILE = 24;

  private static final int ENOBUFS = 105;
  private static final int ESHUTDOWN = 108;

  private final LinkPolicy policy;
  private final Outbox agentOutbox;
  private final Schedule schedule;
  private final ExecTable execs;
  private final Map<Long, Link> links = new HashMap<>();
  private long lastOfGuest = Protocol.LINK | Protocol.OF_GUEST;
  private long lastOfHost = Protocol.LINK;
  private boolean stopping;

  /// @param execs whose windows count with those of links
  Links(LinkPolicy policy, Outbox agentOutbox, Schedule schedule, ExecTable execs) {
    this.policy = policy;
    this.agentOutbox = agentOutbox;
    this.schedule = schedule;
    this.execs = execs;
  }

  /// The most memory that the bytes for the host can take.
  long reservedBytes() {
    long reserved = 0;
    for (Link link : links.values()) {
      reserved += link.reservedBytes();
    }
    return reserved;
  }

  /// Bytes that wait for the guest.
  long queuedBytes() {
    long queued = 0;
    for (Link link : links.values()) {
      queued += link.queuedBytes();
    }
    return queued;
  }

  /// Those that are not over, or not read to their end by the host.
  Collection<Link> all() {
    return links.values();
  }

  /// Whether the host opened a link that is not over.
  boolean hasOfHost() {
    for (Link link : links.values()) {
      if (!link.isOfGuest() && !link.isOver()) {
        return true;
      }
    }
    return false;
  }

  // The guest.

  /// Takes a frame of a link from the guest.
  void fromGuest(FrameParser frame) throws ProtocolException {
    if (frame.type() == FrameType.OPEN) {
      open((Frame.Open) frame.decode());
      return;
    }
    Link link = links.get(frame.owner());
    if (link == null) {
      frame.decode(); // its payload must keep the rules, though nobody hears of it
      checkUsed(frame.owner());
      return;
    }
    switch (frame.type()) {
      case FrameType.DATA -> link.data(frame);
      case FrameType.CREDIT -> link.credit(frame.stream(), frame.offset());
      case FrameType.CLOSE -> link.close(frame.stream(), frame.offset());
      case FrameType.OPENED -> link.opened((Frame.Opened) frame.decode());
      case FrameType.REFUSED -> link.refused((Frame.Refused) frame.decode());
      default -> link.resetByGuest(((Frame.Reset) frame.decode()).errno());
    }
  }

  private void open(Frame.Open open) throws ProtocolException {
    long id = open.owner();
    if ((id & Protocol.OF_GUEST) == 0 || id <= lastOfGuest) {
      throw new ProtocolException("OPEN with an id that is not the guest's next");
    }
    lastOfGuest = id;
    int unanswered = 0;
    for (Link link : links.values()) {
      unanswered += link.isUnanswered() ? 1 : 0;
    }
    checkOpening(unanswered);
    LinkPolicy.Refusal refusal =
        refusal(LinkPolicy.Opener.GUEST, open, Protocol.DEFAULT_WINDOW_BYTES);
    Link link = Link.ofGuest(open, agentOutbox, this::settled, schedule.now());
    links.put(id, link);
    if (refusal != null) {
      link.refuse(refusal.errno(), refusal.why());
    } else {
      link.end(policy.end(link, open.kind(), open.target()));
    }
  }

  private static void checkOpening(int unanswered) throws ProtocolException {
    if (unanswered >= Protocol.MAX_OPENING) {
      throw new ProtocolException(
          "more than " + Protocol.MAX_OPENING + " links are asked for at once");
    }
  }

  private void checkUsed(long id) throws ProtocolException {
    boolean used = (id & Protocol.OF_GUEST) != 0 ? id <= lastOfGuest : id <= lastOfHost;
    if (!used) {
      throw new ProtocolException("frame for a link that nobody opened");
    }
  }

  private LinkPolicy.@Nullable Refusal refusal(
      LinkPolicy.Opener opener, Frame.Open open, int window) {
    if (stopping) {
      return new LinkPolicy.Refusal(ESHUTDOWN, "the sandbox is stopping");
    }
    if (links.size() >= Protocol.MAX_LINKS) {
      return new LinkPolicy.Refusal(EMFILE, "more than " + Protocol.MAX_LINKS + " links at once");
    }
    LinkPolicy.Refusal refusal = policy.refusal(opener, open.kind(), open.target());
    long reserved = execs.reservedBytes(null) + reservedBytes() + StreamRelay.reservedBytes(window);
    if (refusal == null && reserved > Protocol.MAX_WINDOWS_BYTES) {
      return new LinkPolicy.Refusal(ENOBUFS, "the windows of all streams would be too large");
    }
    return refusal;
  }

  // Clients.

  /// Takes a frame of a link from a client.
  void fromClient(Client client, FrameParser frame) throws ProtocolException {
    switch (frame.type()) {
      case FrameType.OPEN -> open(client, (Frame.Open) frame.decode());
      case FrameType.OPENED, FrameType.REFUSED ->
          throw new ProtocolException("frame type " + frame.type() + " from a client");
      default -> {
        ClientLinkEnd end = client.links().get(frame.owner());
        if (end != null) {
          end.fromClient(frame);
        } else if (!client.used(frame.owner() & ~Protocol.LINK)) {
          throw new ProtocolException("frame for a link that is not this client's");
        } else {
          frame.decode(); // it crossed the link's end
        }
      }
    }
  }

  private void open(Client client, Frame.Open open) throws ProtocolException {
    if ((open.owner() & Protocol.OF_GUEST) != 0) {
      throw new ProtocolException("OPEN from a client with an id of the guest's");
    }
    client.use(open.owner() & ~Protocol.LINK, "OPEN");
    int unanswered = 0;
    for (ClientLinkEnd end : client.links().values()) {
      unanswered += end.isUnanswered() ? 1 : 0;
    }
    checkOpening(unanswered);
    LinkPolicy.Refusal refusal = refusal(LinkPolicy.Opener.CLIENT, open, open.window());
    if (refusal != null) {
      client.answer(new Frame.Refused(open.owner(), refusal.errno(), refusal.why()));
      return;
    }
    lastOfHost = Math.max(lastOfHost, open.owner());
    Link link = new Link(open, agentOutbox, this::settled, schedule.now());
    ClientLinkEnd end = new ClientLinkEnd(link, client);
    link.end(end);
    links.put(link.id, link);
    client.links().put(link.id, end);
    schedule.at(schedule.now() + AgentWatch.PAUSE);
  }

  /// A client has gone: its links break.
  void disconnected(Client client) {
    for (ClientLinkEnd end : List.copyOf(client.links().values())) {
      end.leave(Link.ECONNRESET);
    }
  }

  // Both.

  private void settled(Link link) {
    if (link.isGone() && links.remove(link.id, link)) {
      link.over();
    }
  }

  /// No more links from now on.
  void stop() {
    stopping = true;
  }

  /// Nothing more comes from the guest.
  void agentLost() {
    stopping = true;
    for (Link link : new ArrayList<>(links.values())) {
      link.lost();
    }
    links.clear();
  }

  /// Gives up links that the guest has not answered.
  void checkDeadlines(AgentWatch watch) {
    for (Link link : new ArrayList<>(links.values())) {
      long due = link.answerDue(watch);
      if (schedule.now() >= due) {
        link.giveUp();
      } else {
        schedule.at(due);
      }
    }
  }
}
