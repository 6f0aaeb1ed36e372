package dev.msb.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a start of `msb exec --stream` loads. Each class that it does not need is paid for by every
/// exec, so the list changes on purpose only: `MSB_GOLDEN=1 ./build vm -Dtest=StartupVmTest` writes
/// it anew.
class StartupVmTest extends BoxTest {
  private static final Path GOLDEN =
      Path.of("src/test/resources/dev/msb/it/exec-stream-classes.txt");

  @TempDir Path directory;

  StartupVmTest() throws IOException {}

  /// Without the start-up cache every class comes from the run-time image, when it is used.
  @Test
  @Tag("quick")
  void execLoadsTheseClassesOfOursAndTheseOfTheJdksPackages() throws Exception {
    SortedSet<String> names = new TreeSet<>();
    for (Loaded loaded : load("-XX:AOTMode=off")) {
      boolean ours = loaded.name().startsWith("dev.msb.");
      String outer = loaded.name().replaceFirst("[$].*", "");
      names.add(ours ? outer : outer.substring(0, outer.lastIndexOf('.') + 1) + "*");
    }

    if (System.getenv("MSB_GOLDEN") != null) {
      Files.createDirectories(GOLDEN.getParent());
      Files.write(GOLDEN, names);
    }
    assertThat(names).containsExactlyElementsOf(Files.readAllLines(GOLDEN));
  }

  /// With it, what it lacks is read, checked and linked anew at each start.
  @Test
  void theStartUpCacheHoldsWhatExecLoads() throws Exception {
    List<String> missing =
        load(cache()).stream()
            .filter(loaded -> !loaded.source().startsWith("shared objects file"))
            .map(Loaded::name)
            .toList();

    assertThat(missing).hasSizeLessThan(6);
    assertThat(missing).noneMatch(name -> name.startsWith("dev.msb."));
  }

  /// A lambda that it lacks takes 5 ms to be made up.
  @Test
  void theStartUpCacheHoldsTheLambdasOfCreate() throws Exception {
    Path log = directory.resolve("classes.log");
    List<String> options = List.of(cache(), "-Xlog:class+load:file=" + log + "::filecount=0");
    for (String quiet : List.of("--quiet", "--ephemeral")) {
      Msb.finish(msb.java(options, "create", "--name", "made", quiet).start()).ok();
      try (Stream<String> lines = Files.lines(log)) {
        assertThat(lines.filter(line -> line.contains("dev.msb.") && line.contains("$$Lambda")))
            .isNotEmpty()
            .allMatch(line -> line.contains("shared objects file"));
      }
      msb.run("rm", "-f", "made").ok();
    }
  }

  private String cache() {
    String java = msb.java(List.of()).command().getFirst();
    return "-XX:AOTCache=" + Path.of(java).resolveSibling("../msb.aot");
  }

  private record Loaded(String name, String source) {}

  /// The classes that it loads, without those that the JVM makes up.
  private List<Loaded> load(String option) throws Exception {
    Path log = directory.resolve("classes.log");
    List<String> options = List.of(option, "-Xlog:class+load:file=" + log + "::filecount=0");
    ProcessBuilder exec =
        msb.java(
            options, "exec", "--stream", "box", "--", "sh", "-c", "cat; echo out; echo err >&2");
    Process process = exec.start();
    process.getOutputStream().write(new byte[] {'i', 'n', '\n'});
    process.getOutputStream().close();
    assertThat(process.getInputStream().readAllBytes())
        .isEqualTo("in\nout\n".getBytes(StandardCharsets.UTF_8));
    assertThat(process.waitFor()).isZero();
    List<Loaded> loaded = new ArrayList<>();
    try (Stream<String> lines = Files.lines(log)) {
      for (String line : lines.toList()) {
        // [0.012s][info][class,load] java.lang.Object source: jrt:/java.base
        int begin = line.lastIndexOf("] ") + 2;
        int end = line.indexOf(" source: ");
        String name = end < 0 ? "" : line.substring(begin, end);
        if (!name.isEmpty() && !name.contains("/")) {
          loaded.add(new Loaded(name, line.substring(end + " source: ".length())));
        }
      }
    }
    assertThat(loaded).isNotEmpty();
    return loaded;
  }
}
