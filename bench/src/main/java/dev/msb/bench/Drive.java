package dev.msb.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.util.List;

/// A `drive` at work: see `drive.c`.
final class Drive implements AutoCloseable {
  private final Process process;
  private final Writer commands;
  private final BufferedReader answers;

  Drive(ProcessBuilder builder) throws IOException {
    process = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
    commands = process.outputWriter();
    answers = process.inputReader();
  }

  private String ask(String command) throws IOException {
    commands.write(command + "\n");
    commands.flush();
    String answer = answers.readLine();
    if (answer == null) {
      throw new IOException("the peer of \"" + command + "\" ended");
    }
    return answer;
  }

  void say(String text) throws IOException {
    ask("say " + text);
  }

  /// Turns of 1 KiB, in microseconds.
  void turns(int count, Series into) throws IOException {
    for (String nanos : List.of(ask("turns " + count + " 1024").strip().split(" ", -1))) {
      into.add(Long.parseLong(nanos) / 1e3);
    }
  }

  /// Bytes sent, in MiB/s.
  void send(long bytes, Series into) throws IOException {
    into.add(bytes / 1048576.0 / (Long.parseLong(ask("send " + bytes)) / 1e9));
  }

  /// Bytes received, in MiB/s.
  void receive(long bytes, Series into) throws IOException {
    into.add(bytes / 1048576.0 / (Long.parseLong(ask("receive " + bytes)) / 1e9));
  }

  @Override
  public void close() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
    process.onExit().join();
  }
}
