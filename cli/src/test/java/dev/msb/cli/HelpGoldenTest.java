package dev.msb.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msb.cli.commands.CompletionCommand;
import dev.msb.cli.words.Help;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The texts of `--help`, and the scripts of `msb completion`.
class HelpGoldenTest {
  @Test
  void ofMsb() throws Exception {
    Golden.check("help/msb.txt", Help.all(Commands.groups()));
  }

  @Test
  void ofEachCommandAndOfNoOther() throws Exception {
    List<String> names = new ArrayList<>(List.of("msb.txt"));
    for (String name : Commands.names()) {
      Golden.check("help/" + name + ".txt", Help.of(Commands.named(name)));
      names.add(name + ".txt");
    }
    assertThat(Golden.names("help")).containsExactlyInAnyOrderElementsOf(names);
  }

  @ParameterizedTest
  @ValueSource(strings = {"bash", "zsh", "fish"})
  void completion(String shell) throws Exception {
    Golden.check("completion/" + shell, new CompletionCommand(Commands::groups).script(shell));
  }
}
