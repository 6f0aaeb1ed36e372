package dev.msb.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FullDiskTest {
  private static final long SECOND = 1_000_000_000;

  private final FullDisk disk = new FullDisk();

  @Test
  void aPauseForAnotherReasonIsNobodysToEnd() {
    assertThat(disk.paused(100 * SECOND)).isFalse();
    assertThat(disk.pausesVm()).isFalse();
    assertThat(disk.nanosLeft(1000 * SECOND)).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void roomIsLookedForEachSecond() {
    disk.found();
    assertThat(disk.paused(100 * SECOND)).isTrue();
    assertThat(disk.nanosLeft(100 * SECOND)).isEqualTo(SECOND);
    assertThat(disk.nanosLeft(101 * SECOND)).isZero();
    disk.looked(101 * SECOND);
    assertThat(disk.nanosLeft(101 * SECOND)).isEqualTo(SECOND);
  }

  @Test
  void aDiskThatHasRoomAndRefusesIsTriedLessAndLessOften() {
    long now = 100 * SECOND;
    long wait = 0;
    for (int i = 0; i < 10; i++) {
      disk.found();
      assertThat(disk.paused(now)).isTrue();
      wait = disk.nanosLeft(now);
      now += wait;
      disk.looked(now);
      disk.resumed(now);
    }
    assertThat(wait).isEqualTo(60 * SECOND);
    now += 10 * SECOND; // it ran
    disk.found();
    disk.paused(now);
    assertThat(disk.nanosLeft(now)).isEqualTo(SECOND);
  }
}
