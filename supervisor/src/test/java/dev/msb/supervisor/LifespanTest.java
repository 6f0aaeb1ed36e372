package dev.msb.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msb.home.Ending.Cause;
import org.junit.jupiter.api.Test;

class LifespanTest {
  private static final long MILLI = 1_000_000;
  private static final long START = Long.MAX_VALUE - 50 * MILLI; // the clock may wrap

  private static long at(long millis) {
    return START + millis * MILLI;
  }

  @Test
  void withoutLimitsItNeverEnds() {
    Lifespan life = new Lifespan(START, 0, 0);
    life.observe(false, START);
    assertThat(life.nanosLeft(at(1_000_000))).isEqualTo(Lifespan.NEVER);
    assertThat(life.due(at(1_000_000))).isNull();
  }

  @Test
  void itEndsAfterItsIdleTimeout() {
    Lifespan life = new Lifespan(START, 100, 0);
    life.observe(false, at(10));
    life.observe(false, at(60));
    assertThat(life.nanosLeft(at(60))).isEqualTo(50 * MILLI);
    assertThat(life.due(at(109))).isNull();
    assertThat(life.due(at(110))).isEqualTo(Cause.IDLE);
    assertThat(life.idleMillis(at(110))).isEqualTo(100);
  }

  @Test
  void whileItIsInUseItIsNotIdle() {
    Lifespan life = new Lifespan(START, 100, 0);
    life.observe(false, at(0));
    life.observe(true, at(90));
    assertThat(life.nanosLeft(at(500))).isEqualTo(Lifespan.NEVER);
    assertThat(life.due(at(500))).isNull();
    assertThat(life.idleMillis(at(500))).isZero();
    life.observe(false, at(500));
    assertThat(life.due(at(599))).isNull();
    assertThat(life.due(at(600))).isEqualTo(Cause.IDLE);
  }

  @Test
  void aTouchBeginsTheTimeAnew() {
    Lifespan life = new Lifespan(START, 100, 0);
    life.observe(false, at(0));
    life.touch(at(99));
    life.observe(false, at(99));
    assertThat(life.due(at(198))).isNull();
    assertThat(life.due(at(199))).isEqualTo(Cause.IDLE);
  }

  @Test
  void theMaximumDurationCountsFromTheStartWhateverRuns() {
    Lifespan life = new Lifespan(START, 0, 100);
    life.observe(true, at(40));
    assertThat(life.nanosLeft(at(40))).isEqualTo(60 * MILLI);
    assertThat(life.due(at(99))).isNull();
    assertThat(life.due(at(100))).isEqualTo(Cause.MAX_DURATION);
  }

  @Test
  void ofTwoLimitsTheFirstCounts() {
    Lifespan life = new Lifespan(START, 30, 100);
    life.observe(false, at(0));
    assertThat(life.due(at(30))).isEqualTo(Cause.IDLE);
    life.touch(at(80));
    assertThat(life.nanosLeft(at(80))).isEqualTo(20 * MILLI);
    assertThat(life.due(at(100))).isEqualTo(Cause.MAX_DURATION);
  }
}
