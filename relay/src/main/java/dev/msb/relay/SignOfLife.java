package dev.msb.relay;

import dev.msb.protocol.Frame;
import dev.msb.protocol.ProtocolException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Asks the agent whether it is there: for clients that want to know, and when it says nothing
/// while execs are under way. One PING is under way at a time.
final class SignOfLife {
  private final Schedule schedule;
  private final AgentWatch watch;
  private final Runnable sendPing;
  private Set<Client> waiting = new LinkedHashSet<>(); // for the PONG under way
  private Set<Client> next = new LinkedHashSet<>(); // came after that PING was sent
  private boolean pingUnderWay;
  private long pingSent;
  private boolean silent;

  SignOfLife(Schedule schedule, AgentWatch watch, Runnable sendPing) {
    this.schedule = schedule;
    this.watch = watch;
    this.sendPing = sendPing;
  }

  /// A client asks.
  void probe(Client client, Frame.Probe probe) throws ProtocolException {
    long now = schedule.now();
    long due = Schedule.after(now, probe.waitMillis());
    client.probe(probe.token(), now, due);
    if (watch.isPaused()) {
      client.noPong(watch.why(now, now));
      return;
    }
    schedule.at(due);
    if (pingUnderWay) {
      next.add(client);
    } else {
      waiting.add(client);
      ping();
    }
  }

  /// A client has gone.
  void forget(Client client) {
    waiting.remove(client);
    next.remove(client);
  }

  private void ping() {
    pingUnderWay = true;
    pingSent = schedule.now();
    sendPing.run();
  }

  /// The agent answers.
  void pong() throws ProtocolException {
    if (!pingUnderWay) {
      throw new ProtocolException("PONG without a PING");
    }
    pingUnderWay = false;
    waiting.forEach(Client::pong);
    waiting = next;
    next = new LinkedHashSet<>();
    if (!waiting.isEmpty()) {
      ping();
    }
  }

  /// The agent says something.
  ///
  /// @return whether it was silent before
  boolean heard() {
    if (!silent) {
      return false;
    }
    silent = false;
    schedule.at(schedule.now() + AgentWatch.SILENCE); // it may fall silent again
    return true;
  }

  /// Tells the clients whose time is over.
  void checkDeadlines() {
    giveUp(waiting);
    giveUp(next);
  }

  private void giveUp(Set<Client> clients) {
    long now = schedule.now();
    for (Client client : List.copyOf(clients)) {
      if (watch.isPaused() || now >= client.probeDue()) {
        client.noPong(watch.why(client.probed(), now));
        clients.remove(client);
      } else {
        schedule.at(client.probeDue());
      }
    }
  }

  /// Asks an agent that says nothing while execs are under way. That it does not answer is told,
  /// and no more: it may be slow, and the sandbox is its owner's. A paused VM is known to be.
  ///
  /// @return why it is taken for silent from now on, for people; null if it is not, or was before
  @Nullable String askIfSilent() {
    if (silent || watch.isPaused()) {
      return null;
    }
    long now = schedule.now();
    long due = Math.max(watch.lastHeard(), pingUnderWay ? pingSent : 0) + AgentWatch.SILENCE;
    if (now >= due && pingUnderWay) {
      silent = true;
      return watch.why(pingSent, now);
    }
    if (now >= due) {
      ping();
      due = now + AgentWatch.SILENCE;
    }
    schedule.at(due);
    return null;
  }
}
