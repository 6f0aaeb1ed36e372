package dev.msb.supervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msb.home.MsbHome;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Keys, manifests and the directory of the templates, without a VM.
class TemplateTest {
  private static final TemplateKey KEY = TemplateKey.of(List.of("kernel a", "words b"));

  @TempDir Path directory = Path.of("");
  private Templates templates = new Templates(new MsbHome(directory));

  @BeforeEach
  void newHome() {
    templates = new Templates(new MsbHome(directory.resolve("home")));
  }

  @Test
  void aKeyDependsOnEveryFact() {
    assertThat(KEY.id()).matches("[0-9a-f]{16}");
    assertThat(TemplateKey.of(List.of("kernel a", "words b"))).isEqualTo(KEY);
    assertThat(TemplateKey.of(List.of("kernel a", "words c")).id()).isNotEqualTo(KEY.id());
    assertThat(TemplateKey.of(List.of("kernel x", "words b")).id()).isNotEqualTo(KEY.id());
    assertThat(TemplateKey.of(List.of("kernel a")).id()).isNotEqualTo(KEY.id());
  }

  @Test
  void ofTheProcessorOnlyWhatAGuestSeesCounts() {
    List<String> cpuinfo =
        List.of(
            "processor\t: 0",
            "vendor_id\t: GenuineIntel",
            "cpu MHz\t\t: 2599.998",
            "microcode\t: 0xffffffff",
            "flags\t\t: fpu vme",
            "",
            "processor\t: 1",
            "vendor_id\t: Other");
    assertThat(TemplateKey.processor(cpuinfo))
        .containsExactly("vendor_id: GenuineIntel", "microcode: 0xffffffff", "flags: fpu vme");
  }

  @Test
  void whatWasSealedIsOpened() throws IOException {
    assertThat(Template.open(templates.directory(KEY), KEY)).isNull();
    make(KEY);
    try (Template template = Objects.requireNonNull(Template.open(templates.directory(KEY), KEY))) {
      assertThat(template.greeting()).isEqualTo(ByteBuffer.wrap(new byte[] {1, 2}));
      assertThat(template.qemu()).isEqualTo("QEMU 1\r");
      assertThat(template.fds()).hasSize(2);
      assertThat(template.upperFd()).isEqualTo(-1);
    }
  }

  @Test
  void aDiskBelongsToIt() throws IOException {
    make(KEY, "upper");
    Template template = Objects.requireNonNull(Template.open(templates.directory(KEY), KEY));
    assertThat(Path.of("/proc/self/fd/" + template.upperFd())).hasContent("upper");
    template.close();
    Files.delete(templates.directory(KEY).resolve("upper"));
    assertThatThrownBy(() -> Template.open(templates.directory(KEY), KEY))
        .hasMessageContaining("cannot open ");
  }

  @ParameterizedTest
  @CsvSource({"memory, memory", "upper, disk"})
  void anyWriteIsFound(String file, String name) throws IOException {
    make(KEY, "upper");
    Path memory = templates.directory(KEY).resolve(file);
    FileTime time = Files.getLastModifiedTime(memory);
    Path later = directory.resolve("later");
    do { // the clock of a file system ticks a few hundred times a second
      Files.writeString(later, "");
    } while (Files.getLastModifiedTime(later).equals(time));
    Files.write(memory, new byte[] {9}, StandardOpenOption.WRITE);
    Files.setLastModifiedTime(memory, time);
    assertThatThrownBy(() -> Template.open(templates.directory(KEY), KEY))
        .hasMessage("its " + name + " was changed");
  }

  @Test
  void aCopyOfTheMemoryIsNotTheMemory() throws IOException {
    make(KEY);
    Path memory = templates.directory(KEY).resolve("memory");
    byte[] bytes = Files.readAllBytes(memory);
    Files.move(memory, directory.resolve("kept")); // so that its inode is not given away again
    Files.write(memory, bytes);
    assertThatThrownBy(() -> Template.open(templates.directory(KEY), KEY))
        .hasMessage("its memory was changed");
  }

  @Test
  void anotherStateIsFound() throws IOException {
    make(KEY);
    Files.writeString(templates.directory(KEY).resolve("state"), "statf");
    assertThatThrownBy(() -> Template.open(templates.directory(KEY), KEY))
        .hasMessage("its state was changed");
  }

  @Test
  void aChangedOrMissingManifestIsRefused() throws IOException {
    make(KEY);
    Path manifest = templates.directory(KEY).resolve("manifest");
    String text = Files.readString(manifest);
    for (String line : List.of("boot", "greeting", "qemu", "memory", "key.1", "check")) {
      Files.writeString(manifest, text.replace("\n" + line + "=", "\n" + line + "=0"));
      assertThatThrownBy(() -> Template.open(templates.directory(KEY), KEY))
          .as(line)
          .hasMessage("its manifest was changed");
    }
    Files.writeString(manifest, "\\u12");
    assertThatThrownBy(() -> Template.open(templates.directory(KEY), KEY))
        .hasMessage("its manifest cannot be read");
    Files.delete(manifest);
    assertThatThrownBy(() -> Template.open(templates.directory(KEY), KEY))
        .hasMessage("it has no manifest");
  }

  @Test
  void oneMakesAtATime() throws IOException {
    FileLock lock = Objects.requireNonNull(templates.tryLock());
    assertThat(templates.tryLock()).isNull();
    assertThat(templates.prune(0)).isZero();
    lock.acquiredBy().close();
    FileLock next = Objects.requireNonNull(templates.tryLock());
    next.acquiredBy().close();
  }

  @Test
  void whatAKilledMakerLeftIsRemoved() throws IOException {
    FileLock lock = Objects.requireNonNull(templates.tryLock());
    Files.writeString(templates.begin().resolve("memory"), "half");
    assertThat(templates.begin()).isEmptyDirectory();
    templates.removeLeftovers();
    lock.acquiredBy().close();
    assertThat(templates.list()).isEmpty();
  }

  @Test
  void theLongestUnusedAreRemovedAndStayUsableForThoseWhoHaveThem() throws IOException {
    assertThat(templates.prune(0)).isZero();
    make(KEY);
    Files.setLastModifiedTime(templates.directory(KEY).resolve("manifest"), FileTime.fromMillis(1));
    Template used = Objects.requireNonNull(Template.open(templates.directory(KEY), KEY));
    for (int i = 0; i < Templates.KEPT; i++) {
      make(TemplateKey.of(List.of("other " + i)));
    }
    assertThat(templates.list()).hasSize(Templates.KEPT);
    assertThat(templates.list()).noneMatch(info -> info.key().equals(KEY.id()));
    assertThat(Files.readString(Path.of("/proc/self/fd/" + used.fds()[1]))).isEqualTo("state");
    used.close();
    assertThat(templates.prune(1)).isEqualTo(Templates.KEPT - 1);
    assertThat(templates.list()).singleElement().matches(info -> info.memoryBytes() == 6);
  }

  @Test
  void marksAreRemembered() throws IOException {
    assertThat(templates.marked(KEY)).isNull();
    templates.mark(KEY, "started once");
    assertThat(templates.marked(KEY)).isEqualTo("started once");
    assertThat(templates.list()).isEmpty();
  }

  private void make(TemplateKey key, String... more) throws IOException {
    FileLock lock = Objects.requireNonNull(templates.tryLock());
    Path made = templates.begin();
    Files.writeString(made.resolve("memory"), "memory");
    Files.writeString(made.resolve("state"), "state");
    for (String file : more) {
      Files.writeString(made.resolve(file), file);
    }
    Template.seal(made, key, new byte[] {1, 2}, "QEMU 1\r");
    templates.publish(made, key);
    lock.acquiredBy().close();
  }
}
