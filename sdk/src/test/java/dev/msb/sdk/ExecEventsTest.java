package dev.msb.sdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msb.protocol.EndReason;
import dev.msb.protocol.ErrorCode;
import dev.msb.protocol.ExitRecord;
import dev.msb.protocol.Frame;
import dev.msb.protocol.Protocol;
import dev.msb.protocol.StartRequest;
import dev.msb.protocol.StdStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ExecEventsTest {
  private static final int WINDOW = Protocol.DEFAULT_WINDOW_BYTES;

  private final FakeSupervisor supervisor;
  private final long id;
  private long stdout; // bytes sent
  private long stderr;

  ExecEventsTest() throws Exception {
    supervisor = new FakeSupervisor();
    id = supervisor.id();
  }

  @AfterEach
  void close() throws IOException {
    supervisor.close();
  }

  @Test
  void bothOutputsComeInOneOrder() throws Exception {
    ExecEvents events = started();
    supervisor.send(out("a"), err("b"), err("c"), out("d"), exit(), end1(), end2());
    List<String> told = new ArrayList<>();
    for (ExecEvent event : events) {
      told.add(tell(event));
      if (told.size() == 1) {
        supervisor.clientClosed(); // all of it has come
      }
    }
    assertThat(told).containsExactly("started 42", "out a", "err bc", "out d", "exited 3");
    assertThat(events.next()).isEmpty();
  }

  @Test
  void theExitComesLastThoughItOvertookTheOutput() throws Exception {
    ExecEvents events = started();
    stdout = 4;
    Frame exit = exit();
    stdout = 0;
    supervisor.send(exit, out("late"), end1(), end2());
    assertThat(events.stream().map(ExecEventsTest::tell).toList())
        .containsExactly("started 42", "out late", "exited 3");
  }

  @Test
  void aLossIsTheLastEventAfterAllThatCame() throws Exception {
    ExecEvents events = started();
    supervisor.send(out("some"), new Frame.Error(0, ErrorCode.AGENT_LOST, "QEMU was killed"));
    supervisor.hangUp();
    assertThat(events.stream().map(ExecEventsTest::tell).toList())
        .containsExactly("started 42", "out some", "lost QEMU was killed");
  }

  @Test
  void anOutputCutShortIsALossThoughTheExitIsKnown() throws Exception {
    ExecEvents events = started();
    supervisor.send(exit(), out("some"));
    supervisor.hangUp();
    assertThat(events.stream().map(ExecEventsTest::tell).toList())
        .containsExactly("started 42", "out some", "lost the supervisor ended");
  }

  @Test
  void whatIsNotTakenIsNotGranted() throws Exception {
    ExecEvents events = started();
    byte[] half = new byte[WINDOW / 8];
    for (int i = 0; i < 8; i++) {
      supervisor.send(out(new String(half, StandardCharsets.US_ASCII)));
    }
    events.next(); // Started
    int taken = 0;
    while (taken < WINDOW / 4) {
      taken += ((ExecEvent.Stdout) events.next().orElseThrow()).bytes().remaining();
    }
    // The first CREDIT is for what was taken, which may be less than the run that came last.
    assertThat(supervisor.expect(Frame.Credit.class).offset())
        .isBetween(WINDOW + WINDOW / 4L, (long) WINDOW + taken);
    events.close();
    assertThat(supervisor.clientClosed()).isTrue();
    assertThat(events.next()).isEmpty();
  }

  @Test
  void aWaitIsInterruptibleAndLosesNothing() throws Exception {
    ExecEvents events = started();
    events.next();
    Thread.currentThread().interrupt();
    assertThatThrownBy(events::next).isInstanceOf(InterruptedException.class);
    supervisor.send(out("x"));
    assertThat(events.next().map(ExecEventsTest::tell)).contains("out x");
  }

  @Test
  void anInterruptedIterationIsCancelledWithTheStatusSet() throws Exception {
    ExecEvents events = started();
    Thread.currentThread().interrupt();
    var iterator = events.iterator();
    iterator.next(); // Started, which is there
    assertThatThrownBy(iterator::hasNext).isInstanceOf(CancellationException.class);
    assertThat(Thread.interrupted()).isTrue();
    assertThatThrownBy(events::iterator).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void closingEndsAConsumerThatWaits() throws Exception {
    ExecEvents events = started();
    events.next();
    Future<Boolean> waiting = supervisor.inBackground(() -> events.next().isEmpty());
    events.close();
    assertThat(waiting.get()).isTrue();
    assertThat(supervisor.clientClosed()).isTrue();
  }

  // Flow: the numbers are those of the rules of Reactive Streams.

  @Test
  void aSubscriberGetsAsMuchAsItRequested() throws Exception {
    ExecEvents events = started();
    TestSubscriber subscriber = new TestSubscriber();
    events.subscribe(subscriber);
    supervisor.send(out("a"), err("b"), out("c"), exit(), end1(), end2());
    assertThat(supervisor.clientClosed()).isTrue(); // all has come, and nothing was asked for
    assertThat(subscriber.signal()).isEqualTo("subscribed");
    subscriber.request(2); // 1.1
    assertThat(subscriber.signal()).isEqualTo("started 42");
    assertThat(subscriber.signal()).isEqualTo("out a");
    subscriber.request(1);
    assertThat(subscriber.signal()).isEqualTo("err b");
    subscriber.request(Long.MAX_VALUE); // 3.17
    subscriber.request(Long.MAX_VALUE);
    assertThat(subscriber.signal()).isEqualTo("out c");
    assertThat(subscriber.signal()).isEqualTo("exited 3");
    assertThat(subscriber.signal()).isEqualTo("complete"); // 1.5, and without demand for it
    subscriber.request(1); // 3.6: nothing happens any more
    subscriber.cancel();
    assertThat(subscriber.isQuiet()).isTrue();
  }

  @Test
  void aSubscriberMayRequestFromWithinItsOwnCalls() throws Exception {
    ExecEvents events = started();
    TestSubscriber subscriber = new TestSubscriber();
    subscriber.requestInEachCall = true; // 3.2, 3.3
    events.subscribe(subscriber);
    supervisor.send(out("a"), err("b"), exit(), end1(), end2());
    for (String signal :
        List.of("subscribed", "started 42", "out a", "err b", "exited 3", "complete")) {
      assertThat(subscriber.signal()).isEqualTo(signal);
    }
  }

  @Test
  void aRequestOfNothingIsAnErrorAndEndsTheProcess() throws Exception {
    TestSubscriber subscriber = new TestSubscriber();
    started().subscribe(subscriber);
    assertThat(subscriber.signal()).isEqualTo("subscribed");
    subscriber.request(0); // 3.9
    assertThat(subscriber.signal()).startsWith("error java.lang.IllegalArgumentException");
    assertThat(supervisor.clientClosed()).isTrue();
  }

  @Test
  void cancellingInTheMiddleEndsTheProcessAndTheCalls() throws Exception {
    TestSubscriber subscriber = new TestSubscriber();
    started().subscribe(subscriber);
    assertThat(subscriber.signal()).isEqualTo("subscribed");
    subscriber.request(10);
    assertThat(subscriber.signal()).isEqualTo("started 42");
    subscriber.cancel(); // 3.12, 3.13
    assertThat(supervisor.clientClosed()).isTrue();
    subscriber.cancel(); // 3.7
    assertThat(subscriber.isQuiet()).isTrue();
  }

  @Test
  void aSubscriberThatThrowsHasCancelled() throws Exception {
    TestSubscriber subscriber = new TestSubscriber();
    subscriber.throwsOnNext = true; // 2.13
    started().subscribe(subscriber);
    assertThat(subscriber.signal()).isEqualTo("subscribed");
    subscriber.request(1);
    assertThat(subscriber.signal()).isEqualTo("started 42");
    assertThat(supervisor.clientClosed()).isTrue();
  }

  @Test
  @SuppressWarnings("NullAway")
  void aSecondSubscriberIsRefusedAndTheFirstNoticesNothing() throws Exception {
    ExecEvents events = started();
    TestSubscriber first = new TestSubscriber();
    TestSubscriber second = new TestSubscriber();
    events.subscribe(first);
    events.subscribe(second);
    assertThat(second.signal()).isEqualTo("subscribed"); // 1.9: first of all
    assertThat(second.signal()).startsWith("error java.lang.IllegalStateException");
    second.cancel();
    assertThat(first.signal()).isEqualTo("subscribed");
    first.request(1);
    assertThat(first.signal()).isEqualTo("started 42");
    assertThatThrownBy(() -> events.subscribe(null)).isInstanceOf(NullPointerException.class);
  }

  @Test
  void aSubscriberHearsThatSomebodyElseClosed() throws Exception {
    ExecEvents events = started();
    TestSubscriber subscriber = new TestSubscriber();
    events.subscribe(subscriber);
    assertThat(subscriber.signal()).isEqualTo("subscribed");
    events.close();
    assertThat(subscriber.signal()).startsWith("error java.util.concurrent.CancellationExc");
  }

  // Collected.

  @Test
  void whatIsOverTheLimitIsReadButNotKeptAndThatIsSaid() throws Exception {
    Future<ExecResult> running =
        supervisor.inBackground(() -> supervisor.builder("cat").outputLimit(5).exec());
    assertThat(supervisor.expect(Frame.Start.class).request().has(StartRequest.Flag.NO_STDIN))
        .isTrue();
    supervisor.send(new Frame.Started(id, 42, 0), out("12345678"), err("12345"));
    supervisor.send(out("90"), ended(0), end1(), end2());
    ExecResult result = running.get();
    assertThat(result.stdout()).isEqualTo("12345");
    assertThat(result.stdoutTruncated()).isTrue();
    assertThat(result.stderr()).isEqualTo("12345");
    assertThat(result.stderrTruncated()).isFalse();
    assertThat(result.details().stdoutTotal()).isEqualTo(10);
    assertThat(result.success()).isTrue();
    assertThatThrownBy(result::orThrow)
        .isInstanceOf(ProcessFailedException.class)
        .hasMessageContaining("10 bytes to stdout")
        .hasMessageContaining("outputLimit");
  }

  @Test
  void aFailureIsAResultUntilItIsWantedAsAnException() throws Exception {
    Future<ExecResult> running =
        supervisor.inBackground(() -> supervisor.builder("make").input("all").exec());
    assertThat(supervisor.expect(Frame.Start.class).request().has(StartRequest.Flag.NO_STDIN))
        .isFalse();
    supervisor.send(new Frame.Started(id, 42, WINDOW));
    assertThat(supervisor.expect(Frame.Data.class).bytes())
        .isEqualTo(ByteBuffer.wrap("all".getBytes(StandardCharsets.UTF_8)));
    supervisor.expect(Frame.Close.class);
    supervisor.send(err("first\nno rule\n"), ended(2), end1(), end2());
    ExecResult result = running.get();
    assertThat(result.exitValue()).isEqualTo(2);
    assertThatThrownBy(result::orThrow).hasMessage("\"make\" ended with code 2: no rule");
  }

  @Test
  void anInterruptKillsWhatRunsAndClosesTheConnection() throws Exception {
    Future<ExecResult> running = supervisor.inBackground(() -> supervisor.builder("sleep").exec());
    supervisor.expect(Frame.Start.class);
    supervisor.send(new Frame.Started(id, 42, 0));
    running.cancel(true);
    assertThat(supervisor.expect(Frame.Kill.class))
        .isEqualTo(new Frame.Kill(id, EndReason.ASKED, 0));
    assertThat(supervisor.clientClosed()).isTrue();
  }

  @Test
  void anInterruptBeforeTheStartIsKnownLeavesNothing() throws Exception {
    Future<SandboxProcess> starting =
        supervisor.inBackground(() -> supervisor.builder("sleep").keep().start());
    supervisor.expect(Frame.Start.class);
    starting.cancel(true);
    assertThat(supervisor.expect(Frame.Kill.class).exec()).isEqualTo(id);
    assertThat(supervisor.clientClosed()).isTrue();
  }

  @Test
  void aLostProcessIsAnException() throws Exception {
    Future<ExecResult> running = supervisor.inBackground(() -> supervisor.builder("cat").exec());
    supervisor.expect(Frame.Start.class);
    supervisor.send(new Frame.Started(id, 42, 0), out("some"));
    supervisor.hangUp();
    assertThatThrownBy(running::get).cause().isInstanceOf(SandboxLostException.class);
  }

  private ExecEvents started() throws Exception {
    Future<ExecEvents> starting = supervisor.inBackground(() -> supervisor.builder("cat").events());
    supervisor.expect(Frame.Start.class);
    supervisor.send(new Frame.Started(id, 42, WINDOW));
    return starting.get();
  }

  static String tell(ExecEvent event) {
    return switch (event) {
      case ExecEvent.Started started -> "started " + started.pid();
      case ExecEvent.Stdout output -> "out " + output.text();
      case ExecEvent.Stderr output -> "err " + output.text();
      case ExecEvent.Exited exited -> "exited " + exited.status().exitValue();
      case ExecEvent.Lost lost -> "lost " + lost.reason();
    };
  }

  private Frame out(String text) {
    stdout += text.length();
    return data(StdStream.STDOUT, stdout, text);
  }

  private Frame err(String text) {
    stderr += text.length();
    return data(StdStream.STDERR, stderr, text);
  }

  private Frame data(StdStream stream, long end, String text) {
    ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
    return new Frame.Data(id, stream, end - text.length(), bytes);
  }

  private Frame exit() {
    return ended(3);
  }

  private Frame ended(int code) {
    return new Frame.Exit(
        id,
        new ExitRecord(
            false, code, false, false, false, EndReason.NONE, stdout, stderr, 0, 0, 0, 0, 0));
  }

  private Frame end1() {
    return end(StdStream.STDOUT, stdout);
  }

  private Frame end2() {
    return end(StdStream.STDERR, stderr);
  }

  private Frame end(StdStream stream, long at) {
    return new Frame.Close(id, stream, at);
  }
}
