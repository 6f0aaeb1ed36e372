package dev.msb.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msb.it.Msb.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// From the name of an image to a process in it, with a registry and with archives that others
/// made.
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ImageVmTest {
  private final Msb msb;
  private final LocalRegistry registry;
  private final String app;

  @TempDir private static Path temporary = Path.of("/");

  ImageVmTest() throws Exception {
    msb = new Msb();
    registry = new LocalRegistry();
    app = registry.reference("team/app:1");
  }

  @BeforeAll
  void pushApp() throws Exception {
    program(
            Path.of("make-app-image").toAbsolutePath().toString(),
            Path.of("../dist/guest/busybox.squashfs").toAbsolutePath().toString(),
            layout().toString())
        .ok();
    registry.push(layout(), "app", "team/app:1");
  }

  @AfterEach
  void removeImages() throws Exception {
    for (String name : msb.run("ls", "-q").stdout().lines().toList()) {
      msb.run("rm", "-f", name).ok();
    }
    msb.run("image", "prune", "-a", "-q").ok();
  }

  @AfterAll
  void removeAll() throws Exception {
    registry.close();
    msb.removeAll();
  }

  @Test
  @Tag("quick")
  void runPullsWhatIsMissingAndRunsWhatTheImageSays() throws Exception {
    Result first = msb.run("run", app);
    assertThat(first.ok().stdout()).isEqualTo("hello world\n");
    assertThat(first.stderr()).startsWith("msb: pulling " + app).contains("msb: unpacking " + app);
    Result second = msb.run("run", app, "--", "other", "words");
    assertThat(second.ok().stdout()).isEqualTo("other words\n");
    assertThat(second.stderr()).doesNotContain("pulling");
    String script = "echo $IMAGE $WHO; pwd; id -un";
    assertThat(
            msb.run("run", "-e", "WHO=user", app, "--entrypoint", "sh", "--", "-c", script)
                .ok()
                .stdout())
        .isEqualTo("app user\n/srv/app\napp\n");
    assertThat(
            msb.run(
                    "run",
                    "-w",
                    "/tmp",
                    "-u",
                    "root",
                    app,
                    "--entrypoint=",
                    "--",
                    "sh",
                    "-c",
                    script)
                .ok()
                .stdout())
        .isEqualTo("app image\n/tmp\nroot\n");
  }

  @Test
  void execRunsExactlyWhatItIsGiven() throws Exception {
    msb.run("create", "--name", "box", app).ok();
    assertThat(msb.run("exec", "box", "--", "id", "-u").ok().stdout()).isEqualTo("1234\n");
    assertThat(msb.run("ls").ok().stdout()).contains(app);
  }

  @Test
  void theImagesStopSignalIsSentBeforeTheEnd() throws Exception {
    msb.run("create", "--name", "box", app).ok();
    String script = "trap 'echo bye; exit 3' USR1; echo up; while :; do sleep 0.1; done";
    Process process = msb.command("exec", "--stream", "box", "--", "sh", "-c", script).start();
    assertThat(process.inputReader().readLine()).isEqualTo("up");
    msb.run("stop", "box").ok();
    assertThat(process.inputReader().readLine()).isEqualTo("bye");
    assertThat(process.waitFor()).isEqualTo(125);
  }

  @Test
  void anImageIsListedShownAndRemoved() throws Exception {
    assertThat(msb.run("pull", app).ok().stdout()).startsWith(app + " sha256:");
    assertThat(msb.run("image", "ls", "-q").ok().stdout()).isEqualTo(app + "\n");
    assertThat(msb.run("image", "inspect", app).ok().stdout())
        .contains("\"entrypoint\":[\"/bin/echo\"]", "\"cmd\":[\"hello\",\"world\"]")
        .contains(
            "\"user\":\"app\"", "\"stop_signal\":\"SIGUSR1\"", "\"exposed_ports\":[\"80/tcp\"]");
    msb.run("image", "rm", app).ok();
    assertThat(msb.run("image", "ls", "-q").ok().stdout()).isEmpty();
    assertThat(files("images/roots")).isEmpty();
    assertThat(files("images/blobs/sha256")).isEmpty();
    assertThat(msb.run("image", "rm", app).stderr())
        .isEqualTo("msb: there is no image " + app + " here\n");
  }

  @Test
  void anImageThatASandboxUsesStaysUsable() throws Exception {
    msb.run("create", "--name", "box", app).ok();
    msb.run("image", "rm", app).ok();
    msb.run("image", "prune", "-a").ok();
    msb.run("stop", "box").ok();
    assertThat(msb.run("exec", "box", "--", "echo", "still").ok().stdout()).isEqualTo("still\n");
    msb.run("rm", "-f", "box").ok();
    msb.run("image", "prune").ok();
    assertThat(files("images/roots")).isEmpty();
  }

  @Test
  void theSameImagePulledTwiceAtOnceIsPulledOnce() throws Exception {
    Process one = msb.command("pull", app).start();
    Process two = msb.command("pull", app).start();
    assertThat(Msb.finish(one).ok().stdout()).isEqualTo(Msb.finish(two).ok().stdout());
    assertThat(files("images/roots")).hasSize(1);
    assertThat(msb.run("run", app).ok().stdout()).isEqualTo("hello world\n");
  }

  @Test
  void aDigestIsHeldTo() throws Exception {
    String digest = msb.run("pull", app).ok().stdout().strip().replaceFirst(".* ", "");
    String pinned = registry.reference("team/app") + "@" + digest;
    assertThat(msb.run("run", pinned).ok().stdout()).isEqualTo("hello world\n");
    String other = registry.reference("team/app") + "@sha256:" + "0".repeat(64);
    Result missing = msb.run("pull", other);
    assertThat(missing.status()).isEqualTo(125);
    assertThat(missing.stderr()).startsWith("msb: cannot pull " + other).hasLineCount(1);
  }

  @Test
  void aDamagedLayerIsRefusedAndTheNextPullGoesOn() throws Exception {
    String layers = msb.run("pull", app).ok().stdout();
    assertThat(layers).isNotEmpty();
    String json = msb.run("image", "inspect", app).ok().stdout();
    int at = json.indexOf("\"layers\":[\"sha256:") + "\"layers\":[\"sha256:".length();
    Path blob = registry.blob(json.substring(at, at + 64));
    byte[] right = Files.readAllBytes(blob);
    msb.run("image", "prune", "-a", "-q").ok();

    byte[] wrong = right.clone();
    wrong[wrong.length / 2] ^= 1;
    Files.write(blob, wrong);
    Result damaged = msb.run("pull", "-q", app);
    assertThat(damaged.status()).isEqualTo(125);
    assertThat(damaged.stderr()).startsWith("msb: cannot pull " + app).hasLineCount(1);
    assertThat(files("images/roots")).isEmpty();
    assertThat(msb.run("image", "ls", "-q").ok().stdout()).isEmpty();

    Files.write(blob, right);
    msb.run("pull", app).ok();
  }

  @Test
  void aKilledPullLeavesNothingThatDisturbsTheNext() throws Exception {
    for (int i = 0; i < 5; i++) {
      Process pull = msb.command("pull", app).start();
      assertThat(pull.errorReader().readLine()).contains("pulling");
      pull.destroyForcibly().waitFor();
    }
    msb.run("pull", app).ok();
    assertThat(files("images/work")).noneMatch(file -> file.contains("work-"));
    assertThat(msb.run("run", app).ok().stdout()).isEqualTo("hello world\n");
  }

  @Test
  void aNewerImageOfATagIsSeenWhenAskedFor() throws Exception {
    registry.push(layout(), "app", "team/moving");
    String moving = registry.reference("team/moving");
    msb.run("pull", moving).ok();
    program(
            "umoci",
            "config",
            "--image",
            layout() + ":app",
            "--tag",
            "new",
            "--config.cmd",
            "newer")
        .ok();
    registry.push(layout(), "new", "team/moving");
    assertThat(msb.run("run", moving).ok().stdout()).isEqualTo("hello world\n");
    assertThat(msb.run("run", "--pull", "always", moving).ok().stdout()).isEqualTo("newer\n");
  }

  @Test
  void othersReadWhatIsSavedAndTheirsIsLoaded() throws Exception {
    msb.run("pull", app).ok();
    Path tar = temporary.resolve("app.tar");
    Path saved = temporary.resolve("saved");
    msb.run("save", app, "-o", tar.toString()).ok();
    msb.run("save", app, "-o", saved + "/").ok();
    String config =
        program("skopeo", "inspect", "--config", "oci:" + layout() + ":app").ok().stdout();
    for (String source : List.of("docker-archive:" + tar, "oci-archive:" + tar, "oci:" + saved)) {
      assertThat(program("skopeo", "inspect", "--config", source).ok().stdout())
          .as(source)
          .isEqualTo(config);
    }
    msb.run("image", "rm", app).ok();
    assertThat(msb.run("load", "-i", tar.toString()).ok().stdout()).startsWith(app + " ");

    Path docker = temporary.resolve("docker.tar");
    program(
            "skopeo",
            "copy",
            "-q",
            "oci:" + layout() + ":app",
            "docker-archive:" + docker + ":foo/bar:9")
        .ok();
    assertThat(msb.run("load", "-i", docker.toString()).ok().stdout()).startsWith("foo/bar:9 ");
    assertThat(msb.run("run", "foo/bar:9").ok().stdout()).isEqualTo("hello world\n");
    assertThat(msb.run("load", "-i", layout().toString(), "-t", "mine").ok().stdout())
        .startsWith("mine:latest ");
  }

  @Test
  void aDirectoryOrATarIsARoot() throws Exception {
    Path root = temporary.resolve("root");
    program(
            "unsquashfs",
            "-q",
            "-n",
            "-d",
            root.toString(),
            Path.of("../dist/guest/busybox.squashfs").toString())
        .ok();
    Files.writeString(root.resolve("etc/mark"), "here\n");
    Path tar = temporary.resolve("root.tar.gz");
    program("tar", "-czf", tar.toString(), "-C", root.toString(), ".").ok();
    for (Path source : List.of(root, tar)) {
      assertThat(msb.run("run", source.toString(), "--", "cat", "/etc/mark").ok().stdout())
          .isEqualTo("here\n");
    }
    Msb.deleteTree(root); // JUnit would warn of each link that leads out of the directory
  }

  @Test
  void theDiskHasTheSizeThatIsAskedForAndIsKept() throws Exception {
    String size = "df -k / | awk 'END { print int($2 / 1024) }'";
    msb.run("create", "--name", "large", "--disk", "6G").ok();
    msb.run("create", "--name", "memory", "--disk", "tmpfs:64M").ok();
    assertThat(Integer.parseInt(msb.sh("large", size).ok().stdout().strip())).isBetween(5500, 6144);
    assertThat(msb.sh("memory", size).ok().stdout()).isEqualTo("64\n");
    for (String name : List.of("large", "memory")) {
      msb.sh(name, "echo kept >/root/file; sync").ok();
      msb.run("stop", name).ok();
    }
    assertThat(msb.sh("large", "cat /root/file").ok().stdout()).isEqualTo("kept\n");
    assertThat(msb.sh("memory", "cat /root/file").status()).isEqualTo(1);
  }

  @Test
  void whatCannotBeHadIsSaidInOneLineAndLeavesNothing() throws Exception {
    for (List<String> words :
        List.of(
            List.of("run", registry.reference("none"), "--", "true"),
            List.of("run", "--pull", "never", app, "--", "true"),
            List.of("create", "--name", "x", "localhost:1/nobody"),
            List.of("load", "-i", "/etc/passwd"),
            List.of("load", "-i", "/nowhere"),
            List.of("save", "absent", "-o", "/dev/null"))) {
      Result result = msb.run(words.toArray(new String[0]));
      assertThat(result.status()).as(words.toString()).isEqualTo(125);
      assertThat(result.stderr()).as(words.toString()).startsWith("msb: ").hasLineCount(1);
    }
    assertThat(msb.run("run", "UPPER", "--", "true").status()).isEqualTo(2);
    assertThat(msb.run("ls", "-q").ok().stdout()).isEmpty();
    assertThat(msb.processes()).isEmpty();
  }

  private static Path layout() {
    return temporary.resolve("layout");
  }

  private List<String> files(String directory) throws IOException {
    Path path = msb.home().resolve(directory);
    if (!Files.isDirectory(path)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(path)) {
      return files.map(file -> String.valueOf(file.getFileName())).toList();
    }
  }

  private static Result program(String... words) throws Exception {
    return Msb.finish(new ProcessBuilder(words).start());
  }
}
