package dev.msb.sdk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msb.protocol.EndReason;
import dev.msb.protocol.ExitRecord;
import dev.msb.protocol.Frame;
import dev.msb.protocol.Protocol;
import dev.msb.protocol.StdStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What is not wanted may be lost on its way.
@Timeout(30)
class ClosedOutputTest {
  @Test
  void anOutputThatWasClosedHereMayEndAnywhere() throws Exception {
    try (FakeSupervisor supervisor = new FakeSupervisor()) {
      SandboxProcess process = supervisor.running(Protocol.DEFAULT_WINDOW_BYTES);
      process.getInputStream().close();
      supervisor.expect(Frame.Close.class);
      // 5,000 bytes crossed the CLOSE and were dropped by the supervisor; then came SIGPIPE.
      supervisor.send(new Frame.Close(supervisor.id(), StdStream.STDOUT, 5000));
      supervisor.send(
          new Frame.Exit(
              supervisor.id(),
              new ExitRecord(
                  true, 13, false, false, false, EndReason.NONE, 5000, 0, 0, 0, 0, 0, 0)));
      assertThat(process.awaitExit()).isEqualTo(new ExitStatus.Signaled(13, false));
    }
  }
}
