package dev.msb.image;

import static dev.msb.image.TarBytes.file;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msb.image.BuildListener.Stage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// How a build goes on and ends, well or not. Needs root, for a small disk of its own.
class RootImageEndTest {
  @TempDir Path directory;

  private Path work = Path.of("");
  private Path disk = Path.of("");

  @BeforeEach
  void makeWork() throws Exception {
    work = Files.createDirectory(directory.resolve("work"));
    disk = directory.resolve("disk");
  }

  @Test
  void theSameLayersMakeTheSameBytes() throws Exception {
    List<Layer> layers = layers(List.of(largeTar()));
    RootImage.build(layers, work, disk, ImageLimits.DEFAULT, BuildListener.NONE);
    byte[] first = Files.readAllBytes(disk);
    Files.delete(disk);
    RootImage.build(layers, work, disk, ImageLimits.DEFAULT, BuildListener.NONE);
    assertThat(Files.readAllBytes(disk)).isEqualTo(first);
  }

  @ParameterizedTest
  @EnumSource(Stage.class)
  void anInterruptEndsItAndLeavesNothing(Stage stage) throws Exception {
    List<Layer> layers = layers(List.of(largeTar()));
    assertThatThrownBy(() ->
            RootImage.build(
                layers,
                work,
                disk,
                ImageLimits.DEFAULT,
                (now, done, total) -> {
                  if (now == stage) {
                    Thread.currentThread().interrupt();
                  }
                }))
        .isInstanceOf(InterruptedException.class);
    assertThat(Thread.interrupted()).isFalse();
    assertThat(work).isEmptyDirectory();
    assertThat(disk).doesNotExist();
  }

  @ParameterizedTest
  @EnumSource(Stage.class)
  void progressIsToldUpToTheEnd(Stage stage) throws Exception {
    List<Layer> layers = layers(List.of(largeTar()));
    List<Long> told = new ArrayList<>();
    Set<Long> totals = new HashSet<>();
    RootImage.build(
        layers,
        work,
        disk,
        ImageLimits.DEFAULT,
        (now, done, total) -> {
          if (now == stage) {
            told.add(done);
            totals.add(total);
          }
        });
    assertThat(told).isSorted().hasSizeGreaterThan(2);
    assertThat(totals).containsExactly(told.getLast());
  }

  /// What a child of a test does, where the disk has less room.
  static final class InLittleRoom {
    private InLittleRoom() {}

    public static void main(String[] args) throws Exception {
      Path room = Path.of(args[1]);
      Layer layer = new Layer(Path.of(args[0]), Optional.empty());
      try {
        RootImage.build(
            List.of(layer), room, room.resolve("disk"), ImageLimits.DEFAULT, BuildListener.NONE);
      } catch (ImageException e) {
        System.out.println(e.getMessage());
      }
      try (var left = Files.list(room)) {
        System.out.println(left.toList());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"2m", "5m"})
  void aFullDiskIsSaidInOneLine(String room) throws Exception {
    Files.write(directory.resolve("layer"), largeTar());
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    // The mount is seen by, and ends with, this one shell. The second has room for the spool only.
    String script =
        "mount -t tmpfs -o size="
            + room
            + " none work && exec "
            + java
            + " -cp \"$1\" $2 layer work";
    String output =
        Programs.run(
            directory,
            "unshare",
            "-m",
            "sh",
            "-c",
            script,
            "sh",
            System.getProperty("java.class.path"),
            InLittleRoom.class.getName());
    assertThat(output.lines()).hasSize(2).last().isEqualTo("[]");
    assertThat(output).contains("cannot write to ").contains("work: No space left on device\n");
  }

  /// Three mebibytes that do not compress.
  private static byte[] largeTar() {
    TarBytes tar = new TarBytes();
    Random random = new Random(3);
    byte[] bytes = new byte[300_000];
    for (int i = 0; i < 11; i++) {
      random.nextBytes(bytes);
      tar.add(file("file" + i, "").contents(bytes));
      tar.add(file("small" + i, "text ".repeat(i)));
    }
    return tar.end();
  }

  private List<Layer> layers(List<byte[]> tars) throws Exception {
    List<Layer> layers = new ArrayList<>();
    for (byte[] tar : tars) {
      Path file = directory.resolve("layer" + layers.size());
      layers.add(new Layer(Files.write(file, tar), Optional.of(Digest.of(tar))));
    }
    return layers;
  }
}
