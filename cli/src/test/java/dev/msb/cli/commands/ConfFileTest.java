package dev.msb.cli.commands;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msb.cli.words.Arguments;
import dev.msb.cli.words.UsageException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfFileTest {
  @TempDir Path directory;

  private Arguments applied(String yaml, String... words) throws Exception {
    Path file = Files.writeString(directory.resolve("sandbox.yaml"), yaml);
    List<String> all = new java.util.ArrayList<>(List.of("--conf", file.toString()));
    all.addAll(List.of(words));
    return ConfFile.applyTo(Arguments.parse(all, new CreateCommand().options(), true));
  }

  @Test
  void itsKeysAreOptionsAndTheCommandLinesWin() throws Exception {
    String yaml =
        """
        image: python:3.12
        name: agent   # a comment
        cpus: 2
        memory: 1G
        env:
          A: "1"
          B: two words
          HOME:
        labels: {team: red, ci: }
        tmpfs: [/scratch:64M, /more]
        ephemeral: true
        idle_timeout: 10m
        scripts:
          start: |
            echo first
            echo second
        """;
    Arguments arguments = applied(yaml, "--memory", "2G", "-e", "A=3");
    assertThat(arguments.positional()).containsExactly("python:3.12");
    assertThat(arguments.value("name")).isEqualTo("agent");
    assertThat(arguments.value("cpus")).isEqualTo("2");
    assertThat(arguments.value("memory")).isEqualTo("2G");
    assertThat(arguments.all("env")).containsExactly("A=1", "B=two words", "HOME", "A=3");
    assertThat(arguments.all("label")).containsExactly("team=red", "ci");
    assertThat(arguments.all("tmpfs")).containsExactly("/scratch:64M", "/more");
    assertThat(arguments.has("ephemeral")).isTrue();
    assertThat(arguments.value("idle-timeout")).isEqualTo("10m");
    assertThat(arguments.all("script")).containsExactly("start=echo first\necho second\n");
    assertThat(applied("image: one\n", "two").positional()).containsExactly("two");
    assertThat(applied("").positional()).isEmpty();
    assertThat(applied("ephemeral: false\n").has("ephemeral")).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "cpus: 2;memroy: 1G      | 2: unknown key \"memroy\"; did you mean memory?",
        "cpus: 2;;cpus: 3        | 3: \"cpus\" is there twice",
        "env:; A: x; A: y        | 3: \"A\" is there twice",
        "env: A=x                | 1: \"env\" is to have keys and values",
        "env:; A: [x]            | 2: \"A\" is to be one value",
        "env:; A=B: x            | 2: \"A=B\" is no name",
        "tmpfs: /x               | 1: \"tmpfs\" is to be a list",
        "cpus:                   | 1: \"cpus\" is to be one value",
        "cpus: {a: b}            | 1: \"cpus\" is to be one value",
        "ephemeral: yes          | 1: \"ephemeral\" is true or false, not \"yes\"",
        "scripts:; s:            | 2: \"s\" is to be one value",
        "- a                     | 1: the file is to have keys and values",
        "just text               | 1: the file is to have keys and values",
      })
  void whatIsOffIsSaidWithItsLine(String yaml, String message) {
    assertThatThrownBy(() -> applied(yaml.replace(';', '\n') + "\n"))
        .isInstanceOf(UsageException.class)
        .hasMessageEndingWith("sandbox.yaml:" + message);
  }

  @Test
  void whatIsNoYamlIsSaidWithItsLine() {
    assertThatThrownBy(() -> applied("cpus: 1\nenv: [a\n"))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("sandbox.yaml:3: ")
        .hasMessageNotContaining("\n");
    assertThatThrownBy(() -> applied("a: 1\n---\nb: 2\n")).isInstanceOf(UsageException.class);
    String bomb = "a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\ncpus: *c\n";
    assertThatThrownBy(() -> applied(bomb)).isInstanceOf(UsageException.class);
    assertThatThrownBy(() ->
            ConfFile.applyTo(
                Arguments.parse(List.of("--conf", "/none"), new CreateCommand().options(), true)))
        .hasMessage("--conf \"/none\" is not there");
  }
}
