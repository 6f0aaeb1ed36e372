package dev.msb.cli.commands;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/// What is said of a copy that failed: the file under way is no part of it, as it may be gone.
class CopyProgressTest {
  @Test
  void whatIsWholeIsWhatCameBeforeTheFileUnderWay() {
    CopyProgress progress = new CopyProgress(true);
    assertThat(progress.hasWhole()).isFalse();
    progress.begins("/a");
    progress.copied(1 << 20);
    assertThat(progress.hasWhole()).isFalse();
    progress.begins("/b");
    progress.copied(3 << 20);
    assertThat(progress.hasWhole()).isTrue();
    assertThat(progress.whole()).startsWith("1 file, ").contains("1");
    progress.begins("/c");
    assertThat(progress.whole()).startsWith("2 files, ").contains("3");
  }
}
