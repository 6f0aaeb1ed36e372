package dev.msb.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msb.cli.words.Command;
import dev.msb.cli.words.Help;
import dev.msb.cli.words.Manual;
import dev.msb.cli.words.Option;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The manual pages as those see them who format them: groff, as `man` does, and mandoc.
class ManPageTest {
  @TempDir Path directory;

  @BeforeEach
  void writePages() {
    assertThat(Msb.run(List.of("man", "-o", directory.toString()))).isZero();
  }

  @Test
  void everyCommandHasAPage() throws Exception {
    List<String> names = new ArrayList<>(List.of("msb.1"));
    Commands.names().forEach(name -> names.add("msb-" + name + ".1"));
    assertThat(pages().stream().map(page -> page.getFileName().toString()))
        .containsExactlyInAnyOrderElementsOf(names);
  }

  @Test
  void groffFindsNothingToWarnOf() throws Exception {
    assertThat(run("groff", "-man", "-ww", "-z")).isEmpty();
  }

  @Test
  void mandocFindsNothingToWarnOf() throws Exception {
    assertThat(run("mandoc", "-T", "lint")).isEmpty();
  }

  /// What is copied from a page is what was meant, and no character was lost on the way.
  @Test
  void aPageSaysWhatTheHelpSays() throws Exception {
    for (String name : Commands.names()) {
      Command command = Commands.named(name);
      String text = words(format("msb-" + name + ".1"));
      assertThat(text).contains("msb-" + name + " - " + words(command.summary()));
      for (String usage : Help.usage(command).lines().toList()) {
        assertThat(text).contains(words(usage));
      }
      for (Option option : command.options()) {
        assertThat(text).contains(words(Help.words(option) + " " + option.help()));
      }
      for (String example : command.examples()) {
        assertThat(text).contains(words(example));
      }
    }
  }

  @Test
  void whatHoldsForAllCommandsIsInTheDocumentation() throws Exception {
    String text = words(format("msb.1"));
    String documentation =
        Files.readString(Path.of(System.getProperty("msb.root", "..")).resolve("docs/cli.md"));
    for (Manual.Entry status : Manual.STATUSES_WITH_COMMAND) {
      assertThat(text).contains(words(status.word() + " " + status.meaning()));
      assertThat(documentation).contains("\n| " + status.word() + " | ");
    }
    for (Manual.Entry variable : Manual.ENVIRONMENT) {
      assertThat(text).contains(words(variable.word() + " " + variable.meaning()));
      assertThat(documentation).containsPattern("\n\\| .*`" + variable.word() + "`.* \\| ");
    }
  }

  private List<Path> pages() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.sorted().toList();
    }
  }

  /// With each space, and each break of a line, as one space.
  private static String words(String text) {
    return text.strip().replaceAll("\\s+", " ");
  }

  private String format(String page) throws Exception {
    String[] groff = {"groff", "-man", "-Tutf8", "-P-cbou", "-rLL=500n", "-rHY=0"};
    return run(directory.resolve(page), groff);
  }

  /// A formatter's whole output, for all pages.
  private String run(String... formatter) throws Exception {
    StringBuilder output = new StringBuilder();
    for (Path page : pages()) {
      output.append(run(page, formatter));
    }
    return output.toString();
  }

  private static String run(Path page, String... formatter) throws Exception {
    List<String> words = new ArrayList<>(List.of(formatter));
    words.add(page.toString());
    Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return output;
  }
}
