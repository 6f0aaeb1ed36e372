package dev.msb.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msb.posix.Posix;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class WorkersTest {
  private static final ByteBuffer BYTE = ByteBuffer.allocateDirect(1);

  private final PollSet poll = new PollSet();
  private final Thread loop = Thread.currentThread();
  private final List<String> told = new ArrayList<>();

  @TempDir Path directory;

  /// The listener takes nobody in, so the second connection has to wait for it; a frame that comes
  /// meanwhile does not.
  @Test
  void aConnectThatBlocksHoldsUpNothingAndHandsBackItsDescriptor() throws Exception {
    byte[] path = directory.resolve("s").toString().getBytes(StandardCharsets.UTF_8);
    int listener = Posix.check(Posix.listen(path, 0), "listen");
    int first = Posix.check(Posix.connect(path), "connect");
    int[] pipe = pipe();
    Connect connect = new Connect(path);
    try (Workers workers = new Workers(4)) {
      assertThat(workers.submit(connect)).isTrue();
      connect.begun.await();
      Posix.write(pipe[1], BYTE, 0, 1);

      round(workers, pipe[0]);
      assertThat(told).containsExactly("frame");

      Posix.close(Posix.check(Posix.accept(listener), "accept"));
      while (!told.contains("connected")) {
        round(workers, -1);
      }
      int accepted = Posix.check(Posix.accept(listener), "accept");
      assertThat(Posix.write(connect.fd, BYTE, 0, 1)).isOne();
      assertThat(Posix.read(accepted, ByteBuffer.allocateDirect(1), 0, 1)).isOne();
      close(accepted, connect.fd);
    }
    close(listener, first, pipe[0], pipe[1]);
  }

  @Test
  void aFailureIsTold() throws Exception {
    try (Workers workers = new Workers(2)) {
      workers.submit(new Connect(new byte[] {'/', 'n', 'o', 't', 'h', 'e', 'r', 'e'}));
      workers.submit(
          new Told() {
            @Override
            public void work() {
              throw new IllegalStateException("a bug");
            }
          });
      while (told.size() < 2) {
        round(workers, -1);
      }
    }

    assertThat(told)
        .containsExactlyInAnyOrder(
            "connect: No such file or directory (ENOENT)",
            "java.lang.IllegalStateException: a bug");
  }

  @Test
  void noMoreJobsAreTakenThanThereMayBe() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    try (Workers workers = new Workers(2)) {
      assertThat(workers.submit(new Wait(go))).isTrue();
      assertThat(workers.submit(new Wait(go))).isTrue();
      assertThat(workers.submit(new Wait(go))).isFalse();

      go.countDown();
      while (told.size() < 2) {
        round(workers, -1);
      }

      assertThat(workers.submit(new Wait(go))).isTrue();
      while (told.size() < 3) {
        round(workers, -1);
      }
    }

    assertThat(told).hasSize(3);
  }

  @Test
  void manyResultsComeBackOnceEach() throws Exception {
    CountDownLatch go = new CountDownLatch(0);
    int submitted = 0;
    try (Workers workers = new Workers(8)) {
      while (told.size() < 2000) {
        while (submitted < 2000 && workers.submit(new Wait(go))) {
          submitted++;
        }
        round(workers, -1);
      }
    }

    assertThat(told).hasSize(2000).containsOnly("done");
  }

  /// So nobody's descriptor stays open.
  @Test
  void theEndDiscardsWhatNobodyHasTaken() throws Exception {
    Opened opened = new Opened(new CountDownLatch(0));
    Workers workers = new Workers(2);
    workers.submit(opened);
    opened.ended.await();

    workers.close();

    assertThat(told).isEmpty();
    assertThat(opened.discarded.await(10, TimeUnit.SECONDS)).isTrue();
    assertThat(Posix.close(opened.fd)).isEqualTo(-Posix.EBADF);
  }

  @Test
  void aJobThatIsUnderWayAtTheEndIsDiscardedWhenItEnds() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    Opened opened = new Opened(go);
    Workers workers = new Workers(2);
    workers.submit(opened);

    workers.close();
    assertThat(opened.discarded.getCount()).isOne();

    go.countDown();
    opened.discarded.await();
    assertThat(told).isEmpty();
  }

  @Test
  void withoutAJobThereIsNothingToWaitFor() throws Exception {
    try (Workers workers = new Workers(2)) {
      workers.watch(poll);
      poll.await(0);
      poll.serve();
    }

    assertThat(told).isEmpty();
  }

  private void round(Workers workers, int frames) throws IOException {
    poll.clear();
    poll.add(
        frames,
        Posix.POLLIN,
        events -> {
          Posix.read(frames, ByteBuffer.allocateDirect(1), 0, 1);
          told.add("frame");
        });
    workers.watch(poll);
    poll.await(10_000);
    poll.serve();
  }

  private static int[] pipe() {
    int[] pipe = new int[2];
    assertThat(Posix.pipe(pipe)).isZero();
    return pipe;
  }

  private static void close(int... fds) {
    for (int fd : fds) {
      assertThat(Posix.close(fd)).isZero();
    }
  }

  /// A job that says how it ended.
  private abstract class Told implements Workers.Job {
    @Override
    public void done(@Nullable IOException failure) {
      assertThat(Thread.currentThread()).isSameAs(loop);
      told.add(failure == null ? success() : String.valueOf(failure.getMessage()));
    }

    String success() {
      return "done";
    }

    @Override
    public void discard() {}
  }

  private final class Wait extends Told {
    private final CountDownLatch go;

    Wait(CountDownLatch go) {
      this.go = go;
    }

    @Override
    public void work() throws IOException {
      awaitQuietly(go);
    }
  }

  private final class Connect extends Told {
    final CountDownLatch begun = new CountDownLatch(1);
    private final byte[] path;
    int fd = -1;

    Connect(byte[] path) {
      this.path = path;
    }

    @Override
    public void work() throws IOException {
      assertThat(Thread.currentThread()).isNotSameAs(loop);
      begun.countDown();
      fd = Posix.check(Posix.connect(path), "connect");
    }

    @Override
    String success() {
      return "connected";
    }
  }

  private final class Opened extends Told {
    final CountDownLatch ended = new CountDownLatch(1);
    final CountDownLatch discarded = new CountDownLatch(1);
    private final CountDownLatch go;
    int fd = -1;

    Opened(CountDownLatch go) {
      this.go = go;
    }

    @Override
    public void work() throws IOException {
      awaitQuietly(go);
      fd = Posix.check(Posix.open("/dev/null".getBytes(StandardCharsets.UTF_8), 0, 0), "open");
      ended.countDown();
    }

    @Override
    public void discard() {
      assertThat(Posix.close(fd)).isZero();
      discarded.countDown();
    }
  }

  private static void awaitQuietly(CountDownLatch latch) throws IOException {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }
}
