package dev.msb.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msb.it.Msb.Result;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Words that are off: one clear line, the right status, and nothing started.
@Timeout(60)
class UsageTest {
  private final Msb msb;

  UsageTest() throws IOException {
    msb = new Msb();
  }

  @AfterEach
  void removeAll() throws Exception {
    msb.removeAll();
  }

  @Test
  void ofSeveralEachThatFailsIsNamed() throws Exception {
    for (String command : new String[] {"rm", "stop", "start", "kill", "ping", "wait", "inspect"}) {
      Result result = msb.run(command, "one", "two");
      assertThat(result.status()).as(command).isEqualTo(125);
      assertThat(result.stderr())
          .isEqualTo("msb: there is no sandbox \"one\"\nmsb: there is no sandbox \"two\"\n");
    }
    for (String command : new String[] {"rm", "inspect"}) {
      Result result = msb.run("image", command, "one", "two:2");
      assertThat(result.status()).as(command).isEqualTo(125);
      assertThat(result.stderr())
          .isEqualTo("msb: there is no image one:latest here\nmsb: there is no image two:2 here\n");
    }
    Result pull = msb.run("pull", "-q", "localhost:1/one", "localhost:1/two");
    assertThat(pull.status()).isEqualTo(125);
    assertThat(pull.stderr()).hasLineCount(2).contains("localhost:1/one", "localhost:1/two");
    assertThat(msb.run("rm", "one", "../two"))
        .isEqualTo(
            new Result(
                2,
                "",
                "msb: \"../two\" is no name for a sandbox: use 1 to 63 letters, digits, '-', '_' and"
                    + " '.', the first a letter or digit\n"));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "exec nope -- true                      | 125 | there is no sandbox \"nope\"",
        "stop nope                              | 125 | there is no sandbox \"nope\"",
        "start nope                             | 125 | there is no sandbox \"nope\"",
        "rm nope                                | 125 | there is no sandbox \"nope\"",
        "exec ../etc -- true                    | 2   | \"../etc\" is no name for a sandbox: use 1 to 63 letters, digits, '-', '_' and '.', the first a letter or digit",
        "create -n a/b                          | 2   | \"a/b\" is no name for a sandbox: use 1 to 63 letters, digits, '-', '_' and '.', the first a letter or digit",
        "create -n .hidden                      | 2   | \".hidden\" is no name for a sandbox: use 1 to 63 letters, digits, '-', '_' and '.', the first a letter or digit",
        "create -n box -m lots                  | 2   | --memory \"lots\" is no size: write 512M or 2G",
        "create -n box -m 5                     | 2   | memory of 5 MiB, less than 96",
        "create -n box -m -1G                   | 2   | --memory \"-1G\" is no size: write 512M or 2G",
        "create -n box -c 0                     | 2   | --cpus \"0\" is no number from 1 to 64",
        "create -n box --accel magic            | 2   | accelerator \"magic\", not auto, kvm or tcg",
        "create No-Such-Image                   | 2   | \"No-Such-Image\" is no image reference: repository \"library/No-Such-Image\" is not in lower case",
        "create ./no-such-file                  | 2   | there is no image file or directory ./no-such-file",
        "create -n box -- true                  | 2   | create runs no command: use run, or exec afterwards",
        "exec box                               | 2   | no command: write msb exec box -- COMMAND",
        "exec box true                          | 2   | unexpected \"true\": write the command after --",
        "exec -- true                           | 2   | exec needs the name of a sandbox",
        "exec box --timeout soon -- true        | 2   | --timeout \"soon\" is no duration: write 500ms, 2s, 1.5m or 1h",
        "exec box --timeout 0 -- true           | 2   | --timeout 0 leaves no time to run",
        "exec box --rlimit files=5 -- true      | 2   | --rlimit \"files=5\": write NAME=SOFT[:HARD], NAME one of cpu fsize data stack core rss nproc nofile memlock as locks sigpending msgqueue nice rtprio rttime",
        "exec box --rlimit nofile=9:5 -- true   | 2   | --rlimit \"nofile=9:5\": the soft limit is above the hard one",
        "exec box -e =x -- true                 | 2   | --env \"=x\" has no name: write NAME=value or NAME",
        "exec box -e MSB_UNSET_HERE -- true     | 2   | --env MSB_UNSET_HERE: there is no such variable here to copy",
        "exec box -w tmp -- true                | 2   | --workdir \"tmp\" does not start with /",
        "exec box --stdin maybe -- true         | 2   | --stdin \"maybe\" is neither pipe nor none",
        "exec box --steam -- true               | 2   | unknown option --steam; did you mean --stream?",
        "exec box --env                         | 2   | --env needs a value: NAME[=VALUE]",
        "exec --stream -t box -- true           | 2   | --stream and --tty exclude each other",
        "exec -t box -- true                    | 2   | -t needs a terminal as stdin: leave it out, or use --stream",
        "exec --detach-keys ctrl box -- true    | 2   | --detach-keys \"ctrl\" is no list of keys: write ctrl-p,ctrl-q or a,b, or nothing for none",
        "exec --stdin none -i box -- true       | 2   | --stdin none and --interactive exclude each other",
        "attach box/x                           | 2   | \"box/x\" is no exec: write NAME/NUMBER, as msb exec ls shows it",
        "attach nope                            | 125 | there is no sandbox \"nope\"",
        "exce box -- true                       | 2   | unknown command \"exce\"; did you mean exec?",
        "create -n box --idle-timeout 0         | 2   | --idle-timeout 0 leaves no time to run",
        "create -n box --max-duration long      | 2   | --max-duration \"long\" is no duration: write 500ms, 2s, 1.5m or 1h",
        "create -n box -l =x                    | 2   | \"=x\" is no label: use one line, with a name",
        "stop                                   | 2   | stop needs the name of a sandbox",
        "stop box -l ci                         | 2   | stop takes names or --label, not both",
        "stop box -t 1s -f                      | 2   | --timeout and --force exclude each other",
        "rename box                             | 2   | rename needs a name and a new name",
        "rename nope ../etc                     | 125 | there is no sandbox \"nope\"",
        "wait nope                              | 125 | there is no sandbox \"nope\"",
        "modify nope                            | 2   | modify changes nothing: see msb modify --help",
        "modify nope -l x                       | 125 | there is no sandbox \"nope\"",
        "ls --format xml                        | 2   | --format \"xml\" is neither table nor json",
        "ls all                                 | 2   | unexpected \"all\"",
      })
  void oneLineSaysWhatIsWrong(String words, int status, String message) throws Exception {
    Result result = msb.run(words.split(" +"));
    assertThat(result).isEqualTo(new Result(status, "", "msb: " + message + "\n"));
    assertThat(msb.processes()).isEmpty();
    assertThat(msb.run("ls", "-q").stdout()).isEmpty();
  }

  @Test
  void aNameThatIsTooLongIsRefused() throws Exception {
    Result result = msb.create("x".repeat(64));
    assertThat(result.status()).isEqualTo(2);
    assertThat(result.stderr()).contains("is no name for a sandbox").hasLineCount(1);
  }

  @Test
  void helpIsData() throws Exception {
    Result result = msb.run("exec", "--help").ok();
    assertThat(result.stdout())
        .startsWith("msb exec: run a command in a sandbox")
        .contains("--stream");
    assertThat(result.stderr()).isEmpty();
  }

  @Test
  void theDistributionHasTheManualPages() throws Exception {
    Path java = Path.of(msb.java(List.of()).command().getFirst());
    Path pages = java.resolveSibling("../../share/man/man1");
    String exec = msb.run("man", "exec").ok().stdout();
    assertThat(exec).startsWith(".TH MSB");
    assertThat(pages.resolve("msb-exec.1")).hasContent(exec);
    assertThat(pages.resolve("msb.1")).hasContent(msb.run("man").ok().stdout());
  }
}
