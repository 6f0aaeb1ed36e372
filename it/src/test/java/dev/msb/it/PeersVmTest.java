package dev.msb.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msb.it.Msb.Result;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Programs that we did not write, on both ends of `msb exec --stream`: an MCP client and server,
/// git, sftp, tar. None of them knows that there is no local process behind the pipes.
@Timeout(300)
class PeersVmTest extends BoxTest {
  private static final Path PROGRAMS = Path.of("peers").toAbsolutePath();
  private static final Path MADE = PeerImage.MADE;
  private static final String SERVER =
      "/opt/server/node_modules/@modelcontextprotocol/server-everything/dist/index.js";

  @TempDir private static Path temporary = Path.of("/");

  PeersVmTest() throws IOException {}

  @BeforeAll
  @Timeout(900) // the first time: packages are downloaded
  @Override
  void createBox() throws Exception {
    need("node", "nodejs");
    need("npm", "npm");
    need("git", "git");
    need("sftp", "openssh-client");
    msb.create("box", "-m", "1G", PeerImage.make().toString()).ok();
  }

  private static void need(String program, String debianPackage) {
    String path = System.getenv().getOrDefault("PATH", "");
    for (String directory : path.split(File.pathSeparator, -1)) {
      if (Files.isExecutable(Path.of(directory, program))) {
        return;
      }
    }
    throw new AssertionError(
        program + " is missing; have this run as root: apt-get install " + debianPackage);
  }

  @Test
  void anMcpSessionRunsAndEndsWithItsInput() throws Exception {
    Result session = run(mcpClient("orderly")).ok();
    assertThat(session.stdout())
        .contains("\"server\":\"mcp-servers/everything\"")
        .containsPattern("\"tools\":\\[[^]]*\"echo\"")
        .contains("\"echo\":\"Echo: hello\"")
        .contains("\"sum\":\"The sum of 2 and 3 is 5.\"")
        .contains("sampled: Resource trigger-sampling-request context: why")
        .contains("\"progress\":[1,2,3,4]")
        .containsPattern("\"longBytes\":41943\\d\\d,\"longIsEqual\":true")
        .contains("\"manyAreEqual\":true")
        .contains("\"status\":0,\"signal\":null")
        .contains("\"stderr\":\"Starting default (STDIO) server...\\n\"")
        .contains("\"errors\":[]");
    assertThat(servers()).isEmpty();
  }

  @Test
  void anMcpClientClosesItsServer() throws Exception {
    Result session = run(mcpClient("close")).ok();
    assertThat(session.stdout())
        .contains("\"echo\":\"Echo: hello\"")
        .containsPattern("\"status\":(0|143),\"signal\":null"); // 143 if two seconds were too few
    assertThat(servers()).isEmpty();
  }

  @Test
  void anMcpServerIsGoneWithAKilledMsbAndTheNextSessionWorks() throws Exception {
    Result session = run(mcpClient("abrupt")).ok();
    assertThat(session.stdout())
        .contains("\"status\":null,\"signal\":\"SIGKILL\"")
        .contains("\"pending\":\"MCP error -32000: Connection closed\"");
    awaitNoServer();
    assertThat(run(mcpClient("close")).ok().stdout()).contains("\"echo\":\"Echo: hello\"");
  }

  @Test
  void anMcpServerIsGoneWithAKilledClient() throws Exception {
    Process client = mcpClient("idle").redirectError(ProcessBuilder.Redirect.DISCARD).start();
    try (BufferedReader out = client.inputReader()) {
      assertThat(out.readLine()).contains("\"echo\":\"Echo: hello\"");
      assertThat(servers()).hasSize(1);
      List<ProcessHandle> children = client.children().toList();
      assertThat(children).hasSize(1);
      client.destroyForcibly().waitFor();
      children.getFirst().onExit().get();
    }
    assertThat(servers()).isEmpty(); // msb ends after what it runs
  }

  @Test
  void anImageOfDebiansPackagesIsLoadedAndRun() throws Exception {
    String layout = temporary.resolve("layout").toString();
    String maker = Path.of("make-app-image").toAbsolutePath().toString();
    run(command(maker, MADE.resolve("peers.squashfs").toString(), layout)).ok();
    assertThat(msb.run("load", "-q", "-i", layout).ok().stdout()).startsWith("layout:app sha256:");
    List<String> debian = List.of("run", "-q", "-m", "1G", "--entrypoint", "", "layout:app", "--");
    assertThat(words(debian, "node", "-e", "console.log(6 * 7, process.version)").ok().stdout())
        .matches("42 v\\d+[.].*\n");
    assertThat(words(debian, "python3", "-c", "print(6 * 7)").ok().stdout()).isEqualTo("42\n");
    msb.run("image", "rm", "layout:app").ok();
  }

  private Result words(List<String> first, String... more) throws Exception {
    List<String> words = new ArrayList<>(first);
    words.addAll(List.of(more));
    return msb.run(words.toArray(new String[0]));
  }

  @Test
  void gitClonesAndPushes() throws Exception {
    msb.run("exec", "box", "--", "git", "init", "-q", "--bare", "-b", "main", "/root/repo.git")
        .ok();
    String url = "ssh://root@box/root/repo.git";
    Path first = temporary.resolve("first");
    Path second = temporary.resolve("second");
    git("clone", "-q", url, first.toString()).ok();
    Files.writeString(first.resolve("small"), "one\n");
    Files.write(first.resolve("big"), random(20 << 20, 20));
    inRepository(first, "add", ".").ok();
    inRepository(first, "commit", "-q", "-m", "one").ok();
    inRepository(first, "push", "-q", "origin", "HEAD:main").ok();

    git("clone", "-q", url, second.toString()).ok();
    assertThat(second.resolve("big")).hasSameBinaryContentAs(first.resolve("big"));
    Files.writeString(second.resolve("small"), "two\n");
    inRepository(second, "commit", "-q", "-a", "-m", "two").ok();
    inRepository(second, "push", "-q", "origin", "HEAD:main").ok();

    inRepository(first, "pull", "-q", "--ff-only", "origin", "main").ok();
    assertThat(first.resolve("small")).hasContent("two\n");
    String head = inRepository(second, "rev-parse", "HEAD").ok().stdout();
    assertThat(inRepository(first, "rev-parse", "HEAD").ok().stdout()).isEqualTo(head);
    assertThat(msb.sh("box", "cd /root/repo.git && git rev-parse main && git fsck").ok().stdout())
        .isEqualTo(head);
  }

  @Test
  void gitIsToldOfARepositoryThatIsNotThere() throws Exception {
    Result clone =
        git("clone", "ssh://root@box/root/none.git", temporary.resolve("none").toString());
    assertThat(clone.status()).isEqualTo(128);
    assertThat(clone.stderr())
        .contains("'/root/none.git' does not appear to be a git repository")
        .doesNotContain("msb:");
  }

  @Test
  void sftpPutsAndGets() throws Exception {
    Path sent = Files.write(temporary.resolve("sent"), random(10 << 20, 10));
    Path received = temporary.resolve("received");
    Result batch =
        sftp(
            "mkdir /root/sftp",
            "put " + sent + " /root/sftp/file",
            "get /root/sftp/file " + received);
    assertThat(batch.ok().stderr()).doesNotContain("msb:");
    String sha256 = ExecVmTest.sha256(Files.readAllBytes(sent));
    assertThat(msb.run("exec", "box", "--", "sha256sum", "/root/sftp/file").ok().stdout())
        .startsWith(sha256);
    assertThat(ExecVmTest.sha256(Files.readAllBytes(received))).isEqualTo(sha256);
  }

  @Test
  void sftpIsToldOfAFileThatIsNotThere() throws Exception {
    Result batch = sftp("get /none " + temporary);
    assertThat(batch.status()).isEqualTo(1);
    assertThat(batch.stderr()).contains("File \"/none\" not found.").doesNotContain("msb:");
  }

  @Test
  void aTreeGoesInAndOutThroughTar() throws Exception {
    Result trees =
        run(
            command(
                "bash",
                "-c",
                """
                set -euo pipefail
                export LC_ALL=C
                umask 022
                mkdir "$1/there" "$1/back"
                cd "$1/there"
                mkdir -p empty 'with space/deep/deeper' closed shared
                printf newline >$'a\\nb'
                printf latin1 >$'caf\\xe9'
                printf utf8 >'日本語'
                printf dash >./-rf
                printf quotes >"it's \\"so\\" \\$HOME *?"
                printf long >"$(printf 'x%.0s' {1..250})"
                : >nothing
                seq 700000 >'with space/deep/deeper/lines'
                head -c 3000000 /dev/urandom >random
                ln random 'hard link'
                ln -s nowhere/at/all dangling
                ln -s 'with space' link
                mkfifo fifo
                for i in {1..300}; do echo "$i" >"shared/$i"; done
                chmod 755 ./-rf
                chmod 4711 nothing
                chmod 400 random
                chmod 1777 shared
                chmod 700 closed
                find . -exec touch -h -d '1999-12-31 23:59:59.123456789 UTC' {} +

                list='{
                  find . -type d -printf "%P|%y|%m|%T@\\0" -o -printf "%P|%y|%m|%T@|%n|%s|%l\\0"
                  find . -type f -exec sha256sum -z {} +
                } | LC_ALL=C sort -z'
                pack='tar --format=posix -cf - .'
                unpack='tar -xpf -'
                guest() { "$MSB" exec --stream -w /root/tree box -- sh -c "$1"; }
                "$MSB" exec box -- mkdir /root/tree

                sh -c "$pack" | guest "$unpack"
                guest "$pack" | (cd ../back && sh -c "$unpack")
                sh -c "$list" >../there.list
                guest "$list" >../in.list
                (cd ../back && sh -c "$list") >../back.list
                """,
                "bash",
                temporary.toString()));
    assertThat(trees.ok().stderr()).isEmpty();
    byte[] there = Files.readAllBytes(temporary.resolve("there.list"));
    assertThat(there.length).isGreaterThan(300 * 64);
    assertThat(temporary.resolve("in.list")).hasBinaryContent(there);
    assertThat(temporary.resolve("back.list")).hasBinaryContent(there);
  }

  private static byte[] random(int size, long seed) {
    byte[] bytes = new byte[size];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  /// A program on this side that calls msb.
  private ProcessBuilder command(String... words) {
    ProcessBuilder command = new ProcessBuilder(words).directory(temporary.toFile());
    ProcessBuilder ours = msb.command();
    command.environment().putAll(ours.environment());
    command.environment().put("MSB", path(ours.command().getFirst()));
    command.environment().put("LC_ALL", "C.UTF-8");
    return command;
  }

  private static String path(String program) {
    return Path.of(program).toAbsolutePath().normalize().toString();
  }

  private static Result run(ProcessBuilder command) throws IOException, InterruptedException {
    return Msb.finish(command.redirectInput(new File("/dev/null")).start());
  }

  private ProcessBuilder mcpClient(String session) {
    return command(
            "node",
            PROGRAMS.resolve("mcp-client.mjs").toString(),
            session,
            path(msb.command().command().getFirst()),
            "exec",
            "--stream",
            "box",
            "--",
            "node",
            SERVER,
            "stdio")
        .directory(MADE.resolve("client").toFile());
  }

  private Result git(String... arguments) throws IOException, InterruptedException {
    List<String> words = new ArrayList<>(List.of("git"));
    words.addAll(List.of("-c", "user.name=Test", "-c", "user.email=test@localhost"));
    words.addAll(List.of(arguments));
    ProcessBuilder command = command(words.toArray(new String[0]));
    command.environment().put("GIT_CONFIG_GLOBAL", "/dev/null");
    command.environment().put("GIT_CONFIG_NOSYSTEM", "1");
    command.environment().put("GIT_SSH_COMMAND", "'" + PROGRAMS.resolve("msb-ssh") + "'");
    command.environment().put("GIT_SSH_VARIANT", "ssh");
    return run(command);
  }

  private Result inRepository(Path repository, String... arguments)
      throws IOException, InterruptedException {
    List<String> words = new ArrayList<>(List.of("-C", repository.toString()));
    words.addAll(List.of(arguments));
    return git(words.toArray(new String[0]));
  }

  private Result sftp(String... batch) throws IOException, InterruptedException {
    Path file = Files.write(Files.createTempFile(temporary, "batch", ""), List.of(batch));
    return run(
        command(
            "sftp", "-S", PROGRAMS.resolve("msb-ssh").toString(), "-b", file.toString(), "box"));
  }

  /// The pids of the MCP servers in the guest.
  private List<String> servers() throws IOException, InterruptedException {
    Result found = msb.run("exec", "box", "--", "pgrep", "-f", SERVER);
    assertThat(found.status()).as(found.stderr()).isBetween(0, 1); // 1: there is none
    return found.stdout().lines().toList();
  }

  /// As a killed msb cannot wait for what it ran. The test's time limit ends it.
  private void awaitNoServer() throws IOException, InterruptedException {
    while (!servers().isEmpty()) {
      Thread.sleep(50);
    }
  }
}
