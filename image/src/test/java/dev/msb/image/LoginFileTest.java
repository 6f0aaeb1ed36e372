package dev.msb.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class LoginFileTest {
  @TempDir private Path directory = Path.of("/nonexistent");

  private LoginFile file() {
    return new LoginFile(directory.resolve("logins.json"));
  }

  @Test
  void whatIsStoredIsFoundListedAndForgotten() throws Exception {
    Credentials password = new Credentials.Password("ann", "p:ä\"\n");
    Credentials identity = new Credentials.IdentityToken("tok");
    file().login("https://index.docker.io/v1/", password);
    file().login("example.org:5000", identity);

    assertThat(file().registries()).containsExactly("docker.io", "example.org:5000");
    assertThat(file().find("docker.io")).contains(password);
    assertThat(file().find("example.org:5000")).contains(identity);
    assertThat(file().find("example.org")).isEmpty();

    assertThat(file().logout("docker.io")).isTrue();
    assertThat(file().logout("docker.io")).isFalse();
    assertThat(file().registries()).containsExactly("example.org:5000");
  }

  @Test
  void onlyItsOwnerCanReadIt() throws Exception {
    Path path = directory.resolve("logins.json");
    Files.createFile(
        path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r--r--")));
    file().login("example.org", new Credentials.Password("ann", "secret"));
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
        .isEqualTo("rw-------");
    assertThat(Files.readString(path)).doesNotContain("secret");
  }

  @Test
  void dockersProgramsCanReadIt() throws Exception {
    file().login("docker.io", new Credentials.Password("ann", "secret"));
    assertThat(new DockerConfig(directory.resolve("logins.json"), "").find("docker.io"))
        .contains(new Credentials.Password("ann", "secret"));
  }

  @Test
  void writersDoNotLoseEachOthersEntries() throws Exception {
    List<Future<?>> writing = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 20; i++) {
        String registry = "r" + i + ".example.org";
        writing.add(
            threads.submit(() -> {
              file().login(registry, new Credentials.Password("ann", "secret"));
              return null;
            }));
      }
    }
    for (Future<?> writer : writing) {
      writer.get();
    }
    assertThat(file().registries()).hasSize(20);
  }

  @Test
  void ofTwoSourcesTheFirstThatKnowsIsTaken() throws Exception {
    file().login("example.org", new Credentials.Password("ann", "secret"));
    CredentialSource both =
        file().orElse(registry -> java.util.Optional.of(new Credentials.IdentityToken("other")));
    assertThat(both.find("example.org")).contains(new Credentials.Password("ann", "secret"));
    assertThat(both.find("example.com")).contains(new Credentials.IdentityToken("other"));
  }

  @Test
  void aDirectoryThatIsNotThereIsNamed() {
    LoginFile file = new LoginFile(directory.resolve("gone/logins.json"));
    assertThatThrownBy(() -> file.login("example.org", new Credentials.Password("ann", "secret")))
        .isInstanceOf(ImageException.class)
        .hasMessageStartingWith("cannot write the credentials to " + directory)
        .hasMessageNotContaining("secret");
  }
}
