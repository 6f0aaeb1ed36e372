package dev.msb.relay;

import dev.msb.protocol.ProtocolException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/// The supervisor's own ends of the links that the guest opens, and a policy that lets most of them
/// be.
final class SimulatedHost implements LinkPolicy {
  private static final int MOST_AT_ONCE = 20_000;

  private final Random random;
  private final List<End> ends = new ArrayList<>();
  private final boolean checksBytes;

  SimulatedHost(Random random) {
    this(random, true);
  }

  /// With a guest that may say what it likes its bytes are not checked.
  SimulatedHost(Random random, boolean checksBytes) {
    this.random = random;
    this.checksBytes = checksBytes;
  }

  @Override
  public @Nullable Refusal refusal(Opener opener, int kind, String target) {
    return target.equals("refuse") ? new Refusal(EACCES, "not this one") : null;
  }

  @Override
  public LinkEnd end(Link link, int kind, String target) {
    End end = new End(link);
    ends.add(end);
    return end;
  }

  /// Lets the ends work for a while.
  boolean run() throws ProtocolException {
    boolean moved = false;
    for (End end : List.copyOf(ends)) {
      moved |= end.run();
    }
    return moved;
  }

  /// Whether each end was told that its link is over, and has all that came.
  boolean done() {
    return ends.isEmpty();
  }

  /// An end that sends bytes of its own and checks the guest's.
  private final class End implements LinkEnd {
    private final Link link;
    private final boolean refuses = random.nextInt(8) == 0;
    private final long length = random.nextInt(4) == 0 ? 0 : random.nextInt(100_000);
    private final long stopsAt = random.nextInt(4) == 0 ? random.nextInt(20_000) : Long.MAX_VALUE;
    private final long breaksAt = random.nextInt(6) == 0 ? random.nextInt(50_000) : Long.MAX_VALUE;
    private boolean answered;
    private boolean finished;
    private boolean stopped;
    private boolean over;
    private long sent;
    private long received;

    End(Link link) {
      this.link = link;
    }

    private boolean run() throws ProtocolException {
      if (over) {
        return false;
      }
      if (!answered) {
        answered = true;
        if (refuses) {
          link.refuse(LinkPolicy.EACCES, "not today");
        } else {
          link.accept();
        }
        return true;
      }
      if (sent + received >= breaksAt && !link.isOver()) {
        link.reset(Link.ECONNRESET);
        return true;
      }
      boolean wrote = write();
      return read() || wrote;
    }

    private boolean write() throws ProtocolException {
      if (finished || link.isOver()) {
        return false;
      }
      if (link.isBroken() || sent == length) {
        finished = true;
        link.finish();
        return true;
      }
      long most = Math.min(Math.min(link.room(), length - sent), MOST_AT_ONCE);
      if (most <= 0) {
        return false;
      }
      int count = (int) (1 + random.nextLong(most));
      byte[] bytes = new byte[count];
      for (int i = 0; i < count; i++) {
        bytes[i] = SimulatedProcess.at(link.id, Link.TO_GUEST, sent + i);
      }
      link.put(ByteBuffer.wrap(bytes), 0, count);
      sent += count;
      return true;
    }

    private boolean read() throws ProtocolException {
      if (stopped) {
        return false;
      }
      if (received >= stopsAt && !link.isOver()) {
        stopped = true;
        link.stop();
        return true;
      }
      ByteBuffer out = ByteBuffer.allocate(1 + random.nextInt(MOST_AT_ONCE));
      boolean ended = link.isFinished();
      link.take(out);
      for (int i = 0; i < out.position(); i++) {
        if (checksBytes
            && out.get(i) != SimulatedProcess.at(link.id, Link.FROM_GUEST, received + i)) {
          throw new AssertionError("link " + Long.toHexString(link.id) + ": another byte");
        }
      }
      received += out.position();
      return out.position() > 0 && !ended;
    }

    @Override
    public void opened() {
      throw new AssertionError("the guest accepts what it asked for");
    }

    @Override
    public void refused(int errno, String why) {
      throw new AssertionError("the guest refuses what it asked for");
    }

    @Override
    public void changed() {
      check();
    }

    @Override
    public void reset(int errno) {
      check();
    }

    @Override
    public void over() {
      check();
      over = true;
      ends.remove(this);
    }

    private void check() {
      if (over) {
        throw new AssertionError("told of a link that is over");
      }
    }
  }
}
