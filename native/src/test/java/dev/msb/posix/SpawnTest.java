package dev.msb.posix;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Objects;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class SpawnTest {
  private static final byte[][] NO_ENV = {};

  /// Runs a program to its end and returns its standard output.
  private static String output(
      byte[][] argv, byte[][] env, String cwd, int flags, int uid, int gid, int... more)
      throws IOException {
    int[] out = Io.pipe();
    int[] fds = new int[3 + more.length];
    fds[0] = -1;
    fds[1] = out[1];
    fds[2] = out[1];
    System.arraycopy(more, 0, fds, 3, more.length);
    int pid = Posix.spawn(argv, env, fds, Io.bytes(cwd), flags, uid, gid);
    Posix.close(out[1]);
    Posix.check(pid, "spawn");
    String text = Io.readToEnd(out[0]);
    Posix.close(out[0]);
    assertThat(Io.exitStatus(pid)).isZero();
    return text;
  }

  private static String shell(String script, int flags, int... more) throws IOException {
    return output(Io.words("sh", "-c", script), NO_ENV, "/", flags, -1, -1, more);
  }

  private static int start(int flags, int[] fds, String... words) {
    return Posix.spawn(Io.words(words), NO_ENV, fds, null, flags, -1, -1);
  }

  private static int start(String... words) {
    return start(0, new int[] {-1, -1, -1}, words);
  }

  @Test
  void wordsArriveAsTheyAre() throws IOException {
    byte[][] argv = Io.words("printf", "[%s]", "", "a b", "\u00fc\n");
    argv[3] = new byte[] {'x', (byte) 0xff};
    int[] out = Io.pipe();
    int pid = Posix.spawn(argv, NO_ENV, new int[] {-1, out[1]}, null, 0, -1, -1);
    Posix.close(out[1]);
    ByteBuffer buffer = ByteBuffer.allocateDirect(100);
    int count = Posix.read(out[0], buffer, 0, 100);
    byte[] bytes = new byte[count];
    buffer.get(0, bytes);
    assertThat(bytes).containsExactly('[', ']', '[', 'x', 0xff, ']', '[', 0xc3, 0xbc, '\n', ']');
    assertThat(Io.exitStatus(pid)).isZero();
    Posix.close(out[0]);
  }

  @Test
  void environmentIsTheGivenOneAndNoMore() throws IOException {
    assertThat(output(Io.words("env"), Io.words("A=1", "B=x y"), "/", 0, -1, -1))
        .isEqualTo("A=1\nB=x y\n");
  }

  @Test
  void workingDirectoryIsTheGivenOne(@TempDir Path folder) throws IOException {
    Path real = folder.toRealPath();
    assertThat(output(Io.words("pwd"), NO_ENV, real.toString(), 0, -1, -1)).isEqualTo(real + "\n");
  }

  @Test
  void relativeProgramIsRelativeToTheWorkingDirectory(@TempDir Path folder) throws IOException {
    Path script = Files.writeString(folder.resolve("here"), "#!/bin/sh\necho here\n");
    Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
    assertThat(output(Io.words("./here"), NO_ENV, folder.toString(), 0, -1, -1))
        .isEqualTo("here\n");
  }

  @Test
  void childHasTheGivenDescriptorsAndNoOthers() throws IOException {
    int[] extra = Io.pipe();
    Io.write(extra[1], "extra\n");
    assertThat(shell("head -n 1 <&4; ls /proc/$$/fd; true", 0, -1, extra[0]))
        .isEqualTo("extra\n0\n1\n2\n3\n4\n");
    Io.close(extra);
  }

  @Test
  void descriptorsMayChangePlaces() throws IOException {
    Path pipes = Path.of("/proc/self/fd");
    int[] two = Io.pipe();
    String first = Files.readSymbolicLink(pipes.resolve("" + two[0])).toString();
    int[] fds = new int[two[1] + 1];
    Arrays.fill(fds, -1);
    int[] out = Io.pipe();
    fds[1] = out[1];
    fds[two[0]] = out[1];
    fds[two[1]] = two[0];
    // Not sh: dash takes one digit only after >&.
    byte[][] argv =
        Io.words("bash", "-c", "readlink /proc/$$/fd/" + two[1] + "; echo other >&" + two[0]);
    int pid = Posix.spawn(argv, NO_ENV, fds, null, 0, -1, -1);
    Posix.close(out[1]);
    assertThat(Io.readToEnd(out[0])).isEqualTo(first + "\nother\n");
    assertThat(Io.exitStatus(pid)).isZero();
    Io.close(two[0], two[1], out[0]);
  }

  @Test
  void standardDescriptorsMayBeSwapped() throws IOException {
    Path own = Path.of("/proc/self/fd");
    int[] out = Io.pipe();
    String in = Files.readSymbolicLink(own.resolve("0")).toString();
    String err = Files.readSymbolicLink(own.resolve("2")).toString();
    int pid = start(0, new int[] {2, out[1], 0}, "readlink", "/proc/self/fd/0", "/proc/self/fd/2");
    Posix.close(out[1]);
    assertThat(Io.readToEnd(out[0])).isEqualTo(err + "\n" + in + "\n");
    assertThat(Io.exitStatus(pid)).isZero();
    Posix.close(out[0]);
  }

  @Test
  void negativeDescriptorIsDevNull() throws IOException {
    assertThat(shell("readlink /proc/$$/fd/0 /proc/$$/fd/3", 0, -1))
        .isEqualTo("/dev/null\n/dev/null\n");
  }

  @Test
  void noSignalIsBlockedOrIgnored() throws IOException {
    assertThat(shell("exec grep -E 'Sig(Blk|Ign)' /proc/self/status", 0))
        .isEqualTo("SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
  }

  @Test
  void callersSignalMaskIsAsBefore() throws IOException {
    String before = Files.readString(Path.of("/proc/thread-self/status"));
    Io.exitStatus(start("true"));
    String after = Files.readString(Path.of("/proc/thread-self/status"));
    assertThat(mask(after)).isEqualTo(mask(before));
  }

  private static String mask(String status) {
    int at = status.indexOf("SigBlk:");
    return status.substring(at, status.indexOf('\n', at));
  }

  @Test
  void sessionIsNewIfAskedFor() throws IOException {
    String own = "read a b c d e f rest < /proc/$$/stat; test $f = $$ && echo leader || echo not";
    assertThat(shell(own, Posix.NEW_SESSION)).isEqualTo("leader\n");
    assertThat(shell(own, 0)).isEqualTo("not\n");
  }

  @Test
  void privilegesAreNotGainedIfAskedFor() throws IOException {
    String own = "grep NoNewPrivs /proc/self/status";
    assertThat(shell(own, Posix.NO_NEW_PRIVS)).isEqualTo("NoNewPrivs:\t1\n");
    assertThat(shell(own, 0)).isEqualTo("NoNewPrivs:\t0\n");
  }

  @Test
  void noCoreIsLeftIfAskedFor() throws IOException {
    String own = "ulimit -S -c; ulimit -H -c";
    assertThat(shell(own, Posix.NO_CORE)).isEqualTo("0\n0\n");
  }

  @Test
  void identityChangesWithAllItsGroups() throws IOException {
    Assumptions.assumeTrue(Posix.getuid() == 0);
    String own = "grep -E '^(Uid|Gid|Groups)' /proc/self/status | tr -s '\\t ' ' '";
    assertThat(output(Io.words("sh", "-c", own), NO_ENV, "/", 0, 1234, 2345))
        .isEqualTo("Uid: 1234 1234 1234 1234\nGid: 2345 2345 2345 2345\nGroups: \n");
    assertThat(Files.getAttribute(Path.of("/proc/self/status"), "unix:uid")).isEqualTo(0);
  }

  @Test
  void workingDirectoryIsEnteredAsTheNewUser(@TempDir Path folder) throws IOException {
    Assumptions.assumeTrue(Posix.getuid() == 0);
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
    int[] none = {};
    assertThat(Posix.spawn(Io.words("true"), NO_ENV, none, Io.bytes(folder), 0, 1234, 1234))
        .isEqualTo(-Posix.EACCES);
  }

  @Test
  void failureIsThatOfTheStepThatFailed(@TempDir Path folder) throws IOException {
    Path text = Files.writeString(folder.resolve("text"), "no program");
    assertThat(start(text.toString())).isEqualTo(-Posix.EACCES);
    Files.setPosixFilePermissions(text, PosixFilePermissions.fromString("rwx------"));
    assertThat(start(text.toString())).isEqualTo(-Posix.ENOEXEC);
    assertThat(start("/nowhere/program")).isEqualTo(-Posix.ENOENT);
    assertThat(start("no-such-program-in-path")).isEqualTo(-Posix.ENOENT);
    assertThat(start("")).isEqualTo(-Posix.ENOENT);
    assertThat(start(0, new int[] {1 << 20}, "true")).isEqualTo(-Posix.EBADF);
    assertThat(Posix.spawn(Io.words("true"), NO_ENV, new int[0], Io.bytes("/no"), 0, -1, -1))
        .isEqualTo(-Posix.ENOENT);
  }

  @Test
  void failureLeavesNoChildAndNoDescriptor() throws IOException {
    String[] before = fds();
    for (int i = 0; i < 20; i++) {
      assertThat(start("/nowhere/program")).isEqualTo(-Posix.ENOENT);
    }
    assertThat(fds()).hasSameSizeAs(before);
    Path children = Path.of("/proc/thread-self/children");
    assertThat(Files.readString(children)).isEmpty();
  }

  private static String[] fds() {
    return Objects.requireNonNull(new File("/proc/self/fd").list());
  }

  @Test
  void wrongArgumentsAreRefused() {
    int[] none = {};
    byte[][] command = Io.words("true");
    assertThat(Posix.spawn(NO_ENV, NO_ENV, none, null, 0, -1, -1)).isEqualTo(-Posix.EINVAL);
    assertThat(Posix.spawn(command, NO_ENV, none, null, 16, -1, -1)).isEqualTo(-Posix.EINVAL);
    assertThat(Posix.spawn(command, NO_ENV, none, null, 0, -2, -1)).isEqualTo(-Posix.EINVAL);
    assertThat(Posix.spawn(Io.words("a\0b"), NO_ENV, none, null, 0, -1, -1))
        .isEqualTo(-Posix.EINVAL);
  }

  @Test
  void childIsWatchedKilledAndWaitedFor() throws IOException {
    int pid = Posix.check(start("sleep", "1000"), "spawn");
    int pidfd = Posix.check(Posix.pidfd(pid), "pidfd");
    int[] status = new int[1];
    assertThat(Posix.waitpid(pid, status, Posix.WNOHANG)).isZero();
    assertThat(Io.poll(pidfd, Posix.POLLIN, 0)).isZero();
    assertThat(Posix.kill(pid, 0)).isZero();
    assertThat(Posix.kill(pid, Posix.SIGTERM)).isZero();
    assertThat(Io.poll(pidfd, Posix.POLLIN, -1)).isEqualTo(Posix.POLLIN);
    assertThat(Io.exitStatus(pid)).isEqualTo(128 + Posix.SIGTERM);
    assertThat(Posix.waitpid(pid, status, 0)).isEqualTo(-Posix.ECHILD);
    assertThat(Posix.kill(pid, 0)).isEqualTo(-Posix.ESRCH);
    Posix.close(pidfd);
  }

  @Test
  void exitStatusIsThatOfTheProgram() throws IOException {
    assertThat(Io.exitStatus(start("sh", "-c", "exit 42"))).isEqualTo(42);
  }

  @Test
  void childDiesWithTheThreadThatStartedIt() throws Exception {
    int[] pid = new int[1];
    Thread parent =
        Thread.ofPlatform()
            .start(() -> pid[0] = start(Posix.DIE_WITH_PARENT, new int[] {-1}, "sleep", "1000"));
    parent.join();
    assertThat(Io.exitStatus(pid[0])).isEqualTo(128 + Posix.SIGKILL);
  }

  @Test
  void childOfAnotherUserDiesWithTheThreadThatStartedIt() throws Exception {
    Assumptions.assumeTrue(Posix.getuid() == 0);
    int[] pid = new int[1];
    byte[][] sleep = Io.words("sleep", "1000");
    int flags = Posix.DIE_WITH_PARENT | Posix.NO_NEW_PRIVS;
    Thread parent =
        Thread.ofPlatform()
            .start(() -> pid[0] = Posix.spawn(sleep, NO_ENV, new int[0], null, flags, 1234, 1234));
    parent.join();
    assertThat(Io.exitStatus(pid[0])).isEqualTo(128 + Posix.SIGKILL);
  }

  @Test
  void childDiesWithTheProcessThatStartedIt() throws Exception {
    int[] out = Io.pipe();
    int jvm = JavaChild.start(out[1], Programs.Parent.class);
    Posix.close(out[1]);
    int grandchild = Integer.parseInt(Io.read(out[0]).strip());
    int pidfd = Posix.check(Posix.pidfd(grandchild), "pidfd");
    assertThat(Posix.kill(jvm, Posix.SIGKILL)).isZero();
    assertThat(Io.exitStatus(jvm)).isEqualTo(128 + Posix.SIGKILL);
    assertThat(Io.poll(pidfd, Posix.POLLIN, 10_000)).isEqualTo(Posix.POLLIN);
    Io.close(out[0], pidfd);
  }
}
