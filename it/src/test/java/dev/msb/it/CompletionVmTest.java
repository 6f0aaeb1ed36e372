package dev.msb.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The scripts of `msb completion` in the shells they are for, and the examples of the help.
@Timeout(120)
class CompletionVmTest extends BoxTest {
  CompletionVmTest() throws IOException {}

  private String in(String... shell) throws Exception {
    ProcessBuilder builder = msb.command("x");
    Path program = Path.of(builder.command().getFirst()).toAbsolutePath().normalize();
    builder.environment().merge("PATH", program.getParent() + ":", (old, ours) -> ours + old);
    Process process = builder.command(shell).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(out).isZero();
    return out;
  }

  private String bash(String... words) throws Exception {
    String line =
        "eval \"$(msb completion bash)\"; COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); _msb;"
            + " printf '%s\\n' \"${COMPREPLY[@]}\"";
    List<String> command = new ArrayList<>(List.of("bash", "-c", line, "bash"));
    command.addAll(List.of(words));
    return in(command.toArray(new String[0]));
  }

  @Test
  void bashCompletesCommandsOptionsAndNames() throws Exception {
    assertThat(bash("msb", "re")).isEqualTo("restart\nrename\nregistry\n");
    assertThat(bash("msb", "exec", "--str")).isEqualTo("--stream\n");
    assertThat(bash("msb", "exec", "b")).isEqualTo("box\n");
    assertThat(bash("msb", "exec", "box", "--", "--st")).isEqualTo("\n");
  }

  @Test
  void fishCompletesCommandsOptionsAndNames() throws Exception {
    assertThat(in("fish", "-c", "msb completion fish | source; complete -C 'msb renam'"))
        .startsWith("rename\t");
    assertThat(in("fish", "-c", "msb completion fish | source; complete -C 'msb exec --strea'"))
        .startsWith("--stream\t");
    assertThat(in("fish", "-c", "msb completion fish | source; complete -C 'msb exec bo'"))
        .contains("box");
  }

  @Test
  void zshTakesItsScript() throws Exception {
    String line =
        "autoload -Uz compinit && compinit -u -D; source <(msb completion zsh);"
            + " print -r -- ${_comps[msb]} ${+functions[_msb]}";
    assertThat(in("zsh", "-f", "-c", line)).isEqualTo("_msb 1\n");
  }

  @Test
  void everyCommandIsInTheHelpWithAnExample() throws Exception {
    String help = msb.run("--help").ok().stdout();
    assertThat(help).contains("Run commands:", "Sandboxes:", "Images:", "This machine:");
    for (String name : bash("msb", "").lines().filter(w -> !w.startsWith("-")).toList()) {
      assertThat(msb.run(name, "--help").ok().stdout())
          .startsWith("msb " + name + ": ")
          .containsPattern("Examples:\n  .*msb " + name);
      assertThat(help).contains("  " + name + " ");
    }
  }
}
