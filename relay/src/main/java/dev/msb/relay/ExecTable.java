package dev.msb.relay;

import dev.msb.protocol.ListedExec;
import dev.msb.protocol.Protocol;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/// The execs that a relay has in memory, by what they are still there for.
final class ExecTable {
  /// Most execs that are kept for a client still to come after they are over.
  private static final int MOST_FINISHED = 64;

  private final Map<Long, Exec> live = new HashMap<>();
  private final Map<Long, Exec> delivering = new HashMap<>(); // over, but their client lacks some
  private final Map<Long, Exec> givenUp =
      new HashMap<>(); // over for their clients, not for the agent
  private final SequencedMap<Long, Exec> finished = new LinkedHashMap<>(); // kept, newest last

  /// The exec, if the agent may still say something of it.
  @Nullable Exec live(long id) {
    return live.get(id);
  }

  /// What the agent says of this exec is for this one: it is under way, or was given up.
  @Nullable Exec ofAgent(long id) {
    return live.getOrDefault(id, givenUp.get(id));
  }

  /// All that are under way, as they are now.
  List<Exec> allLive() {
    return List.copyOf(live.values());
  }

  /// The agent may still say something of an exec that is over for everybody else.
  void giveUp(Exec rest) {
    givenUp.put(rest.id, rest);
  }

  boolean hasGivenUp() {
    return !givenUp.isEmpty();
  }

  /// The agent has said all of an exec that was given up.
  ///
  /// @return false if this one was not
  boolean forgetGivenUp(Exec exec) {
    return givenUp.remove(exec.id, exec);
  }

  /// The exec, if a client can attach to it.
  @Nullable Exec attachable(long id) {
    return live.getOrDefault(id, finished.get(id));
  }

  int live() {
    return live.size();
  }

  boolean hasLive() {
    return !live.isEmpty();
  }

  /// Sends each exec under way a signal.
  ///
  /// @return whether there is one
  boolean signalAll(int signal) {
    live.values().forEach(exec -> exec.signal(signal));
    return hasLive();
  }

  boolean isIdle() {
    return live.isEmpty() && delivering.isEmpty();
  }

  /// Whether an exec outlives its client, or one that did has not been told to its client yet.
  boolean holdsUp() {
    return live.values().stream().anyMatch(exec -> exec.keep())
        || delivering.values().stream().anyMatch(exec -> exec.keep());
  }

  /// Why no exec of these windows can be added, or null if it can.
  ///
  /// @param reserved bytes that the windows of others take
  @Nullable String refusal(int stdoutWindow, int stderrWindow, long reserved) {
    if (live.size() + delivering.size() + givenUp.size() >= Protocol.MAX_EXECS) {
      return "more than " + Protocol.MAX_EXECS + " execs at once";
    }
    return windowsExceed(null, stdoutWindow, stderrWindow, reserved)
        ? "the windows of all execs would exceed " + Protocol.MAX_WINDOWS_BYTES + " bytes"
        : null;
  }

  /// Whether the windows of all execs were too large together, if those of one were these.
  ///
  /// @param reserved bytes that the windows of others take
  boolean windowsExceed(@Nullable Exec changed, int stdoutWindow, int stderrWindow, long reserved) {
    return Exec.reservedBytes(stdoutWindow, stderrWindow) + reservedBytes(changed) + reserved
        > Protocol.MAX_WINDOWS_BYTES;
  }

  /// The most memory that the output of all execs but one can take.
  long reservedBytes(@Nullable Exec without) {
    long reserved = 0;
    for (Exec exec : all()) {
      reserved += exec == without ? 0 : exec.reservedBytes();
    }
    return reserved;
  }

  void add(Exec exec) {
    live.put(exec.id, exec);
  }

  /// An exec is over. It stays until its client was sent all of it, and, if it is kept, until 64
  /// others have followed it.
  void ended(Exec exec) {
    live.remove(exec.id);
    delivering.put(exec.id, exec);
    if (exec.keep() && exec.exit() != null) { // one that has FAILED is nothing to come back for
      finished.put(exec.id, exec);
      if (finished.size() > MOST_FINISHED) {
        letGo(finished.pollFirstEntry().getValue());
      }
    }
  }

  /// A client came for an exec that may be over.
  void attached(Exec exec) {
    if (!live.containsKey(exec.id)) {
      delivering.put(exec.id, exec);
    }
  }

  /// The client of an exec that is over has got all of it, or has gone.
  ///
  /// @return whether this is news
  boolean delivered(Exec exec) {
    boolean news = delivering.remove(exec.id) != null;
    letGo(exec);
    return news;
  }

  private void letGo(Exec exec) {
    if (!delivering.containsKey(exec.id) && !finished.containsKey(exec.id)) {
      exec.forget();
    }
  }

  /// The bytes of stdin that wait for the agent.
  long queuedStdinBytes() {
    long queued = 0;
    for (Exec exec : live.values()) {
      queued += exec.queuedStdinBytes();
    }
    return queued;
  }

  /// All execs that a client can see, by id.
  List<ListedExec> listed() {
    List<ListedExec> listed = new ArrayList<>();
    finished.values().forEach(exec -> listed.add(exec.listed()));
    live.values().forEach(exec -> listed.add(exec.listed()));
    listed.sort(Comparator.comparingLong(ListedExec::id));
    return listed;
  }

  /// Nothing more comes of the execs that are not over.
  void agentLost() {
    live.clear();
    givenUp.clear();
  }

  private List<Exec> all() {
    Map<Long, Exec> all = new HashMap<>(live);
    all.putAll(delivering);
    all.putAll(finished);
    return List.copyOf(all.values());
  }
}
