package dev.msb.supervisor;

import dev.msb.home.Log;
import dev.msb.home.TrustedUsers;
import dev.msb.posix.Posix;
import dev.msb.protocol.ErrorCode;
import dev.msb.protocol.Frame;
import dev.msb.protocol.FrameParser;
import dev.msb.protocol.ProtocolException;
import dev.msb.relay.Client;
import dev.msb.relay.Relay;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The clients' sockets: takes connections, hands what comes to the relay, sends what the relay has
/// for them. Belongs to the supervisor's thread.
final class Peers {
  private static final long MILLI = 1_000_000;
  private static final long HELLO_MILLIS = 10_000;
  private static final int BACKLOG = 512;

  private final Relay relay;
  private final PollSet poll;
  private final Connection.Buffers buffers;
  private final List<Peer> peers = new ArrayList<>();
  private final PollSet.Handler acceptor = events -> accept();
  private int listener = -1;

  /// A client and its socket.
  private final class Peer implements PollSet.Handler, Connection.Receiver {
    final Connection connection;
    final Client client;
    final long helloDeadline;

    Peer(Connection connection, Client client, long helloDeadline) {
      this.connection = connection;
      this.client = client;
      this.helloDeadline = helloDeadline;
    }

    @Override
    public void ready(int events) {
      boolean open = true;
      if (relay.mayRead(client)) {
        open = receive();
      } else if ((events & (Posix.POLLHUP | Posix.POLLERR)) != 0) {
        open = false;
      }
      if (!open) {
        drop(this);
      }
    }

    private boolean receive() {
      try {
        return connection.receive(buffers, this);
      } catch (ProtocolException e) {
        Log.line("a client broke the protocol: " + e.getMessage());
        relay.violated(client, e);
        return true;
      }
    }

    @Override
    public void frame(FrameParser frame) throws ProtocolException {
      relay.fromClient(client, frame);
    }
  }

  /// The set and the buffers are the loop's.
  Peers(Relay relay, PollSet poll, Connection.Buffers buffers) {
    this.relay = relay;
    this.poll = poll;
    this.buffers = buffers;
  }

  /// Takes connections from now on.
  void listen(Path socket) throws IOException {
    byte[] path = bytes(socket);
    Posix.unlink(path);
    listener = Posix.check(Posix.listen(path, BACKLOG), "cannot listen on " + socket);
  }

  /// Takes no more.
  void stopListening(Path socket) {
    if (listener >= 0) {
      poll.forget(listener);
      Posix.close(listener);
      listener = -1;
      Posix.unlink(bytes(socket));
    }
  }

  private static byte[] bytes(Path path) {
    return path.toString().getBytes(StandardCharsets.UTF_8);
  }

  boolean isEmpty() {
    return peers.isEmpty();
  }

  /// Adds what is to be waited for.
  void watch() {
    poll.add(listener, Posix.POLLIN, acceptor);
    boolean mayRead = relay.mayReadClients(); // once: nothing changes before the poll
    for (Peer peer : peers) {
      int events = mayRead && peer.client.mayRead() ? Posix.POLLIN : 0;
      boolean unsent = peer.connection.hasUnsent();
      poll.add(peer.connection.fd(), unsent ? events | Posix.POLLOUT : events, peer);
    }
  }

  /// The earlier one of a time and of those until which a HELLO must have come.
  long nextDeadline(long next) {
    for (Peer peer : peers) {
      if (!peer.client.greeted() && peer.helloDeadline - next < 0) {
        next = peer.helloDeadline;
      }
    }
    return next;
  }

  void checkDeadlines(long now) {
    for (Peer peer : peers) {
      if (!peer.client.greeted() && now - peer.helloDeadline > 0) {
        peer.client.closeAfter(
            new Frame.Error(0, ErrorCode.PROTOCOL, "no HELLO within 10 seconds"));
      }
    }
  }

  private void accept() {
    while (true) {
      int fd = Posix.accept(listener);
      if (fd < 0) {
        if (fd != -Posix.EAGAIN) {
          Log.line("accept: " + Posix.message(-fd));
        }
        return;
      }
      if (!isTrusted(Posix.peerUid(fd))) {
        Posix.close(fd);
        continue;
      }
      long helloDeadline = System.nanoTime() + HELLO_MILLIS * MILLI;
      peers.add(new Peer(new Connection(fd), relay.connect(), helloDeadline));
    }
  }

  /// The socket's mode says the same, as long as nobody changed it.
  private static boolean isTrusted(int uid) {
    try {
      if (TrustedUsers.include(uid)) {
        return true;
      }
      Log.line("refused a client of user " + uid);
    } catch (IOException e) {
      Log.line("refused a client: " + e.getMessage());
    }
    return false;
  }

  private void drop(Peer peer) {
    peers.remove(peer);
    poll.forget(peer.connection.fd());
    peer.connection.close();
    relay.disconnected(peer.client);
  }

  /// Sends what the relay has for them.
  void flush() {
    for (int i = peers.size() - 1; i >= 0; i--) {
      Peer peer = peers.get(i);
      boolean open = peer.connection.send(peer.client.outbox(), buffers);
      boolean done =
          peer.client.closing() && !peer.connection.hasUnsent() && peer.client.outbox().isEmpty();
      if (!open || done) {
        drop(peer);
      }
    }
  }
}
