package dev.msb.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msb.it.Msb.Result;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A guest whose root wants to write to the user's terminal in our name.
@Timeout(300)
class GuestTextVmTest {
  private static final String PRINTABLE_LINES = "([\\x20-\\x7e]*\n)*";
  private static final String HOSTILE =
      "\u001b[2J\u001b]0;title\u0007\u001b]52;c;bXNi\u0007\nmsb: all is well\r\u009b2J\u202e\u2028";
  private static final String SHOWN =
      "\\x1b[2J\\x1b]0;title\\x07\\x1b]52;c;bXNi\\x07\\nmsb: all is well\\r\\u009b2J\\u202e\\u2028";

  private final Msb msb;

  @TempDir Path host;

  GuestTextVmTest() throws IOException {
    msb = new Msb();
  }

  @AfterEach
  void removeAll() throws Exception {
    msb.removeAll();
  }

  @Test
  void noWordOfAGuestCommandsTheTerminal() throws Exception {
    msb.create("box").ok();

    // A command in ps.
    msb.run("exec", "-d", "box", "--", "sh", "-c", "sleep 1000", "\u001b[2J\nmsb: x\u009b").ok();
    String ps = msb.run("ps").ok().stdout();
    assertThat(ps).matches(PRINTABLE_LINES).contains("\\x1b[2J\\nmsb: x").hasLineCount(2);

    // A name in a copy's error.
    msb.sh("box", "mkdir /tmp/d && echo x >\"$(printf '/tmp/d/a\\033[2J\\nmsb: b')\"").ok();
    Files.createDirectories(host.resolve("d/a\u001b[2J\nmsb: b/in"));
    Result copy = msb.run("cp", "box:/tmp/d", host.toString());
    assertThat(copy.status()).isEqualTo(125);
    assertThat(copy.stderr())
        .matches("msb: [\\x20-\\x7e]*/d/a\\\\x1b\\[2J\\\\nmsb: b[\\x20-\\x7e]*\n");

    // The console: as it is for a program, escaped for a terminal.
    msb.sh("box", "printf '\\033[2Jend of it\\n' >/dev/console").ok();
    assertThat(consoleWith("end of it")).contains("\u001b[2Jend of it");
    String words = String.join(" ", msb.command("logs", "box", "--console").command());
    ProcessBuilder script = new ProcessBuilder("script", "-qec", words, "/dev/null");
    script.environment().put("MSB_HOME", msb.home().toString());
    script.redirectInput(Path.of("/dev/null").toFile());
    Result shown = Msb.finish(script.start());
    assertThat(shown.stdout()).contains("\\x1b[2Jend of it").doesNotContain("\u001b");

    // The agent's own port, which root can take from it.
    takePort(error(HOSTILE));
    for (String[] command :
        List.of(new String[] {"wait", "box"}, new String[] {"ls", "--format", "json"})) {
      Result told = msb.run(command).ok();
      assertThat(told.stdout() + told.stderr()).matches(PRINTABLE_LINES).contains("all is well");
    }
    for (Path file :
        List.of(
            msb.sandbox("box").resolve("state"),
            msb.sandbox("box").resolve("lock"),
            msb.sandbox("box").resolve("supervisor.log"),
            msb.home().resolve("events"))) {
      assertThat(Files.readString(file)).as(file.toString()).contains(SHOWN);
      assertThat(Files.readString(file) + "\n").matches(PRINTABLE_LINES);
    }
  }

  private String consoleWith(String text) throws Exception {
    String console;
    do {
      console = msb.run("logs", "box", "--console").ok().stdout(); // it is at most a second old
    } while (!console.contains(text));
    return console;
  }

  /// Whoever drives an exec is told by the forged frame, in one line of ours.
  private void takePort(byte[] frame) throws Exception {
    Path program = host.resolve("take-port");
    Path source = host.resolve("take-port.c");
    try (InputStream in = Objects.requireNonNull(getClass().getResourceAsStream("/take-port.c"))) {
      Files.copy(in, source);
    }
    Process compiler =
        new ProcessBuilder(
                "musl-gcc", "-std=gnu11", "-static", "-o", program.toString(), source.toString())
            .redirectErrorStream(true)
            .start();
    assertThat(Msb.finish(compiler)).isEqualTo(new Result(0, "", ""));
    msb.run("cp", "-q", program.toString(), "box:/tmp/take-port").ok();
    Result told = msb.runWithInput(frame, "exec", "--stream", "box", "--", "/tmp/take-port");
    assertThat(told)
        .isEqualTo(
            new Result(
                125,
                "",
                "msb: the guest's agent broke the protocol: the agent reports: " + SHOWN + "\n"));
  }

  private static byte[] error(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(16 + 6 + utf8.length)
        .putInt(6 + utf8.length)
        .put((byte) 0x03)
        .put((byte) 0)
        .putShort((short) 0)
        .putLong(0)
        .putShort((short) 1)
        .putInt(utf8.length)
        .put(utf8)
        .array();
  }
}
