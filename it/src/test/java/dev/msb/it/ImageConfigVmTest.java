package dev.msb.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msb.it.Msb.Result;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What the guest makes of an image's configuration: the rows of docs/images.md that take a guest.
/// One sandbox for all, of an image that builders write and that is not complete.
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ImageConfigVmTest {
  private static final String BIG = "x".repeat(100_000);

  private final Msb msb;

  @TempDir private static Path temporary = Path.of("/");

  ImageConfigVmTest() throws Exception {
    msb = new Msb();
  }

  @BeforeAll
  void createBox() throws Exception {
    Path root = temporary.resolve("root");
    String busybox = Msb.dist().resolve("guest/busybox.squashfs").toString();
    program("unsquashfs", "-q", "-n", "-d", root.toString(), busybox).ok();
    Files.writeString(
        root.resolve("etc/passwd"),
        """
        root:x:0:0:root:/root:/bin/sh
        app:x:1000:1000:app:/home/app:/bin/sh
        7:x:1001:1001:named like a number:/:/bin/sh
        """);
    Files.writeString(
        root.resolve("etc/group"),
        "root:x:0:\napp:x:1000:\nextra:x:2000:app\ndocker:x:999:app,root\n");
    Files.writeString(root.resolve("etc/hostname"), "builder\n");
    Files.deleteIfExists(root.resolve("etc/hosts"));
    Files.createSymbolicLink(root.resolve("link"), Path.of("data/there"));
    Path archive = Files.createDirectories(temporary.resolve("archive"));
    program(
            "tar",
            "--owner=0",
            "--group=0",
            "-cJf",
            archive.resolve("layer").toString(),
            "-C",
            root.toString(),
            ".")
        .ok();
    program("sh", "-c", "xz -dc " + archive.resolve("layer") + " > " + temporary.resolve("tar"))
        .ok();
    byte[] tar = Files.readAllBytes(temporary.resolve("tar"));
    String digest = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(tar));
    Files.writeString(
        archive.resolve("config"),
        """
        {"os": "linux", "architecture": "amd64",
         "config": {"Entrypoint": [""], "Cmd": ["sh", "-c", "pwd; id -u; echo $BIG | wc -c"],
           "WorkingDir": "/srv/app/new", "User": "app:", "Volumes": {"/var/data": {}},
           "Env": ["TWICE=1", "NOVALUE", "=x", "TWICE=2", "BIG=%s"]},
         "rootfs": {"type": "layers", "diff_ids": ["sha256:%s"]}}
        """
            .formatted(BIG, digest));
    Files.writeString(
        archive.resolve("manifest.json"),
        "[{\"Config\":\"config\",\"Layers\":[\"layer\"],\"RepoTags\":[\"odd:1\"]}]");
    msb.run("load", "-q", "-i", archive.toString()).ok();
    msb.run("create", "-q", "--name", "box", "-e", "MORE=" + BIG, "odd:1").ok();
  }

  @AfterAll
  void removeAll() throws Exception {
    msb.removeAll();
  }

  @Test
  void theDirectoriesThatItNamesAreThere() throws Exception {
    assertThat(sh("pwd; stat -c '%n %u %g %a' /srv/app/new /var/data"))
        .isEqualTo("/srv/app/new\n/srv/app/new 0 0 755\n/var/data 0 0 755\n");
  }

  @Test
  void thatOfAnExecIsNotMade() throws Exception {
    Result result = msb.run("exec", "-w", "/not/there", "box", "--", "pwd");
    assertThat(result.status()).isEqualTo(125);
    assertThat(result.stderr()).contains("/not/there (chdir: ENOENT)");
  }

  @Test
  void usersAndGroupsAreFoundAsOtherRuntimesFindThem() throws Exception {
    String who = "echo $(id -u) $(id -g) $(id -G) $HOME";
    assertThat(sh(who)).isEqualTo("1000 1000 1000 999 2000 /home/app\n");
    String[][] users = {
      {"root", "0 0 0 999 /root\n"},
      {":", "0 0 0 999 /root\n"},
      {"0", "0 0 0 999 /root\n"},
      {"app", "1000 1000 1000 999 2000 /home/app\n"},
      {"1000:", "1000 1000 1000 999 2000 /home/app\n"},
      {"app:extra", "1000 2000 2000 /home/app\n"},
      {":extra", "0 2000 2000 /root\n"},
      {"7", "7 0 0 /\n"},
      {"4711:4712", "4711 4712 4712 /\n"},
    };
    StringBuilder found = new StringBuilder();
    StringBuilder wanted = new StringBuilder();
    for (String[] user : users) {
      wanted.append(user[0]).append(": ").append(user[1]);
      found.append(user[0]).append(": ");
      found.append(msb.run("exec", "-u", user[0], "box", "--", "sh", "-c", who).ok().stdout());
    }
    assertThat(found.toString()).isEqualTo(wanted.toString());
    assertThat(msb.run("exec", "-u", "nobody:app", "box", "--", "id").stderr())
        .contains("no such user in the guest: nobody:app (user: ENOENT)");
    assertThat(msb.run("exec", "-u", "app:no-group", "box", "--", "id").stderr())
        .contains("no such group in the guest: no-group (group: ENOENT)");
    assertThat(msb.run("exec", "-u", "-1", "box", "--", "id").stderr())
        .contains("no such user in the guest: -1");
  }

  @Test
  void itsEnvironmentMayBeAsLongAsExecveTakes() throws Exception {
    assertThat(sh("echo ${#BIG} ${#MORE} $TWICE; env | grep NOVALUE || echo none"))
        .isEqualTo("100000 100000 2\nnone\n");
    StringBuilder lengths = new StringBuilder("echo $# ${#1}");
    List<String> command = new ArrayList<>(List.of("exec"));
    for (int i = 0; i < 4; i++) {
      command.addAll(List.of("-e", "E" + i + "=" + BIG));
      lengths.append(" ${#E").append(i).append('}');
    }
    command.addAll(List.of("box", "--", "sh", "-c", lengths.toString(), "sh"));
    for (int i = 0; i < 9; i++) {
      command.add(BIG);
    }
    assertThat(msb.run(command.toArray(new String[0])).ok().stdout())
        .isEqualTo("9 100000 100000 100000 100000 100000\n");
  }

  @Test
  void aLongerOneIsRefusedByName() throws Exception {
    Path file = temporary.resolve("env-file");
    Files.writeString(file, "LONG=" + "x".repeat(140_000) + "\n");
    for (String name : List.of("new", "box")) {
      boolean create = name.equals("new");
      Result result =
          create
              ? msb.run("create", "--name", name, "--env-file", file.toString(), "odd:1")
              : msb.run("exec", "--env-file", file.toString(), name, "--", "true");
      assertThat(result.status()).isEqualTo(create ? 125 : 2);
      assertThat(result.stderr())
          .contains("the variable LONG takes 140005 bytes, more than the 131071 possible");
    }
    assertThat(msb.run("ls", "-q").ok().stdout()).isEqualTo("box\n");
    List<String> modify = new ArrayList<>(List.of("modify", "box"));
    for (int i = 0; i < 19; i++) {
      modify.addAll(List.of("-e", "V" + i + "=" + BIG));
    }
    Result result = msb.run(modify.toArray(new String[0]));
    assertThat(result.status()).isEqualTo(125);
    assertThat(result.stderr())
        .contains("the environment takes ", " bytes, more than the 1966080 possible");
  }

  /// The last one, as the sandbox has another name then.
  @Test
  @Order(Integer.MAX_VALUE)
  void afterARenameTheFilesSayTheNewName() throws Exception {
    assertThat(sh("cat /etc/hostname; hostname; readlink /etc/mtab; grep -c box /etc/hosts"))
        .isEqualTo("box\nbox\n/proc/mounts\n1\n");
    msb.run("stop", "box").ok();
    msb.run("modify", "-w", "/link/deep", "-u", "", "box").ok();
    msb.run("rename", "box", "other").ok();
    String script =
        "pwd -P; cat /etc/hostname; cat /etc/hosts; id -G; [ -e /data/there/deep ] && echo made";
    assertThat(msb.run("exec", "other", "--", "sh", "-c", script).ok().stdout())
        .isEqualTo(
            "/data/there/deep\nother\n127.0.0.1\tlocalhost other\n::1\tlocalhost\n0 999\nmade\n");
  }

  @Test
  void runTakesItsCommand() throws Exception {
    assertThat(msb.run("run", "-q", "odd:1").ok().stdout())
        .isEqualTo("/srv/app/new\n1000\n100001\n");
  }

  private String sh(String script) throws Exception {
    return msb.run("exec", "box", "--", "sh", "-c", script).ok().stdout();
  }

  private static Result program(String... words) throws Exception {
    return Msb.finish(new ProcessBuilder(words).start());
  }
}
