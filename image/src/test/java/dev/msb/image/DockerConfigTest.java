package dev.msb.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class DockerConfigTest {
  private static final Credentials.Password ANN = new Credentials.Password("ann", "se:cret");

  @TempDir private Path directory = Path.of("/nonexistent");

  private DockerConfig config(String json) throws IOException {
    Path file = directory.resolve("config.json");
    Files.writeString(file, json);
    return new DockerConfig(file, directory + ":/usr/bin:/bin");
  }

  private void helper(String name, String script) throws IOException {
    Path file = directory.resolve("docker-credential-" + name);
    Files.writeString(file, "#!/bin/sh\n" + script);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
  }

  private static String auth(String text) {
    return Base64.getEncoder().encodeToString(TestImage.bytes(text));
  }

  @Test
  void withoutAFileThereAreNone() throws Exception {
    assertThat(new DockerConfig(directory.resolve("none"), "").find("docker.io")).isEmpty();
  }

  @Test
  void theEnvironmentNamesTheFile() throws Exception {
    config("{\"auths\":{\"example.org\":{\"auth\":\"" + auth("ann:se:cret") + "\"}}}");
    DockerConfig config = DockerConfig.of(Map.of("DOCKER_CONFIG", directory.toString()));
    assertThat(config.find("example.org")).contains(ANN);
    assertThat(config.find("example.com")).isEmpty();
  }

  @Test
  void dockersOwnRegistryHasItsOldName() throws Exception {
    DockerConfig config =
        config(
            "{\"auths\":{\"https://index.docker.io/v1/\":{\"auth\":\""
                + auth("ann:se:cret")
                + "\"}}}");
    assertThat(config.find("docker.io")).contains(ANN);
  }

  @Test
  void addressesAndPaddedPasswordsAreUnderstood() throws Exception {
    DockerConfig config =
        config(
            "{\"auths\":{\"https://example.org:5000/v2/\":{\"auth\":\""
                + auth("ann:se:cret\0\0")
                + "\"},\"example.com/team\":{\"auth\":\""
                + auth("x:y")
                + "\"}}}");
    assertThat(config.find("example.org:5000")).contains(ANN);
    assertThat(config.find("example.com")).isEmpty();
  }

  @Test
  void anIdentityTokenGoesBeforeAPassword() throws Exception {
    DockerConfig config =
        config(
            "{\"auths\":{\"example.org\":{\"auth\":\""
                + auth("ann:")
                + "\",\"identitytoken\":\"tok\"}}}");
    assertThat(config.find("example.org")).contains(new Credentials.IdentityToken("tok"));
  }

  @Test
  void aHelperIsAskedOnItsStandardInput() throws Exception {
    helper(
        "fake",
        """
        read server
        echo "$1 $server" > %s/asked
        echo '{"ServerURL":"x","Username":"ann","Secret":"se:cret"}'
        """
            .formatted(directory));
    DockerConfig config = config("{\"credHelpers\":{\"example.org:5000\":\"fake\"}}");
    assertThat(config.find("example.org:5000")).contains(ANN);
    assertThat(directory.resolve("asked")).hasContent("get example.org:5000\n");
    assertThat(config.find("example.com")).isEmpty();
  }

  @Test
  void theStoreIsForAllOthersAndKnowsDockerByItsOldName() throws Exception {
    helper("one", "echo '{\"Username\":\"one\",\"Secret\":\"1\"}'");
    helper(
        "all",
        """
        read server
        echo '{"Username":"<token>","Secret":"'$server'"}'
        """);
    DockerConfig config =
        config("{\"credsStore\":\"all\",\"credHelpers\":{\"example.org\":\"one\"}}");
    assertThat(config.find("example.org")).contains(new Credentials.Password("one", "1"));
    assertThat(config.find("docker.io"))
        .contains(new Credentials.IdentityToken("https://index.docker.io/v1/"));
  }

  @Test
  void whatAHelperDoesNotHaveIsLookedUpInTheFile() throws Exception {
    helper("fake", "echo 'credentials not found in native keychain'; exit 1");
    DockerConfig config =
        config(
            "{\"credsStore\":\"fake\",\"auths\":{\"example.org\":{\"auth\":\""
                + auth("ann:se:cret")
                + "\"},\"example.com\":{}}}");
    assertThat(config.find("example.org")).contains(ANN);
    assertThat(config.find("example.com")).isEmpty();
  }

  @Test
  void aHelperThatFailsIsNamedWithoutWhatItWrote() throws Exception {
    helper("fake", "echo hunter2; echo hunter2 >&2; exit 3");
    assertThatThrownBy(() -> config("{\"credsStore\":\"fake\"}").find("a.org"))
        .isInstanceOf(ImageException.class)
        .hasMessage("docker-credential-fake failed with exit status 3");
    helper("fake", "echo hunter2");
    assertThatThrownBy(() -> config("{\"credsStore\":\"fake\"}").find("a.org"))
        .hasMessageStartingWith("the answer of docker-credential-fake is not JSON")
        .hasMessageNotContaining("hunter2")
        .hasNoCause();
  }

  @Test
  void aHelperThatIsNotThereIsNamed() {
    assertThatThrownBy(() -> config("{\"credsStore\":\"gone\"}").find("a.org"))
        .hasMessage(
            "docker-credential-gone, which "
                + directory
                + "/config.json names, is not in a directory of PATH");
    assertThatThrownBy(() -> config("{\"credsStore\":\"../../evil\"}").find("a.org"))
        .hasMessage("\"../../evil\" is no name of a helper that keeps credentials");
  }

  @Test
  void aHelpersTimeAndOutputAreLimited() throws Exception {
    helper(
        "endless", "while :; do echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa; done");
    assertThatThrownBy(() -> config("{\"credsStore\":\"endless\"}").find("a.org"))
        .hasMessage("docker-credential-endless writes more than 65536 bytes");
    helper("slow", "echo $$ > " + directory + "/pid; exec sleep 1000");
    DockerConfig slow =
        new DockerConfig(
            Files.writeString(directory.resolve("slow.json"), "{\"credsStore\":\"slow\"}"),
            directory.toString(),
            Duration.ofMillis(1500));
    assertThatThrownBy(() -> slow.find("a.org"))
        .hasMessage("docker-credential-slow does not answer within 1500 ms");
    long pid = Long.parseLong(Files.readString(directory.resolve("pid")).strip());
    ProcessHandle.of(pid).ifPresent(process -> process.onExit().join());
  }

  @Test
  void nothingOfADamagedFileIsShown() {
    assertThatThrownBy(
            () -> config("{\"auths\":{\"a.org\":{\"auth\":\"hunter2!\"}}}").find("a.org"))
        .hasMessageEndingWith("\"auth\" is not base64")
        .hasMessageNotContaining("hunter2")
        .hasNoCause();
    assertThatThrownBy(() -> config("{\"auths\": hunter2}").find("a.org"))
        .hasMessageContaining("config.json is not JSON (line 1, column ")
        .hasMessageNotContaining("hunter2")
        .hasNoCause();
  }

  @Test
  void theTextFormOfCredentialsShowsNothing() {
    assertThat(ANN.toString()).doesNotContain("ann").doesNotContain("cret");
    assertThat(new Credentials.IdentityToken("tok").toString()).doesNotContain("tok");
  }
}
