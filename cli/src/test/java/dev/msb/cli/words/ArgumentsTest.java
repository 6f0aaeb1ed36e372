package dev.msb.cli.words;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msb.cli.Commands;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The words of a command line, sorted.
class ArgumentsTest {
  @Test
  void twoDashesEndTheOptionsOfEachCommandThatRunsNone() throws Exception {
    for (String name : Commands.names()) {
      Command command = Commands.named(name);
      Arguments arguments =
          Arguments.parse(
              List.of("a", "--", "-b", "--", "-"), command.options(), command.takesCommand());
      if (List.of("exec", "run", "create").contains(name)) {
        assertThat(arguments.positional()).as(name).containsExactly("a");
        assertThat(arguments.command()).as(name).containsExactly("-b", "--", "-");
      } else {
        assertThat(arguments.positional()).as(name).containsExactly("a", "-b", "--", "-");
        assertThat(arguments.command()).as(name).isNull();
      }
    }
  }
}
