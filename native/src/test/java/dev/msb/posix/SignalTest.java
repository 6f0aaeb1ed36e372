package dev.msb.posix;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class SignalTest {

  @ParameterizedTest
  @ValueSource(strings = {"-Xrs", "-XX:+UseSerialGC"})
  void everySignalArrivesAndNoHookRuns(String option) throws IOException {
    int[] out = Io.pipe();
    int pid = JavaChild.start(out[1], Programs.Signals.class, option);
    Posix.close(out[1]);
    assertThat(Io.read(out[0])).isEqualTo("ready\n");
    int[] signals = {
      Posix.SIGINT,
      Posix.SIGHUP,
      Posix.SIGQUIT,
      Posix.SIGUSR1,
      Posix.SIGUSR2,
      Posix.SIGWINCH,
      Posix.SIGTSTP,
      Posix.SIGCONT,
      Posix.SIGCHLD,
      Posix.SIGTERM
    };
    for (int signal : signals) {
      assertThat(Posix.kill(pid, signal)).isZero();
      assertThat(Io.read(out[0])).isEqualTo(signal + "\n");
    }
    assertThat(Io.readToEnd(out[0])).isEmpty();
    assertThat(Io.exitStatus(pid)).isEqualTo(128 + Posix.SIGINT);
    Posix.close(out[0]);
  }

  @Test
  void raisedStopStopsAndTheHandlerComesBack() throws IOException {
    int[] out = Io.pipe();
    // The shell may hear of the stop once more before it hears of the end.
    String script =
        "set -m; \"$@\" & wait $!; echo stopped: $?; kill -CONT $!;"
            + " while wait -f $!; s=$?; [ $s -eq 148 ]; do :; done; echo ended: $s";
    int pid = JavaChild.startAsJob(out[1], script, Programs.Stop.class);
    Posix.close(out[1]);
    assertThat(Io.readToEnd(out[0]))
        .isEqualTo("stopped: " + (128 + Posix.SIGTSTP) + "\ncontinued\nhandled\nended: 0\n");
    assertThat(Io.exitStatus(pid)).isZero();
    Posix.close(out[0]);
  }

  @Test
  void exitIsAtOnce() throws IOException {
    int[] out = Io.pipe();
    int pid = JavaChild.start(out[1], Programs.Exit.class);
    Posix.close(out[1]);
    assertThat(Io.readToEnd(out[0])).isEmpty();
    assertThat(Io.exitStatus(pid)).isEqualTo(9);
    Posix.close(out[0]);
  }

  @Test
  void thereIsOnePipe() {
    int pipe = Posix.signalPipe(new int[] {Posix.SIGWINCH});
    assertThat(pipe).isPositive();
    assertThat(Posix.signalPipe(new int[] {Posix.SIGUSR1})).isEqualTo(pipe);
    assertThat(Posix.resetSignal(Posix.SIGWINCH)).isZero();
    assertThat(Posix.resetSignal(Posix.SIGUSR1)).isZero();
  }

  @Test
  void signalToThisProcessArrivesAsItsNumber() throws IOException {
    int pipe = Posix.check(Posix.signalPipe(new int[] {Posix.SIGUSR1}), "signalPipe");
    assertThat(Posix.kill(Posix.getpid(), Posix.SIGUSR1)).isZero();
    assertThat(Io.poll(pipe, Posix.POLLIN, -1)).isEqualTo(Posix.POLLIN);
    assertThat(Io.read(pipe)).isEqualTo(String.valueOf((char) Posix.SIGUSR1));
    assertThat(Posix.resetSignal(Posix.SIGUSR1)).isZero();
  }

  @Test
  void killIsNoSignalToHandle() {
    assertThat(Posix.signalPipe(new int[] {Posix.SIGKILL})).isEqualTo(-Posix.EINVAL);
    assertThat(Posix.ignored(0)).isEqualTo(-Posix.EINVAL);
  }

  @Test
  void ignoredSignalIsKnown() {
    assertThat(Posix.ignored(Posix.SIGUSR1)).isZero();
  }
}
