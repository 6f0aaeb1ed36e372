package dev.msb.posix;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;

/// Starts a JVM with the classes of the tests.
final class JavaChild {
  private JavaChild() {}

  static int start(int out, Class<?> program, String... options) throws IOException {
    int[] fds = {-1, out, 2};
    return Posix.check(
        Posix.spawn(Io.words(words(program, options)), new byte[0][], fds, null, 0, -1, -1),
        "cannot start a JVM");
  }

  /// The same as a job of a shell in a session of its own, whose script says `"$@"` to run it. A
  /// process whose group is orphaned, as that of a test may be, cannot be stopped by a terminal's
  /// signals (POSIX 2.4.3), a job can.
  static int startAsJob(int out, String script, Class<?> program) throws IOException {
    String[] java = words(program);
    String[] words = new String[java.length + 4];
    words[0] = "/bin/bash";
    words[1] = "-c";
    words[2] = script;
    words[3] = "job";
    System.arraycopy(java, 0, words, 4, java.length);
    int[] fds = {-1, out, 2};
    return Posix.check(
        Posix.spawn(Io.words(words), new byte[0][], fds, null, Posix.NEW_SESSION, -1, -1),
        "cannot start a shell");
  }

  private static String[] words(Class<?> program, String... options) {
    String[] words = new String[options.length + 7];
    words[0] = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    words[1] = "--enable-native-access=ALL-UNNAMED";
    words[2] = "-XX:+UseSerialGC";
    words[3] = "-Dmsb.native=" + System.getProperty("msb.native");
    words[4] = "-cp";
    words[5] = System.getProperty("java.class.path");
    System.arraycopy(options, 0, words, 6, options.length);
    words[words.length - 1] = program.getName();
    return words;
  }

  /// Runs a program to its end, which is to be status 0, and returns what it printed.
  static String run(String option, Class<?> program) throws IOException {
    int[] out = Io.pipe();
    int pid = start(out[1], program, option);
    Posix.close(out[1]);
    String text = Io.readToEnd(out[0]);
    Posix.close(out[0]);
    assertThat(Io.exitStatus(pid)).isZero();
    return text;
  }
}
