package dev.msb.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msb.it.Msb.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A home on a disk that is full, or becomes so.
@Timeout(300)
class FullDiskVmTest {
  private static final String FULL = "the VM is paused: the host's disk is full: the disk of ";

  private final Path disk = Files.createTempDirectory("msb-it-small-");

  FullDiskVmTest() throws IOException {}

  @AfterEach
  void unmount() throws Exception {
    // Lazily: a process that is seen to have ended drops its files a moment later.
    command("umount", "--lazy", disk.toString());
    Files.delete(disk);
  }

  @Test
  void nothingIsHalfMade() throws Exception {
    mount("1m");
    Msb msb = new Msb(Files.createDirectory(disk.resolve("home")));
    Result result = msb.create("box");
    assertThat(result.status()).isEqualTo(125);
    assertThat(result.stderr())
        .contains("box")
        .contains("MiB free, and a sandbox needs 32 MiB to start: free some space there")
        .hasLineCount(1);
    try (Stream<Path> left = Files.list(msb.home().resolve("sandboxes"))) {
      assertThat(left).isEmpty();
    }
    msb.awaitNoProcess();
  }

  @Test
  void aGuestThatFillsItIsPausedAndGoesOnWhenThereIsRoom() throws Exception {
    mount("128m");
    Msb msb = new Msb(Files.createDirectory(disk.resolve("home")));
    Path ballast = Files.write(disk.resolve("ballast"), new byte[40 << 20]);
    msb.create("box", "--log", "output").ok();
    msb.create("neighbour").ok();
    String fill = "dd if=/dev/zero of=/fill bs=1M count=100 conv=fsync && echo filled";
    String exec = msb.run("exec", "-d", "box", "--", "sh", "-c", fill).ok().stdout().strip();
    Result paused = awaitPing(msb, 125);
    assertThat(paused.stderr())
        .startsWith("msb: sandbox \"box\": " + FULL + msb.home() + " has ")
        .endsWith(" MiB free; free some space there, and it goes on by itself\n");
    Result stuck = msb.run("exec", "box", "--", "true");
    assertThat(stuck.status()).isEqualTo(125);
    assertThat(stuck.stderr()).contains("cannot run \"true\": it did not start: " + FULL);
    Result beside = msb.sh("neighbour", "echo fine"); // its kernel may have something to write
    assertThat(beside.stdout() + beside.stderr()).containsPattern("^fine\n$|" + FULL);
    assertThat(msb.create("third").stderr()).contains("a sandbox needs 32 MiB to start");
    Files.delete(ballast);
    assertThat(awaitPing(msb, 0).stderr()).isEmpty();
    Process attached = msb.command("attach", "--stdin", "none", exec).start();
    assertThat(Msb.finish(attached).stdout()).isEqualTo("filled\n"); // no write was lost
    assertThat(msb.sh("box", "wc -c </fill").ok().stdout()).isEqualTo(100 * (1 << 20) + "\n");

    msb.run("exec", "-d", "box", "--", "sh", "-c", fill.replace("/fill", "/more")).ok();
    awaitPing(msb, 125);
    msb.run("stop", "-t", "1s", "box").ok();
    assertThat(msb.run("wait", "box").ok().stdout()).isEqualTo("box requested\n");
    assertThat(msb.run("ls").ok().stdout()).containsPattern("box +stopped");
    msb.run("rm", "box").ok();
    assertThat(msb.sh("neighbour", "echo fine >/file; sync; cat /file").ok().stdout())
        .isEqualTo("fine\n");
    msb.removeAll();
  }

  /// Asks the box until the answer is of this kind.
  private static Result awaitPing(Msb msb, int status) throws Exception {
    while (true) {
      Result ping = msb.run("ping", "box");
      if (ping.status() == status) {
        return ping;
      }
    }
  }

  private void mount(String size) throws Exception {
    command("mount", "-t", "tmpfs", "-o", "size=" + size, "tmpfs", disk.toString());
  }

  private static void command(String... words) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(words).inheritIO().start();
    assertThat(process.waitFor()).as(String.join(" ", words)).isZero();
  }
}
