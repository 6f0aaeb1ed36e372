package dev.msb.supervisor;

import dev.msb.home.Log;
import dev.msb.posix.Posix;
import dev.msb.protocol.ProtocolException;
import dev.msb.relay.Relay;
import java.io.IOException;
import java.nio.ByteBuffer;

/// A running VM as the supervisor's loop sees it: hands the agent's frames to the relay, keeps what
/// the guest's console says, and tells what QEMU says of its machine and how it ended. Belongs to
/// the supervisor's thread.
final class Vm {
  /// What the VM tells the supervisor.
  interface Listener {
    /// QEMU told this of the machine; a guest can cause some of it.
    void happened(String event);

    /// The agent broke the protocol. The VM is ended next.
    void agentBroke(String reason);

    /// It has ended, and all that it left was taken.
    ///
    /// @param how QEMU did
    void ended(String how) throws IOException;
  }

  private static final int QEMU_END_MILLIS = 1000;
  private static final String SHUTDOWN = "SHUTDOWN ";

  private final Qemu qemu;
  private final Relay relay;
  private final Listener listener;
  private final PollSet poll;
  private final Connection.Buffers buffers;
  private final Connection agent;
  private final Console console;
  private final Connection.Receiver fromAgent;
  private final PollSet.Handler wordsReady = events -> receiveWords();
  private final PollSet.Handler consoleReady = events -> receiveConsole();
  private final PollSet.Handler qmpReady = events -> receiveEvents();
  private final PollSet.Handler agentReady = events -> agentSpoke();
  private final PollSet.Handler endReady = events -> ended();
  private boolean agentOpen = true;
  private boolean qmpOpen = true;
  private boolean consoleOpen = true;
  private boolean wordsOpen = true;
  private boolean killed;
  private boolean over;
  private String shutdownReason = ""; // as QEMU tells

  /// The set and the buffers are the loop's.
  Vm(Qemu qemu, Relay relay, Listener listener, PollSet poll, Connection.Buffers buffers) {
    this.qemu = qemu;
    this.relay = relay;
    this.listener = listener;
    this.poll = poll;
    this.buffers = buffers;
    this.agent = new Connection(qemu.agentFd());
    this.console = new Console(qemu.consoleFd());
    this.fromAgent = relay::fromAgent;
  }

  Console console() {
    return console;
  }

  int pid() {
    return qemu.pid();
  }

  /// Begins to take what it tells. An agent from a template said READY when the template was made.
  ///
  /// @param greeting that READY; else nothing
  void greet(ByteBuffer greeting) throws IOException {
    qemu.qmp().openLater();
    try {
      buffers.parse(greeting, fromAgent);
    } catch (ProtocolException e) {
      throw new IOException("the template's agent broke the protocol: " + e.getMessage(), e);
    }
  }

  /// Adds what is to be waited for, in the order in which it is to be handled: why a VM ended is
  /// known from what it said before.
  void watch() {
    if (wordsOpen) {
      poll.add(qemu.words().fd(), Posix.POLLIN, wordsReady);
    }
    if (consoleOpen) {
      poll.add(console.fd(), Posix.POLLIN, consoleReady);
    }
    if (qmpOpen) {
      poll.add(qemu.qmp().fd(), Posix.POLLIN, qmpReady);
    }
    if (agentOpen) {
      int out = agent.hasUnsent() ? Posix.POLLOUT : 0;
      poll.add(agent.fd(), Posix.POLLIN | out, agentReady);
    }
    if (!over) {
      poll.add(qemu.pidfd(), Posix.POLLIN, endReady);
    }
  }

  private void receiveWords() {
    wordsOpen = qemu.words().receive();
  }

  private void receiveConsole() {
    consoleOpen = console.receive();
  }

  private void receiveEvents() {
    try {
      for (String event : qemu.qmp().readEvents()) {
        qemu.words().say(event);
        if (event.startsWith(SHUTDOWN)) {
          shutdownReason = event.substring(SHUTDOWN.length());
        } else {
          listener.happened(event);
        }
      }
      qmpOpen = qemu.qmp().isOpen();
    } catch (IOException e) {
      Log.line("QMP: " + e.getMessage());
      qmpOpen = false;
    }
  }

  private void agentSpoke() throws IOException {
    agentOpen = receiveFromAgent();
    // The port does not close while QEMU is well. One that ends closes it first, and says how it
    // ended if it is let.
    if (!agentOpen && !qemu.endsWithin(QEMU_END_MILLIS)) {
      kill();
    }
  }

  private boolean receiveFromAgent() {
    try {
      return agent.receive(buffers, fromAgent);
    } catch (ProtocolException e) {
      String reason =
          "the guest's agent broke the protocol: "
              + e.getMessage()
              + LastWords.ofAgent(console.kept());
      listener.agentBroke(reason);
      kill();
      return false;
    }
  }

  private void ended() throws IOException {
    over = true;
    qemu.kill(); // what it started, if it is a script: it would hold these open
    while (agentOpen) {
      agentOpen = receiveFromAgent(); // what it sent before it ended
    }
    while (consoleOpen) {
      receiveConsole();
    }
    receiveEvents();
    qemu.words().end();
    listener.ended(qemu.awaitEnd());
  }

  /// The last line that QEMU said; empty if there was none.
  String lastWords() {
    return qemu.words().last();
  }

  /// Why it ended by itself. QEMU ends with status 0 whether the guest powered off or crashed.
  ///
  /// @param how QEMU ended
  String why(String how) {
    return switch (shutdownReason) {
      case "guest-shutdown" -> "the guest powered off" + LastWords.ofAgent(console.kept());
      case "guest-reset", "guest-panic" ->
          "the guest's kernel crashed or rebooted" + LastWords.ofPanic(console.kept());
      default -> how;
    };
  }

  /// Has a paused one go on.
  void goOn() {
    if (!qmpOpen) {
      return; // it has ended
    }
    try {
      qemu.qmp().send("{\"execute\":\"cont\"}");
    } catch (IOException e) {
      Log.line("QMP: " + e.getMessage());
    }
  }

  /// Ends it at once.
  void kill() {
    if (!killed) {
      killed = true;
      qemu.kill();
    }
  }

  /// Sends what the relay has for the agent.
  void flush() {
    if (agentOpen && !agent.send(relay.agentOutbox(), buffers)) {
      Log.line("cannot write to the agent");
      kill();
    }
  }
}
