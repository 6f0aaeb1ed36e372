package dev.msb.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/// A terminal of its own: a shell in a tmux that nobody else uses.
///
/// What the terminal is sent is read as it comes, so that a test waits for words and not for a
/// while. A wait begins where the last one ended. Words that are typed are echoed: wait for what
/// only a command that ran can say.
final class Tmux {
  /// What the shell says when it wants a command.
  static final String PROMPT = "host> ";

  private final Path directory;
  private final Map<String, String> environment;
  private final ProcessHandle server;
  private final Thread reader;
  private final BlockingQueue<byte[]> output = new LinkedBlockingQueue<>();
  private final ByteArrayOutputStream seen = new ByteArrayOutputStream();
  private int searched;

  /// Starts a shell in a window of this size.
  Tmux(Path directory, Map<String, String> environment, int columns, int rows)
      throws IOException, InterruptedException {
    this.directory = directory;
    this.environment = environment;
    List<String> words = new ArrayList<>(List.of("new-session", "-d"));
    words.addAll(List.of("-x", Integer.toString(columns), "-y", Integer.toString(rows)));
    words.addAll(List.of("-c", directory.toString()));
    words.addAll(List.of("env", "PS1=" + PROMPT, "sh")); // a shell between would drop the prompt
    tmux(words.toArray(new String[0]));
    server = ProcessHandle.of(Long.parseLong(show("#{pid}"))).orElseThrow();
    Path pipe = directory.resolve("output");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    tmux("pipe-pane", "cat >'" + pipe + "'");
    reader = Thread.ofVirtual().start(() -> read(pipe));
    line("echo re''ady"); // what the shell said before the pipe was there is not seen
    await("ready\r\n");
    await(PROMPT);
  }

  /// Types a line and presses Enter.
  void line(String text) throws IOException, InterruptedException {
    type(text);
    press("Enter");
  }

  void type(String text) throws IOException, InterruptedException {
    // As numbers: the locale that the test runs in may not have the characters.
    List<String> words = new ArrayList<>(List.of("send-keys", "-H"));
    for (byte code : text.getBytes(StandardCharsets.UTF_8)) {
      words.add(Integer.toHexString(code & 0xff));
    }
    tmux(words.toArray(new String[0]));
  }

  /// Presses keys by their names: `C-c`, `Enter`.
  void press(String... keys) throws IOException, InterruptedException {
    List<String> words = new ArrayList<>(List.of("send-keys"));
    words.addAll(Arrays.asList(keys));
    tmux(words.toArray(new String[0]));
  }

  void resize(int columns, int rows) throws IOException, InterruptedException {
    tmux("resize-window", "-x", Integer.toString(columns), "-y", Integer.toString(rows));
  }

  /// Puts what comes out of the pipe into the queue, and nothing at its end.
  private void read(Path pipe) {
    try (InputStream in = Files.newInputStream(pipe)) {
      byte[] chunk = new byte[4096];
      for (int count = in.read(chunk); count > 0; count = in.read(chunk)) {
        output.add(Arrays.copyOf(chunk, count));
      }
    } catch (IOException e) {
      output.add(e.toString().getBytes(StandardCharsets.UTF_8));
    }
    output.add(new byte[0]);
  }

  /// Waits until the terminal was sent this, and returns all that came before it.
  String await(String text) throws InterruptedException {
    // A character a byte, so that what was searched can be counted.
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    String wanted = new String(bytes, StandardCharsets.ISO_8859_1);
    while (true) {
      String unread = seen.toString(StandardCharsets.ISO_8859_1).substring(searched);
      int at = unread.indexOf(wanted);
      if (at >= 0) {
        searched += at + wanted.length();
        byte[] before = unread.substring(0, at).getBytes(StandardCharsets.ISO_8859_1);
        return new String(before, StandardCharsets.UTF_8);
      }
      byte[] chunk = next(text);
      if (chunk.length == 0) {
        throw new AssertionError("no \"" + text + "\" in:\n" + this);
      }
      seen.writeBytes(chunk);
    }
  }

  private byte[] next(String text) throws InterruptedException {
    try {
      return output.take();
    } catch (InterruptedException e) {
      System.err.println("still no \"" + text + "\" in:\n" + this);
      throw e;
    }
  }

  /// The lines that are seen now, without spaces at their ends.
  List<String> screen() throws IOException, InterruptedException {
    return tmux("capture-pane", "-p").lines().map(String::stripTrailing).toList();
  }

  /// What tmux knows of the window: `#{pane_tty}`.
  String show(String format) throws IOException, InterruptedException {
    return tmux("display-message", "-p", format).strip();
  }

  private String tmux(String... words) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("tmux", "-L", "msb", "-f", "/dev/null"));
    command.addAll(Arrays.asList(words));
    ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
    builder.environment().putAll(environment); // a server has that of its first client
    builder.environment().put("TMUX_TMPDIR", directory.toString());
    builder.environment().put("LC_ALL", "C.UTF-8");
    builder.environment().keySet().removeAll(List.of("TMUX", "COLORTERM", "MSB_DETACH_KEYS"));
    return Msb.finish(builder.start()).ok().stdout();
  }

  /// Closes the window. Its programs are hung up.
  void close() throws IOException, InterruptedException {
    if (server.isAlive()) {
      tmux("kill-server");
    }
    server.onExit().join();
    reader.join();
  }

  @Override
  public String toString() {
    return seen.toString(StandardCharsets.UTF_8);
  }
}
