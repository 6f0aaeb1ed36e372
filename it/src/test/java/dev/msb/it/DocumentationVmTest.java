package dev.msb.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msb.it.Transcript.Step;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.io.TempDir;

/// Somebody types the examples of docs/cli.md, one after the other, and sees what stands there.
@Timeout(
    value = 300,
    threadMode = ThreadMode.SEPARATE_THREAD) // a read of a pipe cannot be interrupted
class DocumentationVmTest {
  private static final Path ROOT =
      Path.of(System.getProperty("msb.root", "..")).toAbsolutePath().normalize();
  private static final Path DOCUMENT = ROOT.resolve("docs/cli.md");

  /// The registry of the examples, which here is on some port.
  private static final String REGISTRY = "localhost:5000";

  /// `exec ls` and others that the tables describe apart.
  private static final Pattern DESCRIBED =
      Pattern.compile("(?<=\\| |, )`(msb [a-z]+( [a-z]+)?)[` ]");

  private final Msb msb = new Msb();
  private @Nullable LocalRegistry registry;
  private @Nullable Shell shell;

  @TempDir Path directory;

  DocumentationVmTest() throws IOException {}

  @AfterEach
  void removeAll() throws Exception {
    if (shell != null) {
      shell.close();
    }
    if (registry != null) {
      registry.close();
    }
    msb.removeAll();
  }

  @Test
  void theExamplesDoWhatTheySay() throws Exception {
    String host = startRegistry();
    Shell shell = startShell();
    for (Step step : Transcript.read(DOCUMENT)) {
      String command = step.command().replace(REGISTRY, host);
      boolean terminal = command.contains(" -it ");
      Shell.Result result = terminal ? shell.runAtTerminal(command) : shell.run(command);
      String what = "\"" + command + "\"; all stderr until then:\n" + shell.errors();
      assertThat(result.output().replace(host, REGISTRY)).as(what).matches(step.pattern());
      assertThat(result.status()).as(what).isEqualTo("0");
    }
  }

  @Test
  void everyCommandHasAnExample() throws Exception {
    List<String> described =
        DESCRIBED.matcher(Files.readString(DOCUMENT)).results().map(r -> r.group(1)).toList();
    assertThat(described).contains("msb exec kill", "msb registry logout");
    String examples = String.join("\n", examples());
    for (String command : Stream.concat(described.stream(), commands().stream()).toList()) {
      assertThat(examples).containsPattern("(?m)(^|[ (])" + command + "([ )]|$)");
    }
  }

  @Test
  void theExamplesOfTheHelpAreAmongThem() throws Exception {
    for (String command : commands()) {
      List<String> words = List.of((command + " --help").split(" ", -1));
      String help = msb.run(words.subList(1, words.size()).toArray(new String[0])).ok().stdout();
      List<String> ofHelp =
          help.lines()
              .dropWhile(line -> !line.equals("Examples:"))
              .skip(1)
              .takeWhile(line -> line.startsWith("  "))
              .map(String::strip)
              .toList();
      assertThat(ofHelp).as(command).isNotEmpty();
      assertThat(examples()).as(command).containsAll(ofHelp);
    }
  }

  private static List<String> examples() throws IOException {
    return Transcript.read(DOCUMENT).stream().map(Step::command).toList();
  }

  /// Those that have a manual page: `msb`, `msb exec`, and so on.
  private List<String> commands() throws Exception {
    Path pages = directory.resolve("pages");
    msb.run("man", "-o", pages.toString()).ok();
    try (Stream<Path> files = Files.list(pages)) {
      return files
          .map(page -> page.getFileName().toString().replace(".1", "").replace('-', ' '))
          .toList();
    }
  }

  /// A registry with an image, which images without a host are asked of first.
  private String startRegistry() throws Exception {
    LocalRegistry started = new LocalRegistry();
    registry = started;
    Path layout = directory.resolve("layout");
    String make = ROOT.resolve("it/make-app-image").toString();
    String root = ROOT.resolve("dist/guest/busybox.squashfs").toString();
    Msb.finish(new ProcessBuilder(make, root, layout.toString()).start()).ok();
    started.push(layout, "app", "library/python:3.12");
    Path settings = msb.home().resolve("images.properties");
    Files.writeString(settings, "mirror.docker.io = http://" + started.host() + "\n");
    return started.host();
  }

  /// A shell in an empty directory, that finds msb and has nothing of the user's.
  private Shell startShell() throws IOException {
    ProcessBuilder builder = msb.command();
    builder.directory(Files.createDirectory(directory.resolve("here")).toFile());
    builder.environment().put("HOME", directory.toString());
    builder.environment().put("PATH", ROOT + ":" + System.getenv("PATH"));
    builder.environment().put("TOKEN", "secret");
    Shell started = new Shell(builder, directory.resolve("errors"));
    shell = started;
    return started;
  }
}
