package dev.msb.it;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// A shell that is told one line after the other, with nothing on their stdin. A terminal's
/// carriage returns are left out.
final class Shell {
  /// What a line did.
  record Result(String output, String status) {}

  /// Takes lines that end with NUL, and ends the output of each, and its status, with NUL.
  private static final String LOOP =
      "while IFS= read -r -d '' line; do eval \"$line\" </dev/null; printf '\\0%d\\0' $?; done";

  private final Process process;
  private final Path errors;

  /// @param builder with the directory and the environment
  /// @param errors what goes to stderr
  Shell(ProcessBuilder builder, Path errors) throws IOException {
    this.errors = errors;
    process = builder.command("bash", "-c", LOOP).redirectError(errors.toFile()).start();
  }

  Result run(String line) throws IOException {
    OutputStream to = process.getOutputStream();
    to.write((line + "\0").getBytes(StandardCharsets.UTF_8));
    to.flush();
    return new Result(read(), read());
  }

  private String read() throws IOException {
    InputStream from = process.getInputStream();
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    for (int b = from.read(); b != 0; b = from.read()) {
      if (b < 0) {
        throw new AssertionError("the shell has ended: " + errors());
      }
      output.write(b);
    }
    return output.toString(StandardCharsets.UTF_8).replace("\r", "");
  }

  /// Runs a line at a terminal, where nobody types anything.
  Result runAtTerminal(String line) throws IOException {
    String quoted = "'" + line.replace("'", "'\\''") + "'";
    // A pipe that is open for writing, too, has no end, which script(1) would type.
    return run("script -qec " + quoted + " /dev/null 0<> <(:)");
  }

  /// All that went to stderr.
  String errors() throws IOException {
    return Files.readString(errors);
  }

  /// Ends it and what it started, and waits for their ends.
  void close() {
    List<ProcessHandle> started = process.descendants().toList();
    started.forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly().onExit().join();
    started.forEach(handle -> handle.onExit().join());
  }
}
