package dev.msb.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msb.it.Msb.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The set-up on a machine that lacks something, as a user who may not install it. Needs root, to
/// become such a user.
@Timeout(60)
class SetupTest {
  private static final Path ROOT = Path.of(System.getProperty("msb.root", ".."));

  private final Path place;

  SetupTest() throws IOException {
    place = Files.createTempDirectory("msb-it-setup-");
  }

  @BeforeEach
  void makePlace() throws IOException {
    Files.setPosixFilePermissions(place, PosixFilePermissions.fromString("rwxrwxrwx"));
    Path programs = Files.createDirectory(place.resolve("bin"));
    Files.setPosixFilePermissions(programs, PosixFilePermissions.fromString("rwxr-xr-x"));
    try (Stream<Path> all = Files.list(Path.of("/usr/bin"))) {
      for (Path program : all.toList()) {
        String name = program.getFileName().toString();
        if (!name.equals("musl-gcc") && !name.equals("mksquashfs") && !name.equals("sudo")) {
          Files.createSymbolicLink(programs.resolve(name), program);
        }
      }
    }
  }

  @AfterEach
  void removePlace() throws IOException {
    Msb.deleteTree(place);
  }

  @Test
  void aUserWithoutRootIsToldTheExactLine() throws Exception {
    Result result = setup("MSB_JAVA_HOME=" + System.getProperty("java.home"));
    assertThat(result.status()).isEqualTo(125);
    assertThat(result.stdout()).isEmpty();
    assertThat(result.stderr())
        .isEqualTo(
            """
            msb: Debian packages are missing, and installing them takes root. Have this run, then try again:
              apt-get install --no-install-recommends musl-tools squashfs-tools
            """);
  }

  private Result setup(String... environment) throws IOException, InterruptedException {
    // The checkout itself may lie where nobody may look: a copy of the script does.
    Path script = Files.copy(ROOT.resolve("build"), place.resolve("build"));
    ProcessBuilder builder =
        new ProcessBuilder(
            "setpriv",
            "--reuid=65534",
            "--regid=65534",
            "--clear-groups",
            script.toString(),
            "setup");
    builder.environment().put("PATH", place.resolve("bin").toString());
    builder.environment().put("HOME", place.toString());
    builder.environment().put("MSB_DIST", place.resolve("dist").toString());
    for (String variable : environment) {
      String[] parts = variable.split("=", 2);
      builder.environment().put(parts[0], parts[1]);
    }
    return Msb.finish(builder.redirectInput(Path.of("/dev/null").toFile()).start());
  }
}
