package dev.msb.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msb.it.Msb.Result;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Sandboxes that end with the program that made them, and those that do not.
@Timeout(180)
class AttachedVmTest {
  private final Msb msb;

  AttachedVmTest() throws IOException {
    msb = new Msb();
  }

  @AfterEach
  void removeAll() throws Exception {
    msb.removeAll();
  }

  @Test
  void closingStopsASandboxAndKeepsItsDisk() throws Exception {
    Creator creator = new Creator("box");
    msb.sh("box", "echo kept > /root/file").ok();
    creator.say("handle"); // closing what Sandbox.get returned does nothing
    assertThat(msb.run("ls").ok().stdout()).contains("running");
    creator.end();
    assertThat(msb.processes()).isEmpty();
    assertThat(msb.run("ls").ok().stdout()).contains("stopped ");
    assertThat(msb.sh("box", "cat /root/file").ok().stdout()).isEqualTo("kept\n");
  }

  @Test
  void closingRemovesAnEphemeralSandbox() throws Exception {
    new Creator("box", "ephemeral").end();
    assertThat(msb.run("ls", "-q").ok().stdout()).isEmpty();
    msb.awaitNoProcess();
    assertThat(msb.sandbox("box")).doesNotExist();
  }

  @Test
  void aKilledCreatorTakesItsSandboxWithItAndEveryoneIsTold() throws Exception {
    Creator creator = new Creator("box");
    Process exec = msb.command("exec", "box", "--", "sh", "-c", "echo up; exec sleep 1000").start();
    assertThat(exec.inputReader().readLine()).isEqualTo("up");
    creator.process.destroyForcibly();
    assertThat(Msb.finish(exec))
        .isEqualTo(
            new Result(125, "", "msb: the program that the sandbox is attached to has ended\n"));
    msb.awaitNoProcess();
    assertThat(msb.run("ls").ok().stdout()).contains("stopped (creator-ended)");
    assertThat(msb.sh("box", "echo again").ok().stdout()).isEqualTo("again\n");
  }

  @Test
  void aKilledCreatorOfAnEphemeralSandboxLeavesNothing() throws Exception {
    Creator creator = new Creator("box", "ephemeral");
    creator.process.destroyForcibly();
    msb.awaitNoProcess();
    assertThat(msb.sandbox("box")).doesNotExist();
  }

  @Test
  void aStartInBetweenDoesNotTakeASandboxFromItsCreator() throws Exception {
    Creator creator = new Creator("box");
    msb.run("start", "box").ok();
    creator.process.destroyForcibly();
    msb.awaitNoProcess();
    assertThat(msb.run("ls").ok().stdout()).contains("stopped (creator-ended)");
  }

  @Test
  void aRestartByTheCreatorKeepsItAttached() throws Exception {
    Creator creator = new Creator("box");
    creator.say("restart");
    creator.process.destroyForcibly();
    msb.awaitNoProcess();
    assertThat(msb.run("ls").ok().stdout()).contains("stopped (creator-ended)");
  }

  @Test
  void aReplacedSandboxIsNoLongerItsCreators() throws Exception {
    Creator creator = new Creator("box");
    msb.create("box", "--replace").ok();
    creator.end();
    assertThat(msb.sh("box", "echo up").ok().stdout()).isEqualTo("up\n");
    assertThat(msb.run("ls").ok().stdout()).contains("running");
  }

  @Test
  void aDetachedSandboxOutlivesItsCreator() throws Exception {
    new Creator("box", "detached").end();
    assertThat(msb.run("ls").ok().stdout()).contains("running");
  }

  @Test
  void aCreatorThatIsKilledWhileItCreatesLeavesNoVm() throws Exception {
    SlowQemu.use(msb);
    Process create = msb.command("run", "--accel", "tcg", "--", "true").start();
    while (msb.processes().isEmpty()) {
      assertThat(create.isAlive()).isTrue();
    }
    create.destroyForcibly().waitFor();
    SlowQemu.letGo(msb);
    msb.awaitNoProcess();
    assertThat(msb.run("ls", "-q").ok().stdout()).isEmpty();
  }

  @Test
  void aKilledRunLeavesItsNamedSandboxStopped() throws Exception {
    Process run = msb.command("run", "-n", "box", "--", "sh", "-c", "echo up; sleep 1000").start();
    assertThat(run.inputReader().readLine()).isEqualTo("up");
    run.destroyForcibly();
    msb.awaitNoProcess();
    assertThat(msb.run("ls").ok().stdout()).contains("stopped (creator-ended)");
  }

  @Test
  void aKilledSupervisorOfAnEphemeralSandboxIsTidiedUpByTheNextLs() throws Exception {
    msb.create("box", "--ephemeral").ok();
    msb.supervisor().destroyForcibly();
    msb.awaitNoProcess();
    assertThat(msb.sandbox("box")).exists();
    assertThat(msb.run("ls", "-q").ok().stdout()).isEmpty();
    assertThat(msb.sandbox("box")).doesNotExist();
  }

  /// A program of a user of the SDK, in a JVM of its own.
  private final class Creator {
    private final Process process;
    private final BufferedReader out;
    private final Writer in;

    Creator(String... words) throws Exception {
      Path dist = Path.of(System.getProperty("msb.root", ".."), "dist").toAbsolutePath();
      List<String> command =
          new ArrayList<>(
              List.of(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "--enable-native-access=ALL-UNNAMED",
                  "-cp",
                  System.getProperty("java.class.path"),
                  Path.of("src/test/resources/Creator.java").toString()));
      command.addAll(Arrays.asList(words));
      ProcessBuilder builder =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
      builder.environment().put("MSB_HOME", msb.home().toString());
      builder.environment().putIfAbsent("MSB_DIST", dist.toString());
      process = builder.start();
      out = process.inputReader();
      in = process.outputWriter();
      assertThat(line()).isEqualTo("up");
    }

    private String line() {
      try {
        return String.valueOf(out.readLine());
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }

    void say(String word) throws IOException {
      in.write(word + "\n");
      in.flush();
      assertThat(line()).isEqualTo("done");
    }

    /// Lets it leave its sandbox and end.
    void end() throws Exception {
      in.close();
      assertThat(process.waitFor()).isZero();
    }
  }
}
