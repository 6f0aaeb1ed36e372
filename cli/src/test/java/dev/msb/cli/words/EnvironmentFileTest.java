package dev.msb.cli.words;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EnvironmentFileTest {
  @TempDir Path directory;

  private String file(String... lines) throws Exception {
    return Files.writeString(directory.resolve("env"), String.join("\n", lines)).toString();
  }

  @Test
  void aLineIsAVariable() throws Exception {
    String file =
        file(
            "\ufeffA=1",
            "",
            "# comment",
            "  # comment",
            "  B=2",
            "\tC=3\r",
            "QUOTED=\"as it is\" ",
            "EMPTY=",
            "EQUALS=a=b",
            "PATH",
            "LAST=x # of the value");
    assertThat(EnvironmentFile.read(file))
        .containsExactly(
            "A=1",
            "B=2",
            "C=3",
            "QUOTED=\"as it is\" ",
            "EMPTY=",
            "EQUALS=a=b",
            "PATH=" + System.getenv("PATH"),
            "LAST=x # of the value");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "export D=3 | the name \"export D\" has a blank in it: write NAME=value, without export",
        "D =3 | the name \"D \" has a blank in it: write NAME=value, without export",
        "a word | the name \"a word\" has a blank in it: write NAME=value, without export",
        "=3 | --env \"=3\" has no name: write NAME=value or NAME",
        "MSB_UNSET_HERE | --env MSB_UNSET_HERE: there is no such variable here to copy",
      })
  void whatIsNoVariableIsRefusedWithItsLine(String line, String message) throws Exception {
    String file = file("A=1", "", " " + line, "B=2");
    assertThatThrownBy(() -> EnvironmentFile.read(file))
        .isInstanceOf(UsageException.class)
        .hasMessage("--env-file " + file + ":3: " + message);
  }
}
