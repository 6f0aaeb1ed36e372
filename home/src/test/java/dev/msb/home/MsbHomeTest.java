package dev.msb.home;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Whose a home is, and who may look into it.
class MsbHomeTest {
  @TempDir Path temporary;
  private Path path;
  private MsbHome home;

  @BeforeEach
  void name() {
    path = temporary.resolve("home");
    home = new MsbHome(path);
  }

  private static String mode(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  private static void mode(Path path, String mode) throws IOException {
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
  }

  @Test
  void aHomeThatIsMadeHereIsClosed() throws Exception {
    home.make();
    assertThat(mode(path)).isEqualTo("rwx------");
    home.check();
  }

  @ParameterizedTest
  @ValueSource(strings = {"rwxrwxrwx", "rwx-w----", "rwx----w-"})
  void aHomeThatOthersMayWriteToIsRefused(String mode) throws Exception {
    Files.createDirectory(path);
    mode(path, mode);
    assertThatThrownBy(home::make)
        .isInstanceOf(IOException.class)
        .hasMessage(
            "others may write to the home %1$s: take that away (chmod go-w %1$s)".formatted(path));
    assertThat(path).isEmptyDirectory();
  }

  @Test
  void aHomeOfAnotherUserIsRefused() throws Exception {
    Path foreign = path;
    if (TrustedUsers.own() == 0) {
      Files.createDirectory(path);
      Files.setAttribute(path, "unix:uid", 1234);
    } else {
      foreign = Path.of("/"); // root's
    }
    assertThatThrownBy(new MsbHome(foreign)::make)
        .hasMessageMatching(
            "the home \\S+ belongs to user \\d+, and this is user \\d+: name a directory of your own by"
                + " MSB_HOME");
  }

  /// The directory may be one that others are to see into, and has files that are not ours.
  @Test
  void inAHomeThatOthersSeeWhatIsOursIsClosed() throws Exception {
    Files.createDirectory(path);
    mode(path, "rwxr-xr-x");
    for (String directory : new String[] {"sandboxes", "images", "templates", "last-failure"}) {
      mode(Files.createDirectory(path.resolve(directory)), "rwxr-xr-x");
    }
    for (String file : new String[] {"events", "accelerator", "notes"}) {
      mode(Files.createFile(path.resolve(file)), "rw-r--r--");
    }

    home.make();

    assertThat(mode(path)).isEqualTo("rwxr-xr-x");
    for (String directory : new String[] {"sandboxes", "images", "templates", "last-failure"}) {
      assertThat(mode(path.resolve(directory))).as(directory).isEqualTo("rwx------");
    }
    assertThat(mode(path.resolve("events"))).isEqualTo("rw-------");
    assertThat(mode(path.resolve("accelerator"))).isEqualTo("rw-------");
    assertThat(mode(path.resolve("notes"))).isEqualTo("rw-r--r--");
  }

  @Test
  void filesAreTheirOwnersOnly() throws Exception {
    Path file = temporary.resolve("config");
    MsbHome.write(file, new byte[] {1, 2, 3});
    MsbHome.write(file, new byte[] {4});
    assertThat(Files.readAllBytes(file)).containsExactly(4);
    assertThat(mode(file)).isEqualTo("rw-------");
    home.make();
    home.events().add("box", "created");
    home.events().add("box", "removed");
    assertThat(mode(home.events().file())).isEqualTo("rw-------");
    assertThat(Files.readAllLines(home.events().file())).hasSize(2);
  }
}
