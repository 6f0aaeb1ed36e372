package dev.msb.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msb.it.Msb.Result;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// `msb cp`: docker cp's rules, both ways, as a tar, and between two sandboxes.
@Timeout(120)
class CopyVmTest extends BoxTest {
  /// Here and in the box: a file, a directory with a file in it, another directory, links to both.
  private static final String SCENE =
      "rm -rf %1$s && mkdir -p %1$s/dir/sub %1$s/into && cd %1$s && echo file >file"
          + " && echo other >other && echo in >dir/sub/in && ln -s file link && ln -s dir dirlink"
          + " && chmod 750 dir/sub && touch -d @1000000000 file";

  @TempDir Path host;

  CopyVmTest() throws IOException {}

  @BeforeEach
  void setTheScene() throws Exception {
    msb.sh("box", SCENE.formatted("/w")).ok();
    sh(SCENE.formatted(host.resolve("w")));
  }

  private static String sh(String script) throws Exception {
    Process process = new ProcessBuilder("sh", "-c", script).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(out).isZero();
    return out;
  }

  /// docker cp's table: what is copied, where to, and what is there afterwards.
  @ParameterizedTest(name = "{0} to {1}")
  @CsvSource(
      delimiter = '|',
      value = {
        "file         | into           | into/file          | file",
        "file         | into/          | into/file          | file",
        "file         | into/new       | into/new           | file",
        "file         | other          | other              | file",
        "file         | none/          | -                  | the directory is not there",
        "file         | none/x         | -                  | no such file or directory",
        "file         | other/         | -                  | no directory",
        "file/        | into           | -                  | no directory",
        "dir          | into           | into/dir/sub/in    | in",
        "dir          | new            | new/sub/in         | in",
        "dir          | new/           | new/sub/in         | in",
        "dir/.        | into           | into/sub/in        | in",
        "dir/.        | new            | new/sub/in         | in",
        "dir          | other          | -                  | no directory",
        "dir          | none/new       | -                  | no such file or directory",
        "dirlink/     | new            | new/sub/in         | in",
        "dirlink/.    | into           | into/sub/in        | in",
        "none         | into           | -                  | no such file or directory",
        "file         | dirlink        | dir/file           | file",
        "other        | link           | file               | other",
        "dir/../file  | into           | into/file          | file",
        "dir/sub/..   | into           | into/sub/in        | in"
      })
  void theRulesAreDockers(String from, String to, String file, String content) throws Exception {
    String box = "box:/w/";
    String here = host.resolve("w") + "/";
    for (String[] ends :
        new String[][] {{here + from, box + to}, {box + from, here + to}, {box + from, box + to}}) {
      setTheScene();
      Result result = msb.run("cp", ends[0], ends[1]);
      if (file.equals("-")) {
        assertThat(result.status()).as(result.stderr()).isEqualTo(125);
        assertThat(result.stderr())
            .startsWith("msb: cannot copy " + ends[0] + " to " + ends[1] + ": ")
            .containsIgnoringCase(content)
            .hasLineCount(1);
      } else {
        result.ok();
        String cat =
            ends[1].startsWith("box:")
                ? msb.run("exec", "box", "--", "cat", "/w/" + file).ok().stdout()
                : Files.readString(host.resolve("w").resolve(file));
        assertThat(cat).isEqualTo(content + "\n");
      }
    }
  }

  @Test
  @Tag("quick")
  void modesTimesAndLinksAreKept() throws Exception {
    String describe =
        "cd %s && find . | sort | xargs stat -c '%%n %%a %%N' && stat -c %%Y file && cat dir/sub/in";
    msb.run("cp", host.resolve("w") + "/.", "box:/copy").ok();
    msb.run("cp", "box:/copy/.", host.resolve("back").toString()).ok();
    assertThat(sh(describe.formatted(host.resolve("back"))))
        .isEqualTo(sh(describe.formatted(host.resolve("w"))))
        .contains("./dir/sub 750", "1000000000");
    msb.run("cp", "-L", "box:/w/link", host.resolve("followed").toString()).ok();
    assertThat(host.resolve("followed")).isRegularFile().hasContent("file\n");
    msb.run("cp", "box:/w/link", host.resolve("kept").toString()).ok();
    assertThat(Files.readSymbolicLink(host.resolve("kept"))).hasToString("file");
    msb.sh("box", "chown 12:34 /w/file").ok();
    msb.run("cp", "-a", "box:/w/file", "box:/w/into").ok();
    assertThat(msb.run("exec", "box", "--", "stat", "-c", "%u:%g", "/w/into/file").ok().stdout())
        .isEqualTo("12:34\n");
  }

  @Test
  void theUmaskAppliesToWhatIsMadeHere() throws Exception {
    msb.sh("box", "cd /w/dir && chmod 777 . sub sub/in && chmod 6755 /w/file").ok();
    for (String[] run : new String[][] {{"", "750"}, {"-a", "777"}}) {
      Path target = host.resolve("masked" + run[0]);
      List<String> words = new ArrayList<>(List.of("sh", "-c", "umask 027 && exec \"$@\"", "sh"));
      words.addAll(msb.command("cp").command());
      if (!run[0].isEmpty()) {
        words.add(run[0]);
      }
      words.addAll(List.of("box:/w/dir", target.toString()));
      ProcessBuilder builder = msb.command("cp");
      Msb.finish(builder.command(words).start()).ok();
      assertThat(sh("stat -c %a " + target + " " + target + "/sub " + target + "/sub/in"))
          .isEqualTo("%s\n%s\n%s\n".formatted(run[1], run[1], run[1]));
    }
    msb.run("cp", "-a", "box:/w/file", host.resolve("plain").toString()).ok();
    assertThat(sh("stat -c %a " + host.resolve("plain"))).isEqualTo("755\n");
  }

  @Test
  void aTarGoesInAndOut() throws Exception {
    Path tar = host.resolve("t.tar");
    String longName = "n".repeat(180);
    sh("cd " + host.resolve("w") + " && echo long >dir/" + longName);
    sh("cd " + host.resolve("w") + " && ln file hard && tar cf " + tar + " .");
    Process in = msb.command("cp", "-", "box:/w/into").redirectInput(tar.toFile()).start();
    assertThat(Msb.finish(in).ok().stdout()).isEmpty();
    assertThat(
            msb.sh("box", "cd /w/into && cat hard dir/sub/in dir/" + longName + " && readlink link")
                .ok()
                .stdout())
        .isEqualTo("file\nin\nlong\nfile\n");
    assertThat(msb.sh("box", "stat -c %Y /w/into/file").ok().stdout()).isEqualTo("1000000000\n");
    Path out = host.resolve("out.tar");
    assertThat(msb.command("cp", "box:/w/into", "-").redirectOutput(out.toFile()).start().waitFor())
        .isZero();
    sh("mkdir " + host.resolve("x") + " && tar xf " + out + " -C " + host.resolve("x"));
    assertThat(host.resolve("x/into/dir").resolve(longName)).hasContent("long\n");
    assertThat(
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(host.resolve("x/into/dir/sub"))))
        .isEqualTo("rwxr-x---");
    Process broken =
        msb.command("cp", "-", "box:/w").redirectInput(Path.of("/etc/passwd").toFile()).start();
    Result result = Msb.finish(broken);
    assertThat(result.status()).isEqualTo(125);
    assertThat(result.stderr()).contains("tar").hasLineCount(1);
  }

  @Test
  void aTarThatWouldLeaveTheDirectoryEndsInIt() throws Exception {
    Path tar = host.resolve("evil.tar");
    sh("cd " + host.resolve("w") + " && tar cPf " + tar + " --transform 's,^file$,../../up,' file");
    Process in = msb.command("cp", "-", "box:/w/into").redirectInput(tar.toFile()).start();
    Msb.finish(in).ok();
    assertThat(msb.sh("box", "ls /w/into").ok().stdout()).isEqualTo("up\n");
  }

  @Test
  void itGoesBetweenTwoSandboxesAndIntoAStoppedOne() throws Exception {
    msb.create("two", "-m", "128").ok();
    msb.run("stop", "two").ok();
    msb.run("cp", "box:/w/dir", "two:/").ok();
    assertThat(msb.run("exec", "two", "--", "cat", "/dir/sub/in").ok().stdout()).isEqualTo("in\n");
    msb.run("rm", "-f", "two").ok();
  }

  @Test
  void whatIsSpecialIsLeftOutAndSaid() throws Exception {
    msb.sh("box", "mkfifo /w/dir/fifo").ok();
    Result result = msb.run("cp", "box:/w/dir", host.resolve("d").toString()).ok();
    assertThat(result.stderr())
        .isEqualTo("msb: left out, as they are devices, FIFOs or sockets: 1\n");
    try (Stream<Path> entries = Files.list(host.resolve("d"))) {
      assertThat(entries.map(p -> p.getFileName().toString())).containsExactly("sub");
    }
  }

  @Test
  void whatTheKernelMakesUpIsNotEnteredAndSaid() throws Exception {
    msb.sh("box", "echo kept >/run/kept").ok(); // a tmpfs
    Path tar = host.resolve("root.tar");
    Process out = msb.command("cp", "box:/", "-").redirectOutput(tar.toFile()).start();
    assertThat(Msb.finish(out).ok().stderr())
        .startsWith("msb: left out, as the kernel makes them up: ")
        .contains("/proc", "/sys", "/dev");
    assertThat(sh("tar tf " + tar + " | grep -E '^(proc|sys|dev)/|busybox$'").lines())
        .contains("proc/", "sys/", "dev/", "bin/busybox")
        .hasSize(4);
    assertThat(sh("tar xOf " + tar + " run/kept")).isEqualTo("kept\n");
    msb.run("cp", "-q", "box:/", host.resolve("root").toString()).ok();
    assertThat(host.resolve("root/run/kept")).hasContent("kept\n");
    assertThat(host.resolve("root/proc")).isEmptyDirectory();
  }

  @Test
  void aCopyOutHasALimitAndSaysWhatIsThere() throws Exception {
    msb.sh(
            "box",
            "cd /w/dir && head -c 3000000 /dev/urandom >large && truncate -s 8796093022208 sparse")
        .ok();
    Result result =
        msb.run("cp", "--limit", "1M", "box:/w/dir", host.resolve("limited").toString());
    assertThat(result.status()).isEqualTo(125);
    assertThat(result.stderr())
        .contains("more than the 1048576 bytes that may be copied", "--limit", "stays there: ")
        .hasLineCount(1);
    assertThat(host.resolve("limited/large")).doesNotExist();
    result = msb.run("cp", "--limit", "1M", "box:/w/dir/large", host.resolve("none").toString());
    assertThat(result.stderr()).contains("may be copied").doesNotContain("stays there");
    assertThat(host.resolve("none")).doesNotExist();
    result = msb.run("cp", "--limit", "1G,2", "box:/w/dir", host.resolve("few").toString());
    assertThat(result.stderr()).contains("more than the 2 files that may be copied");
    msb.run("cp", "box:/w/dir/sparse", host.resolve("sparse").toString()).ok();
    assertThat(sh("stat -c %s " + host.resolve("sparse"))).isEqualTo("8796093022208\n");
    msb.sh("box", "rm /w/dir/sparse").ok();
    msb.run("cp", host.resolve("sparse").toString(), "box:/w/dir/sparse").ok();
    assertThat(msb.sh("box", "stat -c %s /w/dir/sparse; du -k /w/dir/sparse").ok().stdout())
        .matches("8796093022208\n.?[0-9]\t/w/dir/sparse\n");
    Files.delete(host.resolve("sparse"));
  }

  @Test
  void hardLinksStayAndCompressedTarsAreRead() throws Exception {
    sh("cd " + host.resolve("w/dir") + " && echo a >-a && ln ./-a b");
    Process cp =
        new ProcessBuilder(msb.command("cp", "-a", "--", "-a", "b", "box:/w/into").command())
            .start();
    assertThat(Msb.finish(cp).status()).isEqualTo(2); // three words
    msb.run("cp", "-a", host.resolve("w/dir").toString(), "box:/w/into").ok();
    assertThat(msb.sh("box", "stat -c %h /w/into/dir/-a").ok().stdout()).isEqualTo("2\n");
    Path tar = host.resolve("t.tgz");
    sh("tar czf " + tar + " -C " + host.resolve("w") + " file");
    Process in = msb.command("cp", "-", "box:/w/into").redirectInput(tar.toFile()).start();
    Msb.finish(in).ok();
    assertThat(msb.sh("box", "cat /w/into/file").ok().stdout()).isEqualTo("file\n");
  }

  @Test
  void nothingIsCopiedOntoOrIntoItself() throws Exception {
    for (String[] ends :
        new String[][] {
          {"/w/file", "/w/link"},
          {"/w/link", "/w/file"},
          {"/w/file", "/w"},
          {"/w/dir", "/w/dir/sub"},
          {"/w/dir/.", "/w/dir"}
        }) {
      Result result = msb.run("cp", "box:" + ends[0], "box:" + ends[1]);
      assertThat(result.status()).as(ends[0]).isEqualTo(125);
      assertThat(result.stderr()).containsAnyOf("are the same", "into itself");
    }
    assertThat(msb.sh("box", "cat /w/file /w/dir/sub/in").ok().stdout()).isEqualTo("file\nin\n");
  }

  @Test
  void theUserHasHisRightsOnly() throws Exception {
    Result denied = msb.run("cp", "-u", "1000", host.resolve("w/file").toString(), "box:/w/into");
    assertThat(denied.status()).isEqualTo(125);
    assertThat(denied.stderr()).contains("permission denied").hasLineCount(1);
    assertThat(msb.run("cp", "a", "b").status()).isEqualTo(2);
    assertThat(msb.run("cp", "none:/a", "b").stderr())
        .isEqualTo("msb: there is no sandbox \"none\"\n");
  }
}
