package dev.msb.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msb.it.Msb.Result;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// One exec in one sandbox: its pipes, its status, its surroundings.
@Tag("quick")
@Timeout(120)
class ExecVmTest extends BoxTest {
  ExecVmTest() throws IOException {}

  @ParameterizedTest
  @ValueSource(strings = {"C", "C.UTF-8", "POSIX"})
  void argumentsAreBytesInAnyLocale(String locale) throws Exception {
    // The shell makes bytes of it that are no UTF-8, which Java could not pass on.
    String script =
        "exec \"$0\" exec box -- printf %s \"$(printf '\\303\\274\\342\\202\\254 \\377\\200')\"";
    ProcessBuilder command = msb.command("x");
    command.command("sh", "-c", script, command.command().getFirst());
    command.environment().put("LC_ALL", locale);
    Process process = command.start();
    process.getOutputStream().close();
    assertThat(process.getInputStream().readAllBytes())
        .isEqualTo(HexFormat.of().parseHex("c3bce282ac20ff80"));
    assertThat(process.waitFor()).isZero();
  }

  @Test
  void aProcessIsDrivenTurnByTurn() throws Exception {
    Process awk = stream("awk", "{ print \"ack:\" $0; fflush() }");
    OutputStream in = awk.getOutputStream();
    try (BufferedReader out = awk.inputReader()) {
      for (int turn = 0; turn < 20; turn++) {
        in.write(("turn" + turn + "\n").getBytes(StandardCharsets.UTF_8));
        in.flush();
        assertThat(out.readLine()).isEqualTo("ack:turn" + turn);
      }
      in.close();
      assertThat(out.readLine()).isNull();
    }
    assertThat(awk.waitFor()).isZero();
  }

  @Test
  void theGuestsClockIsTheHosts() throws Exception {
    Instant before = Instant.now();
    long guest = Long.parseLong(msb.sh("box", "date +%s").ok().stdout().strip());
    assertThat(Instant.ofEpochSecond(guest))
        .isBetween(before.minusSeconds(2), Instant.now().plusSeconds(2));
  }

  @Test
  void streamsAreApartAndTheStatusIsTheCommands() throws Exception {
    Result result = msb.sh("box", "echo out; echo err >&2; exit 7");
    assertThat(result).isEqualTo(new Result(7, "out\n", "err\n"));
  }

  @Test
  void everyByteArrivesInBothDirections() throws Exception {
    byte[] input = new byte[8 * 1024 * 1024];
    new Random(7).nextBytes(input);
    Process cat = stream("cat");
    Thread writer =
        Thread.ofVirtual()
            .start(() -> {
              try (OutputStream in = cat.getOutputStream()) {
                in.write(input);
              } catch (IOException e) {
                cat.destroyForcibly();
              }
            });
    byte[] output = cat.getInputStream().readAllBytes();
    writer.join();
    assertThat(cat.waitFor()).isZero();
    assertThat(sha256(output)).isEqualTo(sha256(input));
  }

  @Test
  void aPipedInputWithoutStreamIsNotCollectedFirst() throws Exception {
    Process head = msb.command("exec", "box", "--", "head", "-n", "1").start();
    try (OutputStream in = head.getOutputStream();
        BufferedReader out = head.inputReader()) {
      in.write("one\n".getBytes(StandardCharsets.UTF_8));
      in.flush();
      assertThat(out.readLine()).isEqualTo("one"); // while stdin is still open
      assertThat(head.waitFor()).isZero();
    }
  }

  /// Runs a script of the shell, in which `$0` is msb and `$1` a file of five lines.
  private String script(String text) throws Exception {
    Path list = Files.createTempFile("msb-it-", ".list");
    try {
      Files.writeString(list, "1\n2\n3\n4\n5\n");
      ProcessBuilder shell = msb.command();
      shell.command("sh", "-c", text, shell.command().getFirst(), list.toString());
      return Msb.finish(shell.start()).ok().stdout();
    } finally {
      Files.delete(list);
    }
  }

  @Test
  void aFileAsStdinIsLeftWhereTheCommandStoppedToRead() throws Exception {
    String all = "1\n2\n3\n4\n5\n";
    assertThat(script("while read -r l; do echo $l; $0 exec box -- true; done < $1"))
        .isEqualTo(all);
    assertThat(
            script(
                "while read -r l; do echo $l; $0 exec box -- dd bs=1 count=2; done 2>/dev/null < $1"))
        .isEqualTo(all);
    assertThat(script("($0 exec box -- no-such-command; cat) 2>/dev/null < $1")).isEqualTo(all);
    assertThat(script("(read -r l; $0 exec box -- cat; cat) < $1")).isEqualTo("2\n3\n4\n5\n");
  }

  @Test
  void aDescriptorThatIsClosedGetsAndGivesNothing() throws Exception {
    // As a command here, one whose stderr is closed goes on, and ends with its own status.
    assertThat(
            script(
                "$0 exec box -- sh -c 'for i in 1 2 3; do echo $i >&2; echo $i; done; exit 7' 2>&-;"
                    + " echo $?"))
        .isEqualTo("1\n2\n3\n7\n");
    // One whose stdout is closed is told so, as one that writes without end must be.
    assertThat(script("$0 exec box -- yes >&-; echo $?")).isEqualTo("141\n");
    assertThat(script("$0 exec box -- true >&-; echo $?")).isEqualTo("0\n");
    assertThat(script("$0 exec box -- cat <&-; echo $?")).isEqualTo("0\n");
    assertThat(script("$0 exec box -- sh -c 'cat; exit 3' <&- 2>&-; echo $?")).isEqualTo("3\n");
    assertThat(script("$0 no-such-command 2>&-; echo $?")).isEqualTo("2\n");
  }

  @Test
  void aPipeAsStdinIsLeftAloneIfAskedFor() throws Exception {
    assertThat(script("cat $1 | while read -r l; do echo $l; $0 exec -n box -- cat; done"))
        .isEqualTo("1\n2\n3\n4\n5\n");
    assertThat(msb.run("exec", "-n", "--stdin", "pipe", "box", "--", "cat").status()).isEqualTo(2);
  }

  @ParameterizedTest(name = "{0}: {2}")
  @CsvSource(
      delimiter = '|',
      value = {
        "not found        | no-such-command       | 127 | msb: cannot run \"no-such-command\": not found",
        "a path not there | /bin/no-such-command  | 127 | msb: cannot run \"/bin/no-such-command\": not found",
        "not executable   | /etc/passwd           | 126 | msb: cannot run \"/etc/passwd\"",
        "a directory      | /etc                  | 126 | msb: cannot run \"/etc\"",
      })
  void aCommandThatCannotRunIsTold(String name, String command, int status, String message)
      throws Exception {
    Result result = msb.run("exec", "box", "--", command);
    assertThat(result.status()).isEqualTo(status);
    assertThat(result.stdout()).isEmpty();
    assertThat(result.stderr()).startsWith(message).hasLineCount(1);
  }

  @Test
  void aMissingDirectoryIsNotAMissingCommand() throws Exception {
    Result result = msb.run("exec", "-w", "/no/such/dir", "box", "--", "true");
    assertThat(result.status()).isEqualTo(125);
    assertThat(result.stderr()).contains("/no/such/dir").hasLineCount(1);
  }

  @Test
  void anUnknownUserIsNamed() throws Exception {
    Result result = msb.run("exec", "-u", "somebody-else", "box", "--", "true");
    assertThat(result.status()).isEqualTo(125);
    assertThat(result.stderr()).contains("somebody-else").hasLineCount(1);
  }

  @Test
  void theSurroundingsAreAsAsked() throws Exception {
    Result result =
        msb.run(
            "exec",
            "-e",
            "GREETING=hello world",
            "-w",
            "/tmp",
            "-u",
            "nobody",
            "--rlimit",
            "nofile=100:200",
            "box",
            "--",
            "sh",
            "-c",
            "echo $GREETING; pwd; id -un; ulimit -Sn; ulimit -Hn");
    assertThat(result.ok().stdout()).isEqualTo("hello world\n/tmp\nnobody\n100\n200\n");
  }

  @Test
  void deathByASignalIs128AndItsNumber() throws Exception {
    assertThat(msb.sh("box", "kill -SEGV $$").status()).isEqualTo(128 + 11);
    assertThat(msb.sh("box", "kill -KILL $$").status()).isEqualTo(128 + 9);
  }

  @Test
  void aTimeoutIs124() throws Exception {
    Result result =
        msb.run("exec", "--timeout", "3s", "box", "--", "sh", "-c", "echo a; sleep 1000");
    assertThat(result.status()).isEqualTo(124);
    assertThat(result.stdout()).isEqualTo("a\n");
  }

  @Test
  void aTimeoutIsEnforcedOnAProcessThatIgnoresSigterm() throws Exception {
    Result result =
        msb.run(
            "exec",
            "--timeout",
            "300ms",
            "--kill-after",
            "300ms",
            "box",
            "--",
            "sh",
            "-c",
            "trap '' TERM; while :; do sleep 1000; done");
    assertThat(result.status()).isEqualTo(124);
  }

  @Test
  void aSignalReachesTheProcessAndWeEndAsItDoes() throws Exception {
    Process trap =
        msb.command(
                "exec",
                "box",
                "--",
                "sh",
                "-c",
                "trap 'echo caught; exit 3' TERM; echo ready; while :; do sleep 1; done")
            .start();
    BufferedReader out = trap.inputReader();
    assertThat(out.readLine()).isEqualTo("ready");
    trap.toHandle().destroy(); // SIGTERM; Process.destroy would close the streams, too
    assertThat(out.readLine()).isEqualTo("caught");
    assertThat(trap.waitFor()).isEqualTo(3);
  }

  @Test
  void anUnreadOutputBreaksThePipe() throws Exception {
    Process yes = stream("yes");
    assertThat(yes.inputReader().readLine()).isEqualTo("y");
    yes.getInputStream().close();
    assertThat(yes.waitFor()).isEqualTo(128 + 13);
  }

  @Test
  void theRootIsWritableAndNoNetworkIsThere() throws Exception {
    Result result = msb.sh("box", "echo kept > /root/file && cat /root/file; ls /sys/class/net");
    assertThat(result.ok().stdout()).isEqualTo("kept\nlo\n");
  }

  static String sha256(byte[] bytes) throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
  }
}
