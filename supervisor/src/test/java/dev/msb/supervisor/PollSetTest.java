package dev.msb.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msb.posix.Posix;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class PollSetTest {
  private final PollSet poll = new PollSet();
  private final List<String> served = new ArrayList<>();
  private final Set<Integer> open = new HashSet<>();

  @AfterEach
  void close() {
    open.forEach(Posix::close);
  }

  @Test
  void handlersAreCalledInTheOrderInWhichTheirDescriptorsWereAdded() throws Exception {
    int[] first = readyPipe();
    int[] second = readyPipe();

    poll.add(second[0], Posix.POLLIN, events -> served.add("second"));
    poll.add(first[0], Posix.POLLIN, events -> served.add("first"));
    round();

    assertThat(served).containsExactly("second", "first");
  }

  @Test
  void onlyWhatIsReadyIsHandledAndIsToldForWhat() throws Exception {
    int[] silent = pipe();
    int[] ready = readyPipe();
    poll.add(silent[0], Posix.POLLIN, events -> served.add("silent"));
    poll.add(ready[0], Posix.POLLIN, events -> served.add("in " + events));
    poll.add(ready[1], Posix.POLLOUT, events -> served.add("out " + events));

    round();

    assertThat(served).containsExactly("in " + Posix.POLLIN, "out " + Posix.POLLOUT);
  }

  @Test
  void aDescriptorThatIsNotThereAddsNothing() throws Exception {
    poll.add(-1, Posix.POLLIN, events -> served.add("none"));
    poll.add(readyPipe()[0], Posix.POLLIN, events -> served.add("ready"));

    round();

    assertThat(served).containsExactly("ready");
  }

  @Test
  void theEndOfThePeerIsToldWhereNothingWasAskedFor() throws Exception {
    int[] pipe = pipe();
    close(pipe[1]);
    poll.add(pipe[0], 0, events -> served.add("events " + events));

    round();

    assertThat(served).containsExactly("events " + Posix.POLLHUP);
  }

  /// As when a client is dropped while another one is served, and a third one comes.
  @Test
  void aDescriptorThatWasClosedIsNotServedUnderItsNumbersNextOwner() throws Exception {
    int[] first = readyPipe();
    int[] dropped = readyPipe();
    poll.add(
        first[0],
        Posix.POLLIN,
        events -> {
          served.add("first");
          poll.forget(dropped[0]);
          close(dropped[0]);
          int[] next = readyPipe();
          assertThat(next).contains(dropped[0]);
        });
    poll.add(dropped[0], Posix.POLLIN, events -> served.add("dropped"));

    round();

    assertThat(served).containsExactly("first");
  }

  @Test
  void theNextRoundBeginsWithNothing() throws Exception {
    poll.add(readyPipe()[0], Posix.POLLIN, events -> served.add("last round"));
    round();
    served.clear();

    poll.clear();
    poll.add(readyPipe()[0], Posix.POLLIN, events -> served.add("this round"));
    round();

    assertThat(served).containsExactly("this round");
  }

  @Test
  void itGrows() throws Exception {
    int[] pipe = readyPipe();
    for (int i = 0; i < 1000; i++) {
      poll.add(pipe[0], Posix.POLLIN, events -> served.add("again"));
    }

    round();

    assertThat(served).hasSize(1000);
  }

  private void round() throws Exception {
    poll.await(0);
    poll.serve();
  }

  private int[] readyPipe() {
    int[] pipe = pipe();
    assertThat(Posix.write(pipe[1], ByteBuffer.allocateDirect(1), 0, 1)).isOne();
    return pipe;
  }

  private int[] pipe() {
    int[] pipe = new int[2];
    assertThat(Posix.pipe(pipe)).isZero();
    open.add(pipe[0]);
    open.add(pipe[1]);
    return pipe;
  }

  private void close(int fd) {
    assertThat(open.remove(fd)).isTrue();
    assertThat(Posix.close(fd)).isZero();
  }
}
